"""Where tables are in a database: DuckDB, SQLite or Postgres."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from pipeline.inputs.absence import not_there
from pipeline.inputs.contract import RawTable
from pipeline.inputs.file_starts import looks_like, read_start
from pipeline.inputs.findings import Field, Finding, Problem
from pipeline.inputs.look import Look, reached, value_finder
from pipeline.inputs.reasons import DUCKDB_REASONS, POSTGRES_REASONS, reason
from pipeline.inputs.words import did_you_mean, shown, shown_path, sql_name, sql_text
from pipeline.project import ROOT, InputError, database_path
from pipeline.raw_access import ALIAS, SQLITE_HEADER, is_postgres

SQLITE_TYPES = {
    "integer": "BIGINT",
    "real": "DOUBLE",
    "text": "VARCHAR",
    "blob": "BLOB",
}


def look_in_database(look: Look, database: str, schema: str) -> list[Problem]:
    """A DuckDB or SQLite file, or a Postgres database; read only.

    Returns:
        What is wrong with the database itself; then no table is looked for.
    """
    if is_postgres(database):
        return look_in_postgres(look, database, schema)
    path = ROOT / database.removeprefix("sqlite:")
    opened = Finding(RawTable("", True, (), ()), f"RAW_DATABASE {shown_path(path)}")
    if not os.path.lexists(path):
        near = ""
        if path.parent.is_dir() and os.access(path.parent, os.R_OK):
            near = did_you_mean(path.name, [one.name for one in path.parent.iterdir()])
        opened.add(
            "missing_file",
            f"there is no such file.{near} Give a DuckDB or SQLite file, or a"
            " connection string that starts with `postgres:`; a relative path starts at"
            " the project's root.",
        )
        return opened.problems
    start = read_start(opened, path, 100)
    if start is None:
        return opened.problems
    if path.resolve() == database_path(look.environment).resolve():
        opened.add(
            "same_database",
            "it is the file that is built (DUCKDB_PATH). Copy your tables elsewhere.",
        )
    elif start.startswith(SQLITE_HEADER):
        look_in_sqlite(look, opened, path)
    elif start[8:12] == b"DUCK":
        look_in_duckdb(look, opened, path, schema)
    else:
        opened.add(
            "not_a_database",
            f"it is neither a DuckDB nor a SQLite file{looks_like(start)}. For CSV or"
            " Parquet files set RAW_LOCATION to their folder instead.",
        )
    return opened.problems


def look_in_duckdb(look: Look, opened: Finding, path: Path, schema: str) -> None:
    """The tables and views of a DuckDB file."""
    try:
        with reached(look):
            look_in_attached(look, opened, schema, shown_path(path))
    except duckdb.Error as error:
        look.findings.clear()
        meaning = reason(str(error), DUCKDB_REASONS)
        opened.add("not_a_database", f"DuckDB cannot open it: {meaning}")


def look_in_attached(look: Look, opened: Finding, schema: str, place: str) -> None:
    """The tables of a schema of the attached database, DuckDB or Postgres."""
    query = (
        "select table_schema, table_name from information_schema.tables"
        f" where table_catalog = '{ALIAS}' order by all"
    )
    rows: list[tuple[str, str]] = look.connection.execute(query).fetchall()
    here = [row for row in rows if row[0].lower() == schema.lower()]
    if not here:
        offer_schemas(look, opened, schema, rows)
        return
    for table in look.contract.values():
        finding = look.start(table)
        named = one_table(look, finding, f"schema {schema} of {place}", here)
        if named is None:
            continue
        finding.where = f"{place}, {'.'.join(named)}"
        relation = f"{ALIAS}.{sql_name(named[0])}.{sql_name(named[1])}"
        try:
            described = look.connection.execute(f"describe select * from {relation}")
            finding.fields = [Field(row[0], row[1]) for row in described.fetchall()]
        except duckdb.Error:
            finding.add(
                "unreadable",
                "it cannot be read. If it is a view, what it selects from is not there,"
                " or is named with the database's name: give a table.",
            )
        finding.has_values = value_finder(look, relation)


def one_table(
    look: Look, finding: Finding, place: str, tables: Sequence[tuple[str, str]]
) -> tuple[str, str] | None:
    """A table's own schema and name, whatever their case; told if none or several."""
    found = [row for row in tables if row[1].lower() == finding.table.name]
    if not found:
        names = [row[1] for row in tables]
        not_there(look, finding, f"in {place}", names, is_file=False)
    elif len(found) > 1:
        both = " and ".join(f"`{'.'.join(row)}`" for row in found)
        finding.add("two_sources", f"both {both} are there. Keep one.")
    return found[0] if len(found) == 1 else None


def offer_schemas(
    look: Look, opened: Finding, schema: str, rows: Sequence[tuple[str, str]]
) -> None:
    """There is nothing in the schema: which one has tables of the contract?"""
    known: dict[str, int] = {}
    for name, table in rows:
        known[name] = known.get(name, 0) + (table.lower() in look.contract)
    best = max(known, key=lambda name: known[name], default=None)
    if best is not None and known[best]:
        many = "table" if known[best] == 1 else "tables"
        hint = f" Schema `{best}` has {known[best]} {many} of the contract:"
        hint += f" set var raw_schema: {best} in dbt_project.yml."
    elif known:
        hint = f" There are {', '.join(sorted(known))}: set var raw_schema to yours."
    else:
        hint = " There is no table in any other either, that this user may see."
    opened.add("missing_schema", f"schema `{shown(schema)}` has no tables.{hint}")


def look_in_sqlite(look: Look, opened: Finding, path: Path) -> None:
    """The tables and views of a SQLite file; it has no schemas."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as lite:
            query = (
                "select 'main', name from sqlite_master where type in ('table', 'view')"
            )
            tables: list[tuple[str, str]] = lite.execute(query).fetchall()
            for table in look.contract.values():
                finding = look.start(table)
                named = one_table(look, finding, shown_path(path), tables)
                if named is not None:
                    finding.where = f"{shown_path(path)}, {named[1]}"
                    describe_sqlite(lite, finding, named[1])
    except sqlite3.Error as error:
        look.findings.clear()
        opened.add(
            "not_a_database",
            f"SQLite cannot read it ({error}): it is in use, damaged or not complete."
            " Close it elsewhere, or copy it again.",
        )


def describe_sqlite(lite: sqlite3.Connection, finding: Finding, name: str) -> None:
    """A SQLite column holds what it likes: its type is that of its first values."""
    try:
        query = "select name from pragma_table_info(?)"
        for (column,) in lite.execute(query, [name]).fetchall():
            first = (
                f"select {sql_name(column)} as value from {sql_name(name)} limit 100"
            )
            query = f"select distinct typeof(value) from ({first})"
            kinds = {row[0] for row in lite.execute(query)} - {"null"}
            kind = "real" if "real" in kinds else min(kinds, default="text")
            is_mixed = len(kinds) > 1 and kind != "real"
            type_ = "VARCHAR" if is_mixed else SQLITE_TYPES[kind]
            finding.fields.append(Field(column, type_))
    except sqlite3.OperationalError as error:
        finding.add("unreadable", f"it cannot be read ({error}): give a table.")


def look_in_postgres(look: Look, database: str, schema: str) -> list[Problem]:
    """The tables of a Postgres database; no message shows the password."""
    place = shown_postgres(database)
    opened = Finding(RawTable("", True, (), ()), f"RAW_DATABASE {place}")
    try:
        with reached(look):
            look_in_attached(look, opened, schema, place)
            if look.findings:
                ask_postgres(look)
    except InputError as error:
        opened.add("unreachable", str(error))
    except duckdb.Error as error:
        look.findings.clear()
        meaning = reason(str(error), POSTGRES_REASONS)
        opened.add("unreachable", f"the database cannot be read: {meaning}")
    return opened.problems


def ask_postgres(look: Look) -> None:
    """What only Postgres itself knows: what may be read, and what is exact.

    A `numeric` without precision is a double to DuckDB, but dbt has it as text.
    """
    query = (
        "select nspname::text, relname::text, attname::text,"
        " format_type(atttypid, null), has_schema_privilege(n.oid, 'usage')"
        " and has_table_privilege(c.oid, 'select')"
        " from pg_class c join pg_namespace n on relnamespace = n.oid"
        " join pg_attribute on attrelid = c.oid and attnum > 0 and not attisdropped"
    )
    rows = look.connection.execute(
        f"from postgres_query('{ALIAS}', {sql_text(query)})"
    ).fetchall()
    exact = {row[:3] for row in rows if row[3] == "numeric"}
    refused = {row[:2] for row in rows if not row[4]}
    for finding in look.findings:
        schema, _, table = finding.where.rpartition(", ")[2].partition(".")
        finding.fields = [
            Field(one.name) if (schema, table, one.name) in exact else one
            for one in finding.fields
        ]
        if (schema, table) in refused:
            finding.fields = []
            finding.add(
                "no_permission",
                f"the user may not read it. Grant usage on schema `{schema}` and select"
                f" on `{table}`.",
            )


def shown_postgres(database: str) -> str:
    """Where a connection string leads, without user and password."""
    target = database.removeprefix("postgres:").strip()
    if "://" in database:
        # all before the last @ may be password, whatever characters it has
        rest = database.split("://", 1)[1].rpartition("@")[2].split("?")[0]
        return f"postgres {shown(rest)}".rstrip()
    pairs = re.findall(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\S*)", target)
    known = ("host", "hostaddr", "port", "dbname", "service")
    return " ".join(
        ["postgres", *(f"{key}={shown(value)}" for key, value in pairs if key in known)]
    )

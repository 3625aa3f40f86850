"""Where tables are in a database: DuckDB, SQLite or Postgres."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from pipeline.console import display_path
from pipeline.project import ROOT, InputError
from pipeline.raw.connection import ALIAS, SQLITE_HEADER, is_postgres
from pipeline.raw.context import InspectionContext, reached, value_finder
from pipeline.raw.contract import RawTable
from pipeline.raw.error_messages import DUCKDB_REASONS, POSTGRES_REASONS, reason
from pipeline.raw.findings import Field, Finding, Problem
from pipeline.raw.magic_bytes import looks_like, read_start
from pipeline.raw.missing_tables import report_missing
from pipeline.raw.text import did_you_mean, display, without_credentials
from pipeline.sql import sql_name, sql_text, without_exponent

SQLITE_TYPES = {
    "integer": "BIGINT",
    "real": "DOUBLE",
    "text": "VARCHAR",
    "blob": "BLOB",
}


def inspect_database(
    context: InspectionContext, database: str, schema: str
) -> list[Problem]:
    """A DuckDB or SQLite file, or a Postgres database; read only.

    Returns:
        What is wrong with the database itself; then no table is looked for.
    """
    if is_postgres(database):
        return inspect_postgres(context, database, schema)
    if "://" in database or re.match(r"(?i)jdbc:|odbc:|server=|driver=", database):
        where = f"RAW_DATABASE {without_credentials(database)}"
        return [Problem(where, "other_database", other_database(database))]
    path = ROOT / database.removeprefix("sqlite:")
    where = without_credentials(display_path(path))
    opened = Finding(RawTable("", True, (), ()), f"RAW_DATABASE {where}")
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
    if path.resolve() == context.settings.duckdb_path.resolve():
        opened.add(
            "same_database",
            "it is the file that is built (DUCKDB_PATH). Copy your tables elsewhere.",
        )
    elif start.startswith(SQLITE_HEADER):
        inspect_sqlite(context, opened, path)
    elif start[8:12] == b"DUCK":
        inspect_duckdb(context, opened, path, schema)
    else:
        opened.add(
            "not_a_database",
            f"it is neither a DuckDB nor a SQLite file{looks_like(start)}. For CSV or"
            " Parquet files set RAW_LOCATION to their folder instead.",
        )
    return opened.problems


def other_database(database: str) -> str:
    """The message for a connection string of another kind of database."""
    scheme = re.split(r"[:=]", database.lower().removeprefix("jdbc:"))[0]
    name = scheme.split("+")[0]
    can = "Only DuckDB and SQLite files and PostgreSQL databases can be read."
    if name in ("sqlite", "duckdb"):
        return f"a {name} database is given by its file's path alone, without a URL."
    if name in ("postgres", "postgresql"):
        return (
            "PostgreSQL is given as postgresql://user:password@host:5432/name, without"
            " a driver before it or in it."
        )
    return (
        f"{display(scheme)} cannot be read. {can} Export its tables as CSV"
        " or Parquet into a folder, and set RAW_LOCATION to it."
    )


def inspect_duckdb(
    context: InspectionContext, opened: Finding, path: Path, schema: str
) -> None:
    """The tables and views of a DuckDB file."""
    try:
        with reached(context):
            inspect_attached(context, opened, schema, display_path(path))
    except duckdb.Error as error:
        context.findings.clear()
        meaning = reason(str(error), DUCKDB_REASONS)
        opened.add("not_a_database", f"DuckDB cannot open it: {meaning}")


def inspect_attached(
    context: InspectionContext, opened: Finding, schema: str, place: str
) -> None:
    """The tables of a schema of the attached database, DuckDB or Postgres."""
    query = (
        "select table_schema, table_name from information_schema.tables"
        f" where table_catalog = '{ALIAS}' order by all"
    )
    rows: list[tuple[str, str]] = context.connection.execute(query).fetchall()
    here = [row for row in rows if row[0].lower() == schema.lower()]
    if not here:
        offer_schemas(context, opened, schema, rows)
        return
    for table in context.contract.values():
        finding = context.start(table)
        if context.is_left_out(finding):
            continue
        named = one_table(context, finding, f"schema {schema} of {place}", here)
        if named is None:
            continue
        finding.where = f"{place}, {'.'.join(named)}"
        relation = f"{ALIAS}.{sql_name(named[0])}.{sql_name(named[1])}"
        try:
            described = context.connection.execute(f"describe select * from {relation}")
            finding.fields = [Field(row[0], row[1]) for row in described.fetchall()]
            finding.relation = relation
        except duckdb.Error:
            finding.add(
                "unreadable",
                "it cannot be read. If it is a view, what it selects from is not there,"
                " or is named with the database's name: give a table.",
            )
        finding.has_values = value_finder(context, relation)


def one_table(
    context: InspectionContext,
    finding: Finding,
    place: str,
    tables: Sequence[tuple[str, str]],
) -> tuple[str, str] | None:
    """A table's schema and name in any case; none and several are reported."""
    found = [row for row in tables if row[1].lower() == finding.table.name]
    if not found:
        names = [row[1] for row in tables]
        report_missing(context, finding, f"in {place}", names, is_file=False)
    elif len(found) > 1:
        both = " and ".join(f"`{'.'.join(row)}`" for row in found)
        finding.add("two_sources", f"both {both} are there. Keep one.")
    return found[0] if len(found) == 1 else None


def offer_schemas(
    context: InspectionContext,
    opened: Finding,
    schema: str,
    rows: Sequence[tuple[str, str]],
) -> None:
    """There is nothing in the schema: which one has tables of the contract?"""
    known: dict[str, int] = {}
    for name, table in rows:
        known[name] = known.get(name, 0) + (table.lower() in context.contract)
    best = max(known, key=lambda name: known[name], default=None)
    if best is not None and known[best]:
        many = "table" if known[best] == 1 else "tables"
        hint = f" Schema `{best}` has {known[best]} {many} of the contract:"
        hint += f" set {context.schema_setting}: {best} in dbt_project.yml."
    elif known:
        hint = (
            f" There are {', '.join(sorted(known))}: set {context.schema_setting} to"
            " yours."
        )
    else:
        hint = " There is no table in any other either, that this user may see."
    opened.add("missing_schema", f"schema `{display(schema)}` has no tables.{hint}")


def inspect_sqlite(context: InspectionContext, opened: Finding, path: Path) -> None:
    """The tables and views of a SQLite file; it has no schemas."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as lite:
            query = (
                "select 'main', name from sqlite_master where type in ('table', 'view')"
            )
            tables: list[tuple[str, str]] = lite.execute(query).fetchall()
            for table in context.contract.values():
                finding = context.start(table)
                if context.is_left_out(finding):
                    continue
                named = one_table(context, finding, display_path(path), tables)
                if named is not None:
                    finding.where = f"{display_path(path)}, {named[1]}"
                    describe_sqlite(lite, finding, named[1])
                    if context.reads_values:
                        known = context.known_names(table)
                        check_sqlite_text(lite, finding, named[1], known)
    except sqlite3.Error as error:
        context.findings.clear()
        opened.add(
            "not_a_database",
            f"SQLite cannot read it ({error}): another program has it open, or it is"
            " damaged or incomplete. Close it there, or copy it again.",
        )


def describe_sqlite(lite: sqlite3.Connection, finding: Finding, name: str) -> None:
    """A SQLite column holds what it likes: its type is that of its first values."""
    try:
        finding.relation = f"{ALIAS}.main.{sql_name(name)}"
        query = "select name, upper(type) from pragma_table_info(?)"
        for column, declared in lite.execute(query, [name]).fetchall():
            first = (
                f"select {sql_name(column)} as value from {sql_name(name)} limit 100"
            )
            query = f"select distinct typeof(value) from ({first})"
            kinds = {row[0] for row in lite.execute(query)} - {"null"}
            kind = "real" if "real" in kinds else min(kinds, default="text")
            is_mixed = len(kinds) > 1 and kind != "real"
            type_ = "VARCHAR" if is_mixed else SQLITE_TYPES[kind]
            expression = sql_name(column)
            if makes_numbers(declared or ""):
                expression = without_exponent(expression)
            finding.fields.append(Field(column, type_, expression))
    except sqlite3.OperationalError as error:
        finding.add("unreadable", f"it cannot be read ({error}): give a table.")


def check_sqlite_text(
    lite: sqlite3.Connection, finding: Finding, name: str, known: set[str]
) -> None:
    """Whether the text of the columns that are read is UTF-8, which SQLite lets be."""
    names = [one.name for one in finding.fields if one.name.strip().lower() in known]
    for column in names:
        # as bytes, and only what is not ASCII: the rest is fast
        query = (
            f"select rowid, cast(value as blob) from (select row_number() over () as"
            f" rowid, {sql_name(column)} as value from {sql_name(name)})"
            " where typeof(value) = 'blob' or value glob '*[^ -~]*'"
        )
        for row, value in lite.execute(query):
            try:
                value.decode()
            except UnicodeDecodeError:
                finding.add(
                    "encoding",
                    f"`{column}` of row {row:,} is not UTF-8 text (it starts with the"
                    f" bytes {value[:12].hex(' ').upper()}). Write it to SQLite as"
                    " UTF-8; a binary key as its hexadecimal digits.",
                    column,
                )
                break


def makes_numbers(declared: str) -> bool:
    """Whether SQLite makes a number of what looks like one in a column of that type.

    The connection reads all as text (`connection.py`), and that of a number may have an
    exponent.
    """
    is_text = not declared or re.search("CHAR|CLOB|TEXT|BLOB", declared)
    return not is_text or "INT" in declared


def inspect_postgres(
    context: InspectionContext, database: str, schema: str
) -> list[Problem]:
    """The tables of a Postgres database; no message shows the password."""
    place = display_postgres(database)
    opened = Finding(RawTable("", True, (), ()), f"RAW_DATABASE {place}")
    try:
        with reached(context):
            inspect_attached(context, opened, schema, place)
            if context.findings:
                ask_postgres(context)
    except InputError as error:
        opened.add("unreachable", str(error))
    except duckdb.Error as error:
        context.findings.clear()
        meaning = reason(str(error), POSTGRES_REASONS)
        opened.add("unreachable", f"the database cannot be read: {meaning}")
    return opened.problems


def ask_postgres(context: InspectionContext) -> None:
    """What only Postgres itself knows: what may be read, and what is exact.

    DuckDB reads a `numeric` without precision as a double, which has 15 digits: where a
    table has one in a column that is read, PostgreSQL itself makes text of it.
    """
    query = (
        "select nspname::text, relname::text, attname::text,"
        " format_type(atttypid, null), has_schema_privilege(n.oid, 'usage')"
        " and has_table_privilege(c.oid, 'select')"
        " from pg_class c join pg_namespace n on relnamespace = n.oid"
        " join pg_attribute on attrelid = c.oid and attnum > 0 and not attisdropped"
    )
    rows = context.connection.execute(
        f"from postgres_query('{ALIAS}', {sql_text(query)})"
    ).fetchall()
    exact = {row[:3] for row in rows if row[3] == "numeric"}
    refused = {row[:2] for row in rows if not row[4]}
    for finding in context.findings:
        schema, _, table = finding.where.rpartition(", ")[2].partition(".")
        known = context.known_names(finding.table)
        if any(
            (schema, table, one.name) in exact and one.name.lower() in known
            for one in finding.fields
        ):
            finding.fields = [
                Field(one.name) if (schema, table, one.name) in exact else one
                for one in finding.fields
            ]
            columns = ", ".join(
                f"{sql_name(one.name)}::text as {sql_name(one.name)}"
                if (schema, table, one.name) in exact
                else sql_name(one.name)
                for one in finding.fields
            )
            query = f"select {columns} from {sql_name(schema)}.{sql_name(table)}"
            finding.relation = f"postgres_query('{ALIAS}', {sql_text(query)})"
        if (schema, table) in refused:
            finding.fields = []
            finding.add(
                "no_permission",
                f"the user may not read it. Grant usage on schema `{schema}` and select"
                f" on `{table}`.",
            )


def display_postgres(database: str) -> str:
    """Where a connection string leads, without user and password."""
    target = database.removeprefix("postgres:").strip()
    if "://" in database:
        # all before the last @ may be password, whatever characters it has
        rest = database.split("://", 1)[1].rpartition("@")[2].split("?")[0]
        return f"postgres {display(rest)}".rstrip()
    pairs = re.findall(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\S*)", target)
    known = ("host", "hostaddr", "port", "dbname", "service")
    return " ".join(
        [
            "postgres",
            *(f"{key}={display(value)}" for key, value in pairs if key in known),
        ]
    )

"""Erase what one database file holds of a user or an account.

Rows and ids stay, so that counts stay. The file is written from scratch: DuckDB leaves
what was updated or deleted in a file's free blocks.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb

from pipeline.history.reported import TABLE as REPORTED
from pipeline.publish.paths import UNFINISHED
from pipeline.sql import sql_name, sql_text

PERSON = ("email", "email_hash", "role", "comment")
ACCOUNT = (
    *("account_name", "csm_owner", "employees", "segments"),
    *("author", "note_author", "risk_reason", "next_step"),  # of notes
)
SEGMENTS = ("industry", "country", "employee_band", "acquisition_channel")
OF_VAR = "segment_"  # begins the names of those of var segments
# Of base_accounts; all its other columns are erased, those of var segments among them.
OF_BASE_ACCOUNTS = (
    *("account_id", "signed_up_on", "is_internal", "row_key", "updated_at"),
    *("first_date_at", "key_rank", "rejection_reason"),
)
# Folder for unfinished files beside the one that is erased.
WORK = f"{UNFINISHED}forget-"
# Layers in which a segment that is not known is `unknown`, not null (rule 12).
WITH_UNKNOWN = ("intermediate", "marts")
# Copied from the history, and read by views of staging: erased, not dropped.
OF_HISTORY = ("account_history", "history_starts")


@dataclass(frozen=True)
class Subject:
    """Who is to be forgotten.

    Attributes:
        kind: What it is.
        id: Its id, as in the marts.
        replacement: Of the id; None: it stays.
    """

    kind: Literal["user", "account"]
    id: str
    replacement: str | None = None


@dataclass(frozen=True)
class Change:
    """What was erased from a table, or how many rows a dropped one had."""

    table: str
    rows: int
    is_dropped: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the file, and its columns with their types."""

    schema: str
    name: str
    columns: Mapping[str, str]

    @property
    def label(self) -> str:
        """Its name for people."""
        return self.name if self.schema == "main" else f"{self.schema}.{self.name}"


@contextmanager
def erased_copy(
    file: Path, subject: Subject, raw_schemas: Collection[str] = ()
) -> Iterator[tuple[Path, list[Change]] | None]:
    """A new file without what is to be forgotten, and what differs; then it is removed.

    Args:
        file: A database, which is not changed.
        subject: Who is to be forgotten.
        raw_schemas: Schemas with copies of raw tables, which the next build makes
            again: they are dropped.

    Yields:
        None where there is nothing to erase.
    """
    with TemporaryDirectory(dir=file.parent, prefix=WORK) as folder:
        work, clean = Path(folder) / "work.duckdb", Path(folder) / file.name
        shutil.copyfile(file, work)
        with duckdb.connect() as connection:
            connection.execute(f"attach {sql_text(work)} as work")
            if not _is_known(connection, subject):
                changes = []
            else:
                changes = _drop(connection, raw_schemas)
                changes += _erase(connection, subject)
            if not changes:
                yield None
                return
            name = sql_name(file.stem)
            connection.execute(f"attach {sql_text(clean)} as {name}")
            connection.execute(f"copy from database work to {name}")
            connection.execute(f"detach {name}")
        work.unlink()
        yield clean, changes


def remove_leftovers(file: Path) -> None:
    """Remove what a killed run left beside a file."""
    for folder in file.parent.glob(f"{WORK}*"):
        shutil.rmtree(folder)


def is_known(file: Path, subject: Subject) -> bool:
    """Whether any row of a file is of that user or account."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {sql_text(file)} as work (read_only)")
        return _is_known(connection, subject)


def _is_known(connection: duckdb.DuckDBPyConnection, subject: Subject) -> bool:
    return any(
        connection.execute(
            f"select 1 from {_sql(table)} where {condition} limit 1"
        ).fetchone()
        for table in _tables(connection)
        if (condition := _condition(table, subject))
    )


def _drop(
    connection: duckdb.DuckDBPyConnection, schemas: Collection[str]
) -> list[Change]:
    """Drop copies of raw tables, and the views on the way to staging."""
    changes = []
    for schema, name, is_view in connection.execute(
        "select table_schema, table_name, table_type = 'VIEW'"
        " from information_schema.tables where table_catalog = 'work'"
        " order by all"
    ).fetchall():
        if schema not in schemas or name in OF_HISTORY:
            continue
        full = f"work.{sql_name(schema)}.{sql_name(name)}"
        if not is_view:
            found = connection.execute(f"select count(*) from {full}").fetchall()
            changes.append(Change(f"{schema}.{name}", found[0][0], is_dropped=True))
        connection.execute(f"drop {'view' if is_view else 'table'} {full}")
    return changes


def _erase(connection: duckdb.DuckDBPyConnection, subject: Subject) -> list[Change]:
    changes = []
    for table in _tables(connection):
        rows = 0
        if condition := _condition(table, subject):
            cleared = _cleared(table, subject)
            rows = _update(connection, table, cleared, condition)
        if subject.replacement:
            rows = max(rows, _replace_id(connection, table, subject))
        if rows:
            changes.append(Change(table.label, rows))
    return changes


def _condition(table: Table, subject: Subject) -> str:
    """Which rows are of the subject; empty where the table cannot have any."""
    column, text = f"{subject.kind}_id", sql_text(subject.id)
    found = []
    if column in table.columns:
        found.append(f"cast({column} as varchar) = {text}")
    if table.columns.get("raw_row") == "VARCHAR":
        found.append(
            f"json_extract_string(try_cast(raw_row as json), '{column}') = {text}"
        )
    if subject.kind == "account" and table.name == REPORTED:
        found.append(f"regexp_matches(detail, {sql_text(_named(subject))})")
    return " or ".join(found)


def _named(subject: Subject) -> str:
    """Its id in "subscriptions: 3 late rows (A0043 2, A0065 1)"."""
    return rf"([(]|, ){re.escape(subject.id)} ([0-9])"


def _cleared(table: Table, subject: Subject) -> dict[str, str]:
    """Columns to erase, with the SQL of what is there afterwards."""
    names: tuple[str, ...] = (*PERSON, "raw_row")
    if subject.kind == "account":
        names += (*ACCOUNT, *SEGMENTS)
        names += tuple(name for name in table.columns if name.startswith(OF_VAR))
        if table.name == "base_accounts":
            names += tuple(c for c in table.columns if c not in OF_BASE_ACCOUNTS)
    return {
        name: "'unknown'"
        if (name in SEGMENTS or name.startswith(OF_VAR))
        and table.schema in WITH_UNKNOWN
        else "null"
        for name in names
        if name in table.columns
    }


def _replace_id(
    connection: duckdb.DuckDBPyConnection, table: Table, subject: Subject
) -> int:
    text, new = sql_text(subject.id), sql_text(subject.replacement)
    columns = ["user_id"]
    if subject.kind == "account":
        columns = ["account_id", "referrer_account_id", "referred_account_id"]
    rows = 0
    if subject.kind == "account" and "alias_id" in table.columns:
        is_of_it = f"account_id = {text}"
        rows += _update(connection, table, {"alias_id": new}, is_of_it)
        rows += _update(connection, table, {"row_key": new}, is_of_it)
    for column in (*columns, "row_key"):
        if column in table.columns:
            rows += _update(connection, table, {column: new}, f"{column} = {text}")
    if subject.kind == "account" and table.name == REPORTED:
        named = sql_text(_named(subject))
        renamed = sql_text(rf"\1{subject.replacement} \2")
        detail = f"regexp_replace(detail, {named}, {renamed}, 'g')"
        rows += _update(connection, table, {"detail": detail}, "detail is not null")
    if subject.kind == "account" and "alert_id" in table.columns:
        start = sql_text(f"{subject.id}|")
        rest = f"{new} || substr(alert_id, {len(subject.id) + 1})"
        is_of_it = f"starts_with(alert_id, {start})"
        rows += _update(connection, table, {"alert_id": rest}, is_of_it)
    return rows


def _update(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    values: Mapping[str, str],
    condition: str,
) -> int:
    """Set columns of the rows of a condition; the number of rows that changed."""
    given = {name: value for name, value in values.items() if name in table.columns}
    if not given:
        return 0
    assigned = ", ".join(f"{sql_name(name)} = {value}" for name, value in given.items())
    differs = " or ".join(
        f"{sql_name(name)} is distinct from {value}" for name, value in given.items()
    )
    found = connection.execute(
        f"update {_sql(table)} set {assigned} where ({condition}) and ({differs})"
    ).fetchall()
    return int(found[0][0])


def _tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for schema, name, column, kind in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        " join duckdb_tables() using (database_name, schema_name, table_name)"
        " where database_name = 'work' order by schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault((schema, name), {})[column] = kind
    return [Table(schema, name, columns) for (schema, name), columns in found.items()]


def _sql(table: Table) -> str:
    return f"work.{sql_name(table.schema)}.{sql_name(table.name)}"

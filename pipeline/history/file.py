"""The file that history is kept in: where it is, its tables, how it is opened."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipeline.console import display_path
from pipeline.project import ROOT
from pipeline.settings import Settings
from pipeline.sql import sql_name, sql_text

ALIAS = "history"
SECONDS_TO_WAIT = 10.0  # others have the file open for less than a second


class HistoryError(Exception):
    """The history cannot be used; the message says why and what to do next."""


@dataclass(frozen=True)
class HistoryTable:
    """A table of versions: a row is added where one of its columns changed.

    Attributes:
        name: In the file.
        of_table: The raw table whose rows it has.
        key: Columns that identify a row.
        columns: The other columns with their types.
        gone: Flag of the version that is added when the row is no longer there; its
            other columns are as in the version before.
        current: The rows of a build, with the flag; `{columns}` stands for the key and
            the columns, `{built}` for the warehouse, `{as_of}` for the date of its
            metrics.
    """

    name: str
    of_table: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    gone: str
    current: str

    def current_rows(self, built: str, as_of: date) -> str:
        """SQL: the rows of a build."""
        columns = ", ".join(map(sql_name, (*self.key, *self.columns)))
        return self.current.format(
            columns=columns, built=built, as_of=f"date '{as_of}'"
        )

    @property
    def values(self) -> tuple[str, ...]:
        """What is compared with the version before."""
        return (*self.columns, self.gone)


TABLES = (
    HistoryTable(
        name="accounts_history",
        of_table="accounts",
        key=("account_id",),
        columns={
            "account_name": "varchar",
            "industry": "varchar",
            "country": "varchar",
            "employees": "bigint",
            "acquisition_channel": "varchar",
            "csm_owner": "varchar",
            "signed_up_on": "date",
            "is_internal": "boolean",
            "segments": "varchar",  # JSON; files of earlier versions lack it
        },
        gone="is_deleted",
        # a row that is marked as deleted still has its attributes (rule 74)
        current="""
            select {columns}, false as is_deleted
            from {built}.staging.stg_accounts
            where signed_up_on <= {as_of}
            union all
            select {columns}, true as is_deleted
            from {built}.staging.stg_accounts_set_aside
            where not is_filtered and coalesce(signed_up_on <= {as_of}, true)
        """,
    ),
    HistoryTable(
        name="users_history",
        of_table="users",
        key=("user_id",),
        columns={
            "account_id": "varchar",
            "role": "varchar",
            "created_at": "timestamp",
            "deactivated_at": "timestamp",
        },
        gone="is_deleted",
        current="""
            select {columns}, false as is_deleted
            from {built}.staging.stg_users
            where created_on <= {as_of}
        """,
    ),
    HistoryTable(
        name="subscription_items_history",
        of_table="subscriptions",
        key=("subscription_id", "subscription_item_id"),
        columns={
            "plan": "varchar",
            "billing_interval": "varchar",
            "seats": "bigint",
            "amount": "decimal(18, 4)",
            "currency": "varchar",
        },
        gone="is_ended",
        current="""
            select {columns}, false as is_ended
            from {built}.staging.stg_subscriptions
            where
                started_on <= {as_of}
                and coalesce(ended_on, date '9999-12-31') > {as_of}
        """,
    ),
)


@dataclass(frozen=True)
class LastSnapshot:
    """The latest snapshot of a file."""

    number: int
    as_of_date: date
    origin: str


def history_path(config: Mapping[str, Any], settings: Settings) -> Path | None:
    """HISTORY_PATH, else var history_path; None where no history is kept."""
    if settings.history_path:
        return settings.history_path
    given = config.get("history_path")
    return ROOT / Path(str(given)).expanduser() if given else None


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of a new file, which is attached as `history`."""
    connection.execute(
        f"create table if not exists {ALIAS}.snapshots (snapshot_number bigint,"
        " as_of_date date, taken_at timestamp, origin varchar)"
    )
    for table in TABLES:
        keys = "".join(f"{sql_name(name)} varchar, " for name in table.key)
        columns = "".join(
            f"{sql_name(name)} {kind}, " for name, kind in table.columns.items()
        )
        connection.execute(
            f"create table if not exists {ALIAS}.{table.name} ({keys}{columns}"
            f"{table.gone} boolean, valid_from date, snapshot_number bigint)"
        )
    if "segments" not in columns_of(connection, "accounts_history"):
        connection.execute(
            f"alter table {ALIAS}.accounts_history add column segments varchar"
        )


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    """The columns of a table of the file that is attached as `history`."""
    found = connection.execute(
        "select column_name from duckdb_columns()"
        " where database_name = ? and table_name = ?",
        [ALIAS, table],
    ).fetchall()
    return {name for (name,) in found}


def last_snapshot(connection: duckdb.DuckDBPyConnection) -> LastSnapshot | None:
    """The latest snapshot of the file that is attached as `history`."""
    row = connection.execute(
        f"select snapshot_number, as_of_date, origin from {ALIAS}.snapshots"
        " order by snapshot_number desc limit 1"
    ).fetchone()
    return LastSnapshot(*row) if row else None


def read_last_snapshot(file: Path | None) -> LastSnapshot | None:
    """The latest snapshot of a file; None where there is no file.

    Raises:
        HistoryError: It cannot be read.
    """
    if file is None or not file.exists():
        return None
    with duckdb.connect() as connection, attached(connection, file, read_only=True):
        return last_snapshot(connection)


@contextmanager
def attached(
    connection: duckdb.DuckDBPyConnection, file: Path, *, read_only: bool
) -> Iterator[None]:
    """Have the file attached as `history`.

    Raises:
        HistoryError: It is no history, or another program has it open.
    """
    option = " (read_only)" if read_only else ""
    statement = f"attach {sql_text(file)} as {ALIAS}{option}"
    until = time.monotonic() + SECONDS_TO_WAIT
    while True:
        try:
            connection.execute(statement)
            break
        except duckdb.Error as error:
            if "lock" not in str(error).lower():
                raise HistoryError(_not_a_history(file)) from None
            if time.monotonic() > until:
                raise HistoryError(
                    f"{display_path(file)} is open in another program:"
                    f" {str(error).splitlines()[0]}. Close it there, and run the"
                    " command again."
                ) from None
        time.sleep(0.2)
    try:
        if read_only:
            _check(connection, file)
        yield
    finally:
        connection.execute(f"detach {ALIAS}")


def _check(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    found = {
        name
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = ?", [ALIAS]
        ).fetchall()
    }
    if not {"snapshots", *(table.name for table in TABLES)} <= found:
        raise HistoryError(_not_a_history(file))


def _not_a_history(file: Path) -> str:
    return (
        f"{display_path(file)} is no history that this version can read: it is damaged,"
        " of another version of DuckDB, or something else. Restore it from a backup,"
        " or move it away to start again; its place is var history_path."
    )

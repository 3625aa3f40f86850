"""Tables of small files that hold rows of several places, and their copies for dbt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.console import display_path
from pipeline.history.file import HistoryError
from pipeline.sql import sql_text

Row = tuple[Any, ...]


@dataclass(frozen=True)
class KeptTable:
    """A table of a small file; each row is of data from one place, its origin.

    Attributes:
        name: In the file, and in schema `raw` of a warehouse.
        columns: Their types by name, without the origin.
        advice: What to do where the file cannot be read.
    """

    name: str
    columns: Mapping[str, str]
    advice: str

    @property
    def definition(self) -> str:
        """The columns with their types, as SQL."""
        return ", ".join(f"{name} {kind}" for name, kind in self.columns.items())

    def read(self, file: Path | None, origin: str) -> list[Row]:
        """The rows of data from one place; none where there is no file.

        Raises:
            HistoryError: It cannot be read.
        """
        if file is None or not file.exists():
            return []
        try:
            with duckdb.connect(str(file), read_only=True) as connection:
                return connection.execute(
                    f"select {', '.join(self.columns)} from {self.name}"
                    " where origin = ?",
                    [origin],
                ).fetchall()
        except duckdb.Error as error:
            raise HistoryError(
                f"{display_path(file)} cannot be read: {str(error).splitlines()[0]}."
                f" {self.advice}"
            ) from None

    def create(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table in a new file."""
        connection.execute(
            f"create table if not exists {self.name}"
            f" ({self.definition}, origin varchar)"
        )

    def insert(
        self, connection: duckdb.DuckDBPyConnection, rows: Sequence[Row], origin: str
    ) -> None:
        """Add rows of data from one place."""
        _insert(connection, self.name, [(*row, origin) for row in rows])

    def copy_to_raw(
        self, connection: duckdb.DuckDBPyConnection, file: Path | None, origin: str
    ) -> None:
        """Make the table of schema `raw` the rows of one place.

        Nothing is done where it is as it should be: its comment says of which version
        of the file it is.

        Args:
            connection: Of the warehouse.
            file: The file with all rows, if any.
            origin: Where the warehouse's raw data comes from.

        Raises:
            HistoryError: The file cannot be read.
        """
        version = "none"
        if file and file.exists():
            version = f"{file} {file.stat().st_mtime_ns} {origin}"
        found = connection.execute(
            "select comment from duckdb_tables()"
            " where database_name = current_database() and schema_name = 'raw'"
            " and table_name = ?",
            [self.name],
        ).fetchall()
        if found and found[0][0] == version:
            return
        rows = self.read(file, origin)
        table = f"raw.{self.name}"
        connection.execute("begin")
        try:
            connection.execute("create schema if not exists raw")
            connection.execute(f"create or replace table {table} ({self.definition})")
            _insert(connection, table, rows)
            connection.execute(f"comment on table {table} is {sql_text(version)}")
            connection.execute("commit")
        except BaseException:
            connection.execute("rollback")
            raise


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]
) -> None:
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"insert into {table} values ({marks})", rows)

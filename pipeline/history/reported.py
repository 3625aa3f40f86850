"""The file with the metrics that publishes reported: one row where a value changed.

It is next to the published file. Rows are added and never changed, except to forget
somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipeline.console import display_path
from pipeline.history.file import HistoryError
from pipeline.history.raw_copy import copy_rows

FILE = "figures_reported.duckdb"  # in the folder of the published file
TABLE = "figures_reported"
COLUMNS = {
    "publish_number": "bigint",
    "date_month": "date",
    "metric": "varchar",
    "reported_at": "timestamp",
    "as_of_date": "date",
    "value": "double",
    "previous_value": "double",
    "change": "double",
    "cause": "varchar",
    "detail": "varchar",
    "build_id": "varchar",
}
DEFINITION = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
Row = tuple[Any, ...]


def read_reported(file: Path, origin: str) -> list[Row]:
    """The rows of data from one place; none where there is no file.

    Raises:
        HistoryError: It cannot be read.
    """
    if not file.exists():
        return []
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            return connection.execute(
                f"select {', '.join(COLUMNS)} from {TABLE} where origin = ?", [origin]
            ).fetchall()
    except duckdb.Error as error:
        raise HistoryError(
            f"{display_path(file)} cannot be read: {str(error).splitlines()[0]}."
            " Restore it from a backup, or move it away: then each metric is reported"
            " for the first time again."
        ) from None


def append_reported(file: Path, rows: Sequence[Row], origin: str) -> None:
    """Add rows in one transaction.

    Raises:
        duckdb.Error: They could not be written; the file is as it was.
    """
    marks = ", ".join("?" for _ in (*COLUMNS, "origin"))
    with duckdb.connect(str(file)) as connection:
        connection.execute("begin")
        connection.execute(
            f"create table if not exists {TABLE} ({DEFINITION}, origin varchar)"
        )
        if rows:
            connection.executemany(
                f"insert into {TABLE} values ({marks})", [(*r, origin) for r in rows]
            )
        connection.execute("commit")


def create_reported_relation(
    connection: duckdb.DuckDBPyConnection, file: Path, origin: str
) -> None:
    """Make `raw.figures_reported` what was reported of data from one place.

    Nothing is done where it is as it should be.

    Args:
        connection: Of the warehouse.
        file: The file with all rows.
        origin: Where the warehouse's raw data comes from.

    Raises:
        HistoryError: The file cannot be read.
    """
    version = "none"
    if file.exists():
        version = f"{file} {file.stat().st_mtime_ns} {origin}"
    copy_rows(connection, TABLE, COLUMNS, version, lambda: read_reported(file, origin))

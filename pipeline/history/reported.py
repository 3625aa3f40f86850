"""The file with the metrics that publishes reported: one row where a value changed.

It is next to the published file. Rows are added and never changed, except to forget
somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.history.kept_rows import KeptTable, Row

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
REPORTED = KeptTable(
    TABLE,
    COLUMNS,
    advice="Restore it from a backup, or move it away: then each metric is reported"
    " for the first time again.",
)


def append_reported(file: Path, rows: Sequence[Row], origin: str) -> None:
    """Add rows in one transaction.

    Raises:
        duckdb.Error: They could not be written; the file is as it was.
    """
    with duckdb.connect(str(file)) as connection:
        connection.execute("begin")
        REPORTED.create(connection)
        REPORTED.insert(connection, rows, origin)
        connection.execute("commit")

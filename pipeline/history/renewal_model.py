"""The file with the fitted models of renewals: coefficients and their covariances.

`python -m pipeline fit-forecast` writes it, next to the file of var history_path; dbt
reads the rows of the place that it builds from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.console import display_path
from pipeline.history.file import HistoryError, history_path
from pipeline.history.raw_copy import copy_rows
from pipeline.settings import Settings

FILE = "renewal_model.duckdb"  # in the folder of the history
Row = tuple[Any, ...]
TABLES: Mapping[str, Mapping[str, str]] = {
    "renewal_coefficients": {
        "trained_from": "date",
        "trained_to": "date",
        "terms": "bigint",
        "renewed_terms": "bigint",
        "feature": "varchar",
        "coefficient": "double",
        "standard_error": "double",
        "mean_value": "double",
    },
    "renewal_covariances": {
        "trained_to": "date",
        "feature": "varchar",
        "other_feature": "varchar",
        "covariance": "double",
    },
}


@dataclass(frozen=True)
class ModelRows:
    """All rows of the models of one place."""

    coefficients: Sequence[Row]
    covariances: Sequence[Row]


def model_path(config: Mapping[str, Any], settings: Settings) -> Path | None:
    """Where the models are kept; None where no history is kept."""
    history = history_path(config, settings)
    return history.with_name(FILE) if history else None


def write_models(file: Path, rows: ModelRows, origin: str) -> None:
    """Replace the models of data from one place, in one transaction.

    Raises:
        duckdb.Error: They could not be written; the file is as it was.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    given = dict(zip(TABLES, (rows.coefficients, rows.covariances), strict=True))
    with duckdb.connect(str(file)) as connection:
        connection.execute("begin")
        for table, columns in TABLES.items():
            definition = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(
                f"create table if not exists {table} ({definition}, origin varchar)"
            )
            connection.execute(f"delete from {table} where origin = ?", [origin])
            marks = ", ".join("?" for _ in (*columns, "origin"))
            if given[table]:
                connection.executemany(
                    f"insert into {table} values ({marks})",
                    [(*row, origin) for row in given[table]],
                )
        connection.execute("commit")


def create_model_relations(
    connection: duckdb.DuckDBPyConnection, file: Path | None, origin: str
) -> None:
    """Make the tables of schema `raw` what was fitted on data from one place.

    Args:
        connection: Of the warehouse.
        file: The file with all models, if any.
        origin: Where the warehouse's raw data comes from.

    Raises:
        HistoryError: The file cannot be read.
    """
    version = "none"
    if file and file.exists():
        version = f"{file} {file.stat().st_mtime_ns} {origin}"
    for table, columns in TABLES.items():
        copy_rows(
            connection,
            table,
            columns,
            version,
            lambda table=table: _read(file, table, origin),  # type: ignore[misc]
        )


def _read(file: Path | None, table: str, origin: str) -> list[Row]:
    if file is None or not file.exists():
        return []
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            return connection.execute(
                f"select {', '.join(TABLES[table])} from {table} where origin = ?",
                [origin],
            ).fetchall()
    except duckdb.Error as error:
        raise HistoryError(
            f"{display_path(file)} cannot be read: {str(error).splitlines()[0]}."
            " Delete it and run `python -m pipeline fit-forecast` again; until then"
            " forecasts are the base rate."
        ) from None

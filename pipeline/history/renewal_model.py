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

from pipeline.history.file import history_path
from pipeline.history.kept_rows import KeptTable, Row
from pipeline.settings import Settings

FILE = "renewal_model.duckdb"  # in the folder of the history
ADVICE = (
    "Delete it and run `python -m pipeline fit-forecast` again; until then forecasts"
    " are the base rate."
)
COEFFICIENTS = KeptTable(
    "renewal_coefficients",
    {
        "trained_from": "date",
        "trained_to": "date",
        "terms": "bigint",
        "renewed_terms": "bigint",
        "feature": "varchar",
        "coefficient": "double",
        "standard_error": "double",
        "mean_value": "double",
    },
    ADVICE,
)
COVARIANCES = KeptTable(
    "renewal_covariances",
    {
        "trained_to": "date",
        "feature": "varchar",
        "other_feature": "varchar",
        "covariance": "double",
    },
    ADVICE,
)


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
    with duckdb.connect(str(file)) as connection:
        connection.execute("begin")
        for table, of_table in (
            (COEFFICIENTS, rows.coefficients),
            (COVARIANCES, rows.covariances),
        ):
            table.create(connection)
            connection.execute(f"delete from {table.name} where origin = ?", [origin])
            table.insert(connection, of_table, origin)
        connection.execute("commit")


def copy_models_to_raw(
    connection: duckdb.DuckDBPyConnection, file: Path | None, origin: str
) -> None:
    """Make the models' tables of schema `raw` what was fitted on data from one place.

    Raises:
        HistoryError: The file cannot be read.
    """
    for table in (COEFFICIENTS, COVARIANCES):
        table.copy_to_raw(connection, file, origin)

"""Schema `raw` of a warehouse: what was delivered, and what is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duckdb import DuckDBPyConnection

from pipeline.history.file import history_path
from pipeline.history.relations import create_history_relations
from pipeline.history.renewal_model import copy_models_to_raw, model_path
from pipeline.history.reported import FILE, REPORTED
from pipeline.raw.connection import reach
from pipeline.raw.findings import Inspection
from pipeline.raw.locate import raw_origin
from pipeline.raw.relations import create_relations, raw_relations
from pipeline.raw.sources import history_origin, modelled_tables
from pipeline.settings import Settings


def fill_raw(
    connection: DuckDBPyConnection,
    inspection: Inspection,
    config: Mapping[str, Any],
    settings: Settings,
) -> None:
    """Make all that dbt's sources name: raw tables, history, reported metrics, models.

    Args:
        connection: Of the warehouse.
        inspection: What the preflight found; without problems.
        config: The vars.
        settings: Where the data and the kept files are.

    Raises:
        HistoryError: A kept file cannot be used.
    """
    reach(connection, settings, config)
    relations = raw_relations(inspection, config)
    origin = raw_origin(config, settings)
    create_relations(connection, relations, origin, modelled_tables(config))
    of_data = history_origin(origin, config)
    create_history_relations(connection, history_path(config, settings), of_data)
    REPORTED.copy_to_raw(connection, settings.publish_folder / FILE, of_data)
    copy_models_to_raw(connection, model_path(config, settings), of_data)

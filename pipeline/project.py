"""What the dbt project says: its folder, its vars, its database, its date."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DATABASE = "build/warehouse.duckdb"


class InputError(Exception):
    """What the user gave cannot be used; the message says why and how to fix it."""


def project_vars() -> dict[str, Any]:
    """The vars of `dbt_project.yml`, with their defaults."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(project["vars"])


def database_path(environment: Mapping[str, str] = os.environ) -> Path:
    """The DuckDB file that dbt builds: DUCKDB_PATH, else `build/warehouse.duckdb`."""
    return ROOT / environment.get("DUCKDB_PATH", DEFAULT_DATABASE)


def uses_demo_data(
    config: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> bool:
    """Whether the raw data is the demo, as macro `uses_demo_data` has it."""
    return not (
        config["raw_location"]
        or environment.get("RAW_LOCATION")
        or environment.get("RAW_DATABASE")
    )


def as_of_date(
    config: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    *,
    now: datetime | None = None,
) -> date:
    """The date as of which everything is computed, as macro `as_of_date` has it.

    Args:
        config: The vars of `dbt_project.yml`.
        environment: Where AS_OF_DATE and the RAW_ variables are looked up.
        now: The moment of the run; by default the present.

    Raises:
        InputError: The date that was given is none.
    """
    given = config["as_of_date"] or environment.get("AS_OF_DATE")
    if given:
        try:
            return date.fromisoformat(str(given))
        except ValueError:
            raise InputError(
                f"as_of_date is '{given}': expected a date like 2026-09-20"
            ) from None
    if uses_demo_data(config, environment):
        return date.fromisoformat(str(config["demo_as_of_date"]))
    return (
        (now or datetime.now(ZoneInfo("UTC")))
        .astimezone(ZoneInfo(config["reporting_timezone"]))
        .date()
    )

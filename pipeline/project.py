"""What the dbt project says: its folder, its vars, its database, its date."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DATABASE = "build/warehouse.duckdb"


class InputError(Exception):
    """What the user gave cannot be used; the message says why and how to fix it."""


def project_vars(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The vars of `dbt_project.yml`, and over them those of the file VARS_FILE."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(project["vars"]) | vars_of_file(environment)


def vars_of_file(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The vars in the YAML file that VARS_FILE names, such as those of one company.

    Raises:
        InputError: The file is not there, or holds no mapping.
    """
    given = environment.get("VARS_FILE")
    if not given:
        return {}
    path = ROOT / Path(given).expanduser()
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or "it is not YAML"
        raise InputError(f"VARS_FILE is {given}: {reason}") from None
    if not isinstance(written, dict):
        raise InputError(f"VARS_FILE is {given}: expected lines like `name: value`")
    return written


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
            # Python 3.11 reads more forms, macro as_of_date this one
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(given)):
                raise ValueError
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


@contextmanager
def pinned_as_of_date() -> Iterator[None]:
    """Fix AS_OF_DATE for a run, where it is the present day: it may end tomorrow.

    The demo's is fixed anyway, and without the variable dbt need not parse again.
    """
    config = {"raw_location": None, **project_vars()}
    is_given = config.get("as_of_date") or os.environ.get("AS_OF_DATE")
    if is_given or uses_demo_data(config):
        yield
        return
    try:
        pinned = as_of_date(config).isoformat()
    except (KeyError, ValueError):  # a var is wrong, which the preflight reports
        yield
        return
    os.environ["AS_OF_DATE"] = pinned
    try:
        yield
    finally:
        os.environ.pop("AS_OF_DATE", None)

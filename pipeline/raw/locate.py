"""Which place the raw tables are read from: the demo's folder, or the user's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.console import display_path
from pipeline.project import ROOT
from pipeline.raw.connection import is_postgres
from pipeline.raw.databases import display_postgres
from pipeline.raw.text import without_credentials

DEMO_FOLDER = ROOT / "demo" / "data"


def raw_location(config: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """A folder or a bucket prefix of the user's; empty where none is given."""
    return str(config.get("raw_location") or environment.get("RAW_LOCATION") or "")


def raw_database(environment: Mapping[str, str]) -> str:
    """A database of the user's, perhaps with a password; empty where none is given."""
    return environment.get("RAW_DATABASE") or ""


def raw_origin(
    config: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> str:
    """What identifies the place: never a password, nor the user's name."""
    if database := raw_database(environment):
        if is_postgres(database):
            return display_postgres(database)
        if "://" in database:
            return without_credentials(database)
        file = display_path(ROOT / database.removeprefix("sqlite:"))
        return without_credentials(file)
    location = raw_location(config, environment).rstrip("/")
    if "://" in location:
        return without_credentials(location)
    folder = ROOT / Path(location).expanduser() if location else DEMO_FOLDER
    return display_path(folder)

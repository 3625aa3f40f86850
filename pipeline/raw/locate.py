"""Which place the raw tables are read from: the demo's folder, or the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.console import display_path
from pipeline.project import ROOT
from pipeline.raw.connection import is_postgres
from pipeline.raw.databases import display_postgres
from pipeline.raw.text import without_credentials
from pipeline.settings import Settings

DEMO_FOLDER = ROOT / "demo" / "data"


def raw_location(config: Mapping[str, Any], settings: Settings) -> str:
    """A folder or a bucket prefix of the user's; empty where none is given."""
    return str(config.get("raw_location") or settings.raw_location)


def raw_origin(config: Mapping[str, Any], settings: Settings) -> str:
    """What identifies the place: never a password, nor the user's name."""
    if database := settings.raw_database:
        if is_postgres(database):
            return display_postgres(database)
        if "://" in database:
            return without_credentials(database)
        file = display_path(ROOT / database.removeprefix("sqlite:"))
        return without_credentials(file)
    location = raw_location(config, settings).rstrip("/")
    if "://" in location:
        return without_credentials(location)
    folder = ROOT / Path(location).expanduser() if location else DEMO_FOLDER
    return display_path(folder)

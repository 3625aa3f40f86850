"""What a build was built from: its inputs, rules and vars."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.hashes import hashes_of_vars, short_hash
from pipeline.project import ROOT
from pipeline.raw.connection import redacted
from pipeline.raw.locate import raw_origin
from pipeline.raw.sources import history_origin
from pipeline.settings import Settings, uses_demo_data

RULES = (
    ("models", ("*.sql", "*.yml")),
    ("macros", ("*.sql",)),
    ("seeds/reference", ("*.csv", "*.yml")),
)
# These vars say where data is, when and how a build runs, or which check is waived: no
# metric of a closed month depends on them.
NO_RULES = frozenset(
    {
        *("as_of_date", "raw_location", "freshness", "gate_exceptions", "keep_builds"),
        *("max_rejection_rate", "min_rejected_rows", "published_file_mode"),
        *("publish_comments", "sources", "history_path", "notify", "account_pages"),
    }
)


def made_from(config: Mapping[str, Any], given: Settings) -> dict[str, Any]:
    """All of them, and where the data comes from."""
    return {
        "origin": history_origin(raw_origin(config, given), config),
        "inputs": inputs(config, given),
        "rules": rules(),
        "vars": settings(config),
    }


def inputs(config: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Which raw data a build reads; no password is in it."""
    database = settings.raw_database
    location = config.get("raw_location") or settings.raw_location
    found: dict[str, Any] = {}
    if uses_demo_data(config, settings):
        found["raw_location"] = "demo"
    elif database:
        found["raw_database"] = _without_password(redacted(database, database))
        found["raw_schema"] = config.get("raw_schema")
    else:
        found["raw_location"] = _without_password(str(location).rstrip("/"))
    if config.get("sources"):
        found["sources"] = config["sources"]
    return found


def rules(root: Path = ROOT) -> dict[str, str]:
    """A short hash of every file that defines a metric."""
    return {
        file.relative_to(root).as_posix(): short_hash(file.read_bytes())
        for folder, patterns in RULES
        for pattern in patterns
        for file in sorted((root / folder).rglob(pattern))
    }


def settings(config: Mapping[str, Any]) -> dict[str, str]:
    """A short hash of every var that affects a metric."""
    return hashes_of_vars(config, NO_RULES)


def _without_password(address: str) -> str:
    """Any other URL with a user in it."""
    return re.sub(r"://[^@/]*@", "://***@", address)

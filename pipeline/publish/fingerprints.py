"""What a build was built from: its inputs, rules and vars."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.project import ROOT
from pipeline.raw.connection import redacted
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
        *("publish_comments", "sources", "history_path"),
    }
)
FILES_NAMED = 5


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
        file.relative_to(root).as_posix(): _hash(file.read_bytes())
        for folder, patterns in RULES
        for pattern in patterns
        for file in sorted((root / folder).rglob(pattern))
    }


def settings(config: Mapping[str, Any]) -> dict[str, str]:
    """A short hash of every var that affects a metric."""
    return {
        name: _hash(json.dumps(value, sort_keys=True, default=str).encode())
        for name, value in sorted(config.items())
        if name not in NO_RULES
    }


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The names whose hash changed, including new and removed ones."""
    return sorted(
        name
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    )


def named(names: list[str]) -> str:
    """The first names, and the number of others."""
    more = f" and {len(names) - FILES_NAMED} more" if len(names) > FILES_NAMED else ""
    return ", ".join(names[:FILES_NAMED]) + more


def _without_password(address: str) -> str:
    """Any other URL with a user in it."""
    return re.sub(r"://[^@/]*@", "://***@", address)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]

"""Hashes of files, and of what a build is made from; which of them differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any


def hash_of(file: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def short_hash(content: bytes) -> str:
    """Enough of a hash to tell one content from another."""
    return hashlib.sha256(content).hexdigest()[:16]


def hashes_of_vars(
    config: Mapping[str, Any], left_out: Collection[str]
) -> dict[str, str]:
    """A short hash of every var but those that are left out."""
    return {
        name: short_hash(json.dumps(value, sort_keys=True, default=str).encode())
        for name, value in sorted(config.items())
        if name not in left_out
    }


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The names whose hash changed, including new and removed ones."""
    return sorted(
        name
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    )


def first_names(names: Sequence[str], most: int = 5) -> str:
    """The first names, and the number of others."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more

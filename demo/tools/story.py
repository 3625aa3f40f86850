"""The demo's tables as records, and small things that every tool's files need."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from demo.generate import COLUMNS, plant_bad_rows, spell, tell_story

Record = dict[str, Any]
Files = dict[str, list[Record]]


def story(seed: int) -> Files:
    """The demo's tables as records of text, without rows that staging rejects."""
    tables = tell_story(seed)
    sound = {table: len(rows) for table, rows in tables.items()}
    planted = plant_bad_rows(tables)
    kept: Files = {}
    for table, rows in tables.items():
        reasons = [reason for where, reason in planted if where == table]
        # an id without a row of its own is no fault of a row: it is inferred
        extra = [
            row
            for row, reason in zip(rows[sound[table] :], reasons, strict=True)
            if reason in ("unknown_account", "unknown_user")
        ]
        names = COLUMNS[table].split()
        kept[table] = [
            dict(zip(names, map(spell, row), strict=True))
            for row in [*rows[: sound[table]], *extra]
        ]
    return kept


def at(day: str) -> str:
    """Midnight of a day, as Fivetran writes it."""
    return f"{day}T00:00:00Z" if day else ""


def minor(amount: str) -> str:
    """An amount in the currency's minor unit."""
    return str(int(Decimal(amount) * 100))

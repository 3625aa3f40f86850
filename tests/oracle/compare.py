"""The marts of a database against rows worked out independently."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

from . import (
    account_events,
    account_months,
    calibration,
    channels,
    company,
    core_revenue,
    engagement,
    feature_retention,
    forecast,
    health,
    identities,
    movement_causes,
    outlook,
    reconciliation,
    segments,
    sentiment,
)
from .arithmetic import Difference, Row
from .entities import Context

RELATIVE, ABSOLUTE = 1e-9, 1e-12
SHOWN = 10

Mart = tuple[Callable[[Context], list[Row]], list[str]]
MARTS: dict[str, Mart] = {
    **core_revenue.MARTS,
    **engagement.MARTS,
    **sentiment.MARTS,
    **health.MARTS,
    **company.MARTS,  # with two of core_revenue's, made whole by health
    **movement_causes.MARTS,  # with one of core_revenue's
    **account_events.MARTS,
    **account_months.MARTS,
    **reconciliation.MARTS,
    **identities.MARTS,
    **segments.MARTS,
    **channels.MARTS,
    **feature_retention.MARTS,
    **calibration.MARTS,
    **forecast.MARTS,
    **outlook.MARTS,
}

# Marts that may wait for theirs, with the reason: a mart in neither is an error.
NOT_YET: dict[str, str] = yaml.safe_load(
    Path(__file__).with_name("not_yet.yml").read_text("utf-8")
)


def read_mart(database: Path, mart: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and rows of a mart."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(f'select * from marts."{mart}"')
        columns = [column[0] for column in found.description or []]
        return columns, found.fetchall()


def is_same(ours: Any, theirs: Any) -> bool:
    """Exactly equal; a double within 1e-9 of ours, or of what it is a difference of."""
    if ours is None or theirs is None:
        return ours is None and theirs is None
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return isinstance(ours, bool) and isinstance(theirs, bool) and ours == theirs
    if isinstance(ours, float) or isinstance(theirs, float):
        numbers = (int, float, Decimal)
        size = ours.size if isinstance(ours, Difference) else 0.0
        return (
            isinstance(ours, numbers)
            and isinstance(theirs, numbers)
            and math.isclose(
                float(ours),
                float(theirs),
                rel_tol=RELATIVE,
                abs_tol=max(ABSOLUTE, RELATIVE * size),
            )
        )
    return bool(ours == theirs)


def compare(
    database: Path, mart: str, rows: Sequence[Row], keys: Sequence[str]
) -> list[str]:
    """What differs between a mart and our rows, in words; nothing if they agree."""
    columns, found = read_mart(database, mart)
    ours_columns = list(rows[0]) if rows else list(keys)
    differences = [
        f"{mart}.{column}: the column is not there"
        for column in ours_columns
        if column not in columns
    ]
    ours_columns = [column for column in ours_columns if column in columns]
    if not set(keys) <= set(columns):
        return differences

    theirs = _by_key([dict(zip(columns, row, strict=True)) for row in found], keys)
    ours = _by_key(rows, keys)
    for side, table in (("theirs", theirs), ("ours", ours)):
        doubled = [key for key, of_key in table.items() if len(of_key) > 1]
        differences += _listed(f"{mart}: key not unique in {side}", doubled)
    differences += _listed(
        f"{mart}: row missing",
        [f"{key} {_rest(ours[key][0], keys)}" for key in ours if key not in theirs],
    )
    differences += _listed(
        f"{mart}: row too many",
        [f"{key} {_rest(theirs[key][0], keys)}" for key in theirs if key not in ours],
    )
    for column in ours_columns:
        differing = []
        for key, of_key in ours.items():
            if key in theirs:
                mine, other = of_key[0][column], theirs[key][0][column]
                if not is_same(mine, other):
                    differing.append(f"{key}: ours {mine!r}, theirs {other!r}")
        differences += _listed(f"{mart}.{column}", differing)
    return differences


def _by_key(
    rows: Sequence[Row], keys: Sequence[str]
) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(str(row[key]) for key in keys), []).append(row)
    return dict(sorted(found.items()))


def _rest(row: Row, keys: Sequence[str]) -> str:
    return ", ".join(f"{k}={v}" for k, v in row.items() if k not in keys)


def _listed(title: str, found: Sequence[Any]) -> list[str]:
    """The first ten of a kind, and how many more there are."""
    lines = [f"{title}: {item}" for item in list(found)[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"{title}: … and {len(found) - SHOWN} more")
    return lines

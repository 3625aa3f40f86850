"""In which range a metric was to be expected, from decision 12 alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from statistics import median
from typing import NamedTuple

from .arithmetic import Difference, Row, add_months


class Change(NamedTuple):
    """By how much a metric changed, and the larger of its two values."""

    by: float
    size: float


YEAR, HISTORY, ENOUGH = 12, 24, 12  # months
WIDTH = 4.0  # spreads
OF_MAD, OF_MEAN_DISTANCE = 1.4826, 1.2533
NOISE, NO_DISTANCE = 1e-9, 1e-12  # of a value

Values = Callable[[date], float | None]  # of one metric, by month


def changes(value: Values, month: date, back: int) -> list[Change]:
    """By how much the metric differed from so many months before, where known."""
    found = []
    for n in range(1, HISTORY + 1):
        now, before = (
            value(add_months(month, -n)),
            value(add_months(month, -n - back)),
        )
        if now is not None and before is not None:
            found.append(Change(now - before, max(abs(now), abs(before))))
    return found


def spread_of(history: Sequence[Change]) -> float:
    """By the median of the distances from the median; by their mean if that is 0."""
    middle = median(change.by for change in history)
    away = [(abs(change.by - middle), change.size) for change in history]
    distances = [far if far > NO_DISTANCE * size else 0.0 for far, size in away]
    mad = median(distances)
    if mad > 0:
        return OF_MAD * mad
    return OF_MEAN_DISTANCE * sum(distances) / len(distances)


def expected(value: Values, month: date) -> tuple[Difference, Difference] | None:
    """The bounds: by the year before where all of the history has one."""
    back, history = YEAR, changes(value, month, YEAR)
    if len(history) < HISTORY:
        back, history = 1, changes(value, month, 1)
    start = value(add_months(month, -back))
    if start is None or len(history) < ENOUGH:
        return None
    centre = Difference(start, -median(change.by for change in history))
    width = WIDTH * spread_of(history)
    return Difference(centre, width), Difference(centre, -width)


def unusual(value: Values, month: date, is_whole: bool) -> Row:
    """The three columns of kpi_monthly."""
    now = value(month)
    bounds = expected(value, month) if is_whole and now is not None else None
    if now is None or bounds is None:
        return dict.fromkeys(("expected_lower", "expected_upper", "is_unusual"))
    lower, upper = bounds
    distance = max(lower - now, now - upper)
    return {
        "expected_lower": lower,
        "expected_upper": upper,
        "is_unusual": distance > NOISE * abs(now),
    }

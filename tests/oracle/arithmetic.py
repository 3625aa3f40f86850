"""What every metric is made of: months, exact rounding, intervals, reference data."""

from __future__ import annotations

import calendar
import csv
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "seeds" / "reference"
Z = 1.959963984540054  # rule 13

# ---- the calendar ----------------------------------------------------------------


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


class Difference(float):
    """The difference of two values, with their magnitude for comparing it exactly."""

    size: float

    def __new__(cls, value: float, other: float) -> Difference:
        """0 where the two agree in nine digits."""
        size = max(abs(value), abs(other))
        change = value - other
        made = super().__new__(cls, change if abs(change) > 1e-9 * size else 0.0)
        made.size = size
        return made


def add_months(day: date, months: int) -> date:
    """The same day some months on, or that month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def last_day(month: date) -> date:
    """The calendar's last day of a month."""
    return add_months(month_of(month), 1) - timedelta(days=1)


def end_of(month: date, as_of: date) -> date:
    """E: the last day of a month that counts; the open month ends at as_of."""
    return min(last_day(month), as_of)


def is_complete(month: date, as_of: date) -> bool:
    """Rule 1: complete when the last day is on or before as_of."""
    return last_day(month) <= as_of


def months_between(first: date, last: date) -> list[date]:
    """Every month from the one of `first` to the one of `last`, none missing."""
    months = []
    month = month_of(first)
    while month <= last:
        months.append(month)
        month = add_months(month, 1)
    return months


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


# ---- numbers ---------------------------------------------------------------------


def exact(value: int | float | str | Decimal | Fraction) -> Fraction:
    """The number that was written down: 0.1 is a tenth, not its nearest double."""
    return value if isinstance(value, Fraction) else Fraction(str(value))


def half_up(value: Fraction, places: int) -> Decimal:
    """Rounded half up (away from zero), exactly (rule 11)."""
    scaled = abs(value) * 10**places
    whole = math.floor(scaled + Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


def ratio(
    numerator: int | float | Decimal | Fraction,
    denominator: int | float | Decimal | Fraction,
) -> float | None:
    """A rate: null, never zero or an error, with a zero denominator."""
    if denominator == 0:
        return None
    return float(exact(numerator) / exact(denominator))


def mean(values: Iterable[int | float | Decimal | Fraction]) -> float | None:
    """The plain mean; null of nothing."""
    numbers = [exact(value) for value in values]
    return float(sum(numbers, Fraction(0)) / len(numbers)) if numbers else None


def percentile(values: Sequence[int], share: Fraction) -> float | None:
    """Interpolated, as percentile_cont does (rule 45)."""
    if not values:
        return None
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    step = (position - below) * (ordered[above] - ordered[below])
    return float(ordered[below] + step)


def wilson(hits: int, base: int) -> tuple[float | None, float | None]:
    """Wilson 95% interval of a proportion, clipped to 0..1 (rule 13)."""
    if base == 0:
        return None, None
    share = hits / base
    centre = share + Z * Z / (2 * base)
    spread = Z * math.sqrt(share * (1 - share) / base + Z * Z / (4 * base * base))
    scale = 1 + Z * Z / base
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def adjusted_wald(
    promoters: int, detractors: int, responses: int
) -> tuple[float | None, float | None]:
    """Adjusted-Wald 95% interval of an NPS, clipped to -100..100 (rule 14)."""
    if responses == 0:
        return None, None
    base = responses + 3
    p = (promoters + 0.75) / base
    d = (detractors + 0.75) / base
    spread = Z * math.sqrt((p + d - (p - d) ** 2) / base)
    return max(-100.0, (p - d - spread) * 100), min(100.0, (p - d + spread) * 100)


# ---- reference data --------------------------------------------------------------


@dataclass(frozen=True)
class Feature:
    """One feature of the catalogue."""

    feature_key: str
    feature_name: str
    module: str
    is_core: bool
    is_value_moment: bool
    impact_score: Fraction
    onboarding_points: int


@dataclass(frozen=True)
class Play:
    """What to do when something is the case, and by when."""

    action: str
    due_hours: int | None


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: (value or "").strip() for name, value in row.items()}
            for row in csv.DictReader(file)
        ]


def _is_true(text: str) -> bool:
    return text.lower() in {"true", "t", "1", "yes", "y"}


def feature_catalogue(folder: Path = REFERENCE) -> dict[str, Feature]:
    """The features we know, by key."""
    return {
        row["feature_key"]: Feature(
            feature_key=row["feature_key"],
            feature_name=row["feature_name"],
            module=row["module"],
            is_core=_is_true(row["is_core"]),
            is_value_moment=_is_true(row["is_value_moment"]),
            impact_score=Fraction(row["impact_score"] or "0"),
            onboarding_points=int(row["onboarding_points"] or "0"),
        )
        for row in _read(folder / "feature_catalogue.csv")
    }


def playbooks(folder: Path = REFERENCE) -> dict[str, Play]:
    """The action per trigger: NPS segment, health band or kind of alert."""
    return {
        row["trigger"]: Play(
            action=row["action"],
            due_hours=int(row["due_hours"]) if row["due_hours"] else None,
        )
        for row in _read(folder / "playbooks.csv")
    }


def metric_catalogue(folder: Path = REFERENCE) -> dict[str, dict[str, str]]:
    """The catalogue's row per metric."""
    return {row["metric"]: row for row in _read(folder / "metric_catalogue.csv")}


def targets(folder: Path = REFERENCE) -> dict[tuple[str, date | None], float]:
    """The target by metric and month; without a month, that of every other one."""
    return {
        (
            row["metric"],
            date.fromisoformat(row["date_month"]) if row["date_month"] else None,
        ): float(row["target"])
        for row in _read(folder / "targets.csv")
    }


Row = dict[str, Any]

# ---- speed -----------------------------------------------------------------------

Given = TypeVar("Given")
Result = TypeVar("Result")


def remembered(function: Callable[[Given], Result]) -> Callable[[Given], Result]:
    """Works out the last argument's result once: several marts ask the same.

    Known by identity, so what is given must not be changed afterwards.
    """
    last: list[tuple[Given, Result]] = []

    @wraps(function)
    def ask(given: Given) -> Result:
        if not last or last[0][0] is not given:
            last[:] = [(given, function(given))]
        return last[0][1]

    return ask

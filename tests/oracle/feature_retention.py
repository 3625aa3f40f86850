"""Who found a feature early, and who stayed a year, from decision 12 alone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from .account_months import mrr_on
from .arithmetic import Row, add_months, ratio, wilson
from .core_revenue import first_paid_on
from .engagement import first_days
from .entities import Context

MONTHS_WATCHED = 12


@dataclass(frozen=True)
class Customer:
    """A customer whose first year is over."""

    account_id: str
    first_day: date
    is_retained: bool


def customers(ctx: Context) -> list[Customer]:
    """Those whose first day is a year ago, and who first paid within that year."""
    found = []
    for account_id, first in first_days(ctx).items():
        anniversary = add_months(first, MONTHS_WATCHED)
        paid = first_paid_on(ctx).get(account_id, date.max)
        if anniversary <= ctx.as_of and paid < anniversary:
            is_retained = mrr_on(ctx, account_id, anniversary) > 0
            found.append(Customer(account_id, first, is_retained))
    return found


@dataclass(frozen=True)
class Group:
    """How many there are, and how many of them stayed."""

    size: int
    retained: int

    @property
    def share(self) -> float:
        """Of a group that is not empty."""
        return self.retained / self.size


def group(members: Sequence[Customer]) -> Group:
    return Group(len(members), sum(customer.is_retained for customer in members))


def newcombe(one: Group, other: Group) -> tuple[float, float]:
    """The hybrid score interval of a difference of proportions (method 10)."""
    difference = one.share - other.share
    (low, high), (other_low, other_high) = (
        wilson(one.retained, one.size),
        wilson(other.retained, other.size),
    )
    assert low is not None and high is not None
    assert other_low is not None and other_high is not None
    below = math.hypot(one.share - low, other_high - other.share)
    above = math.hypot(high - one.share, other.share - other_low)
    return max(-1.0, difference - below), min(1.0, difference + above)


def p_value(one: Group, other: Group) -> float:
    """Two-sided, of the pooled z-test; 1 where all or none stayed."""
    size, retained = one.size + other.size, one.retained + other.retained
    if retained in (0, size):
        return 1.0
    pooled = retained / size
    error = math.sqrt(pooled * (1 - pooled) * (1 / one.size + 1 / other.size))
    return math.erfc(abs(one.share - other.share) / error / math.sqrt(2))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Each p-value x tests / rank, not above that of a larger one, nor 1."""
    tests = len(p_values)
    order = sorted(range(tests), key=lambda n: p_values[n])
    adjusted = [1.0] * tests
    smallest = 1.0
    for rank in range(tests, 0, -1):
        at = order[rank - 1]
        smallest = min(smallest, p_values[at] * tests / rank)
        adjusted[at] = smallest
    return adjusted


def first_uses(ctx: Context) -> dict[tuple[str, str], int]:
    """By feature and account, how long after the first day it was first used."""
    starts = first_days(ctx)
    found: dict[tuple[str, str], int] = {}
    for event in ctx.feature_events:
        start = starts.get(event.account_id)
        if start is not None and event.date_day >= start:
            key, days = (
                (event.feature_key, event.account_id),
                (event.date_day - start).days,
            )
            found[key] = min(found.get(key, days), days)
    return found


def feature_retention(ctx: Context) -> list[Row]:
    """One row per feature with an event and number of days."""
    everybody, uses = customers(ctx), first_uses(ctx)
    features = {event.feature_key for event in ctx.feature_events}
    rows = []
    for within_days in ctx.config["feature_retention_days"]:
        tested: dict[str, float] = {}
        groups: dict[str, tuple[Group, Group]] = {}
        for feature in features:
            sides: dict[bool, list[Customer]] = defaultdict(list)
            for customer in everybody:
                days = uses.get((feature, customer.account_id), math.inf)
                sides[days <= within_days].append(customer)
            groups[feature] = group(sides[True]), group(sides[False])
            if sides[True] and sides[False]:
                tested[feature] = p_value(*groups[feature])
        adjusted = dict(
            zip(tested, benjamini_hochberg([*tested.values()]), strict=True)
        )
        for feature, (having, lacking) in groups.items():
            is_comparable = feature in tested
            lower, upper = newcombe(having, lacking) if is_comparable else (None, None)
            smaller = min(having.size, lacking.size)
            rows.append(
                {
                    "feature_key": feature,
                    "within_days": within_days,
                    "customers_with": having.size,
                    "retained_share_with": ratio(having.retained, having.size),
                    "customers_without": lacking.size,
                    "retained_share_without": ratio(lacking.retained, lacking.size),
                    "difference": (
                        having.share - lacking.share if is_comparable else None
                    ),
                    "lower": lower,
                    "upper": upper,
                    "p_adjusted": adjusted.get(feature),
                    "is_small_sample": smaller < ctx.config["small_sample_size"],
                }
            )
    return rows


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "feature_retention": (feature_retention, ["feature_key", "within_days"]),
}

"""How well weights of the health score tell who leaves, from decision 12 alone."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .arithmetic import (
    Row,
    Z,
    add_months,
    exact,
    half_up,
    is_complete,
    last_day,
    ratio,
)
from .entities import Context
from .health import ALL_COMPONENTS, account_health, band_of, components
from .one_band_up import weighted
from .paying import month_end_mrr
from .segments import Segment, segments_on

MONTHS_VALIDATED = 12
MONTHS_AFTER = 3
MONTHS_TO_FIT = 6
BANDS = ("red", "yellow", "green", "thriving")

Weights = Mapping[str, Fraction]


@dataclass(frozen=True)
class AccountMonth:
    """A scored account at a month's end, and whether it left in the months after."""

    account_id: str
    month: date
    scores: Mapping[str, Decimal]  # of the components that are known
    has_churned: bool


def account_months(ctx: Context) -> list[AccountMonth]:
    """Those with a score whose three months after are over."""
    churned = {
        (account_id, month)
        for account_id, months in month_end_mrr(ctx).items()
        for month, before, now in months
        if before > 0 and now == 0
    }
    found = []
    for row in account_health(ctx):
        who, month = row["account_id"], row["date_month"]
        after = [add_months(month, n + 1) for n in range(MONTHS_AFTER)]
        if row["health_score"] is None or not is_complete(after[-1], ctx.as_of):
            continue
        scores = {name: row[f"{name}_score"] for name in components(ctx)}
        found.append(
            AccountMonth(
                who,
                month,
                {name: score for name, score in scores.items() if score is not None},
                any((who, then) in churned for then in after),
            )
        )
    return found


# ---- AUC -------------------------------------------------------------------------

Scored = tuple[AccountMonth, int]


def scored(weights: Weights, of: Iterable[AccountMonth]) -> list[Scored]:
    """The account-months that have a score under some weights."""
    found = []
    for each in of:
        score = weighted(weights, each.scores)
        if score is not None:
            found.append((each, score))
    return found


def auc(of: Iterable[Scored]) -> Fraction | None:
    """Over pairs of one month: the churned one scores lower (ties: half)."""
    sides: dict[date, dict[bool, list[int]]] = defaultdict(lambda: defaultdict(list))
    for each, score in of:
        sides[each.month][each.has_churned].append(score)
    halves = pairs = 0
    for side in sides.values():
        churned, stayed = side[True], side[False]
        halves += sum(2 * (c < s) + (c == s) for c in churned for s in stayed)
        pairs += len(churned) * len(stayed)
    return Fraction(halves, 2 * pairs) if pairs else None


def hanley_mcneil(
    area: Fraction | None, churned: int, stayed: int
) -> tuple[float | None, float | None]:
    """The 95% interval of an AUC, clipped to 0..1."""
    if area is None or not churned or not stayed:
        return None, None
    of_two_churned = area / (2 - area) - area**2
    of_two_stayed = 2 * area**2 / (1 + area) - area**2
    variance = (
        area * (1 - area)
        + (churned - 1) * of_two_churned
        + (stayed - 1) * of_two_stayed
    ) / (churned * stayed)
    spread = Z * math.sqrt(variance)
    return max(0.0, float(area) - spread), min(1.0, float(area) + spread)


# ---- weights ---------------------------------------------------------------------


def as_shares(weights: Weights) -> Weights:
    """The same, with a sum of 1."""
    total = sum(weights.values(), Fraction(0))
    return {name: weight / total for name, weight in weights.items()}


def only(component: str, names: list[str]) -> Weights:
    return {name: Fraction(name == component) for name in names}


def fitted(earlier: list[AccountMonth], names: list[str]) -> Weights | None:
    """Each component's AUC alone above one half; None if there is too little."""
    if len({each.month for each in earlier}) < MONTHS_TO_FIT:
        return None
    areas = {name: auc(scored(only(name, names), earlier)) for name in names}
    weights = {
        name: Fraction(0)
        if area is None
        else exact(half_up(max(area - Fraction(1, 2), Fraction(0)), 4))
        for name, area in areas.items()
    }
    return as_shares(weights) if any(weights.values()) else None


def sets_of_weights(ctx: Context, earlier: list[AccountMonth]) -> dict[str, Weights]:
    """By weights_id."""
    names = components(ctx)
    current = {name: exact(ctx.config["health_weights"][name]) for name in names}
    found: dict[str, Weights] = {
        "current": as_shares(current),
        "equal": as_shares(dict.fromkeys(names, Fraction(1))),
        **{f"{name}_only": only(name, names) for name in names},
    }
    of_the_past = fitted(earlier, names)
    return {**found, "fitted": of_the_past} if of_the_past else found


# ---- the mart --------------------------------------------------------------------


def health_calibration(ctx: Context) -> list[Row]:
    """One row per segment and set of weights that gives a score in it."""
    known = account_months(ctx)
    months = sorted({each.month for each in known})[-MONTHS_VALIDATED:]
    if not months:
        return []
    known_by = add_months(months[0], -MONTHS_AFTER - 1)
    weights = sets_of_weights(ctx, [each for each in known if each.month <= known_by])
    members: dict[Segment, list[AccountMonth]] = defaultdict(list)
    for each in known:
        if each.month >= months[0]:
            day = last_day(each.month)
            for segment in segments_on(ctx, each.account_id, day).items():
                members[segment].append(each)
    rows = []
    for segment, of_segment in members.items():
        for weights_id, shares in weights.items():
            of = scored(shares, of_segment)
            if of:
                rows.append(
                    {
                        "segment_type": segment[0],
                        "segment_value": segment[1],
                        "weights_id": weights_id,
                        **_evaluated(ctx, of),
                        **{
                            f"{name}_weight": float(shares[name])
                            if name in shares
                            else None
                            for name in ALL_COMPONENTS
                        },
                        "judged_from": months[0],
                        "judged_to": months[-1],
                    }
                )
    return rows


def _evaluated(ctx: Context, of: list[Scored]) -> Row:
    accounts = {each.account_id for each, _ in of}
    churned = {each.account_id for each, _ in of if each.has_churned}
    area = auc(of)
    lower, upper = hanley_mcneil(area, len(churned), len(accounts) - len(churned))
    outcomes: dict[str, list[bool]] = defaultdict(list)
    for each, score in of:
        outcomes[band_of(ctx, score)].append(each.has_churned)
    return {
        "auc": None if area is None else float(area),
        "auc_lower": lower,
        "auc_upper": upper,
        "accounts": len(accounts),
        "churned_accounts": len(churned),
        **{
            f"{band}_churn_rate": ratio(sum(outcomes[band]), len(outcomes[band]))
            for band in BANDS
        },
    }


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "health_calibration": (
        health_calibration,
        ["segment_type", "segment_value", "weights_id"],
    ),
}

"""How likely renewals are, and how good such forecasts were, from decision 12 alone.

A model is given (`Context.renewal_models`), or there is none and the base rate holds;
how its coefficients are fitted is not computed here.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from .arithmetic import Row, end_of, is_complete, month_of, ratio, remembered
from .core_revenue import NOTHING, Due, decided, first_paid_on, paying_days
from .entities import Context, RenewalModel, Subscription
from .health import account_health, in_two_windows
from .paying import open_renewals, scheduled_end

Z_OF_80 = 1.2815515655446004
HORIZONS = (30, 60, 90)  # days
DECILES = 10

# ---- terms -----------------------------------------------------------------------


@dataclass(frozen=True)
class Term:
    """What falls due for one subscription on one day."""

    account_id: str
    subscription_id: str
    due_on: date
    items: tuple[Subscription, ...]

    @property
    def mrr(self) -> Decimal:
        """Of all its items."""
        return sum((item.mrr for item in self.items), NOTHING)

    @property
    def plan(self) -> str:
        """That of the largest item; ties by name."""
        return min(self.items, key=lambda item: (-item.mrr, item.plan)).plan

    @property
    def order(self) -> tuple[date, str, str]:
        """By which deciles are cut where probabilities are equal."""
        return self.due_on, self.account_id, self.subscription_id


def terms_of(dues: Iterable[Due]) -> list[Term]:
    """The items that are due on one day, as one."""
    together: dict[tuple[str, str, date], list[Subscription]] = defaultdict(list)
    for due in dues:
        together[due.what].append(due.period)
    return [Term(*what, tuple(items)) for what, items in together.items()]


@remembered
def decided_terms(ctx: Context) -> list[tuple[Term, bool]]:
    """Every term that fell due by as_of and whether it was renewed, by due date."""
    terms = sorted(terms_of(decided(ctx)), key=lambda term: term.order)
    return [
        (term, paying_days(ctx)[term.account_id].on(term.due_on) > 0) for term in terms
    ]


def open_terms(ctx: Context) -> list[Term]:
    """The terms of the renewal calendar."""
    return terms_of(Due(r.period, r.due_on) for r in open_renewals(ctx))


# ---- the base rate ---------------------------------------------------------------


@dataclass(frozen=True)
class Probability:
    """A probability and its bounds; unknown without a term that was decided before."""

    value: float | None
    lower: float | None
    upper: float | None


CERTAIN_LOSS = Probability(0.0, 0.0, 0.0)


@remembered
def _record(ctx: Context) -> tuple[list[date], list[int]]:
    """The due dates of decided terms in order, and how many were renewed by each."""
    terms = decided_terms(ctx)
    renewed = accumulate((was_renewed for _, was_renewed in terms), initial=0)
    return [term.due_on for term, _ in terms], list(renewed)


def base_rate(ctx: Context, day: date) -> Probability:
    """Of the terms that fell due before a day, the renewed ones."""
    due_on, renewed = _record(ctx)
    base = bisect_left(due_on, day)
    if not base:
        return Probability(None, None, None)
    share = renewed[base] / base
    z = Z_OF_80
    centre = share + z * z / (2 * base)
    spread = z * math.sqrt(share * (1 - share) / base + z * z / (4 * base * base))
    scale = 1 + z * z / base
    lower, upper = (centre - spread) / scale, (centre + spread) / scale
    return Probability(share, max(0.0, lower), min(1.0, upper))


# ---- what is known of an account -------------------------------------------------


def month_known(ctx: Context, day: date) -> date:
    """The last complete month that ended on or before a day."""
    month = month_of(day)
    return month if is_complete(month, day) else month_of(month - timedelta(days=1))


@remembered
def bands(ctx: Context) -> dict[tuple[str, date], str]:
    """The health band of an account and month, where it has one."""
    return {
        (row["account_id"], row["date_month"]): row["health_band"]
        for row in account_health(ctx)
        if row["health_band"] is not None
    }


def band_seen(ctx: Context, account_id: str, day: date) -> str:
    """As known on a day."""
    return bands(ctx).get((account_id, month_known(ctx, day)), "unknown")


def usage_trend(ctx: Context, account_id: str, end: date) -> float:
    """(recent - before) / (recent + before) of the two windows that end on a day."""
    recent, before = in_two_windows(ctx, account_id, end)
    return (recent - before) / (recent + before) if recent + before else 0.0


def tenure_years(ctx: Context, account_id: str, month: date) -> float:
    """Whole months since the month of the first paid day, / 12; 0 before it."""
    first = first_paid_on(ctx)[account_id]
    months = (month.year - first.year) * 12 + month.month - first.month
    return max(months, 0) / 12


def features(ctx: Context, term: Term, day: date) -> dict[str, float]:
    """What a forecast made on a day knows of a term, but for what is zero."""
    month = month_known(ctx, day)
    who = term.account_id
    return {
        "intercept": 1.0,
        f"band={band_seen(ctx, who, day)}": 1.0,
        f"plan={term.plan}": 1.0,
        "tenure_years": tenure_years(ctx, who, month),
        "usage_trend": usage_trend(ctx, who, end_of(month, day)),
    }


# ---- forecasts -------------------------------------------------------------------


def model_of(ctx: Context, day: date) -> RenewalModel | None:
    """The newest model trained up to a day on or before this one."""
    known = [model for model in ctx.renewal_models if model.trained_until <= day]
    return max(known, key=lambda model: model.trained_until, default=None)


def by_model(model: RenewalModel, known: dict[str, float]) -> Probability:
    """The logistic curve of x'b, and of x'b -+ z sqrt(x'Sx)."""
    logit = math.fsum(
        b * known.get(name, 0.0) for name, b in model.coefficients.items()
    )
    variance = math.fsum(
        covariance * known.get(one, 0.0) * known.get(other, 0.0)
        for (one, other), covariance in model.covariances.items()
    )
    spread = Z_OF_80 * math.sqrt(max(variance, 0.0))
    return Probability(*(_logistic(x) for x in (logit, logit - spread, logit + spread)))


def _logistic(logit: float) -> float:
    if logit < 0:
        return math.exp(logit) / (1 + math.exp(logit))
    return 1 / (1 + math.exp(-logit))


def probability(ctx: Context, term: Term, day: date) -> Probability:
    """Of a term's renewal, as seen on a day; without what is scheduled."""
    model = model_of(ctx, day)
    if model is None:
        return base_rate(ctx, day)
    return by_model(model, features(ctx, term, day))


def is_cancelled(ctx: Context, term: Term) -> bool:
    """All its items end on the due date (rule 77)."""
    return all(scheduled_end(ctx, item) == term.due_on for item in term.items)


@remembered
def forecasts(ctx: Context) -> dict[tuple[str, str, date], tuple[Term, Probability]]:
    """The open terms and their probabilities today."""
    return {
        (term.account_id, term.subscription_id, term.due_on): (
            term,
            CERTAIN_LOSS
            if is_cancelled(ctx, term)
            else probability(ctx, term, ctx.as_of),
        )
        for term in open_terms(ctx)
    }


def renewal_forecast(ctx: Context) -> list[Row]:
    """One row per open term, without `top_factors`, which is a free text."""
    rows = []
    for term, likely in forecasts(ctx).values():
        mrr = float(term.mrr)

        def times(share: float | None, mrr: float = mrr) -> float | None:
            return None if share is None else share * mrr

        rows.append(
            {
                "account_id": term.account_id,
                "subscription_id": term.subscription_id,
                "due_on": term.due_on,
                "plan": term.plan,
                "mrr": term.mrr,
                "probability": likely.value,
                "probability_lower": likely.lower,
                "probability_upper": likely.upper,
                "expected_mrr": times(likely.value),
                "best_mrr": times(likely.upper),
                "worst_mrr": times(likely.lower),
            }
        )
    return rows


# ---- backtest --------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A decided term as seen some days before it fell due."""

    term: Term
    day: date
    band: str
    was_renewed: bool


def seen_before(ctx: Context, horizon_days: int) -> list[Seen]:
    """The decided terms of items whose period had begun so many days before."""
    found = []
    for term, was_renewed in decided_terms(ctx):
        day = term.due_on - timedelta(days=horizon_days)
        begun = tuple(item for item in term.items if item.started_on <= day)
        if begun:
            known = Term(term.account_id, term.subscription_id, term.due_on, begun)
            band = band_seen(ctx, term.account_id, day)
            found.append(Seen(known, day, band, was_renewed))
    return found


def share_of_band(seen: list[Seen], band: str, day: date) -> float | None:
    """Of the terms decided before a day with the same band, the renewed ones."""
    outcomes = [s.was_renewed for s in seen if s.band == band and s.term.due_on < day]
    return ratio(sum(outcomes), len(outcomes))


@dataclass(frozen=True)
class Outcome:
    """What was forecast in three ways, and what came."""

    term: Term
    was_renewed: bool
    by_model: float
    by_base_rate: float | None
    by_band: float | None

    def squared(self, forecast: float | None) -> float | None:
        """The distance of a forecast from what came."""
        return None if forecast is None else (forecast - self.was_renewed) ** 2


def outcomes(ctx: Context, horizon_days: int) -> list[Outcome]:
    """The terms that a model could see so many days before, by deciles' order."""
    seen = seen_before(ctx, horizon_days)
    found = []
    for each in seen:
        model = model_of(ctx, each.day)
        if model is None:
            continue
        forecast = by_model(model, features(ctx, each.term, each.day)).value
        assert forecast is not None
        base = base_rate(ctx, each.day).value
        of_band = share_of_band(seen, each.band, each.day)
        found.append(
            Outcome(
                each.term,
                each.was_renewed,
                forecast,
                base,
                base if of_band is None else of_band,
            )
        )
    return sorted(found, key=lambda outcome: (outcome.by_model, outcome.term.order))


def ntiles(size: int, parts: int) -> list[int]:
    """The part of each of so many rows in order: the first parts are the larger."""
    small, larger = divmod(size, parts)
    return [
        part
        for part in range(1, parts + 1)
        for _ in range(small + (1 if part <= larger else 0))
    ]


def forecast_backtest(ctx: Context) -> list[Row]:
    """One row per horizon and decile of the probability; none without a model."""
    rows = []
    for horizon_days in HORIZONS:
        found = outcomes(ctx, horizon_days)
        deciles: dict[int, list[Outcome]] = defaultdict(list)
        for decile, outcome in zip(ntiles(len(found), DECILES), found, strict=True):
            deciles[decile].append(outcome)
        for decile, of in deciles.items():
            rows.append(
                {
                    "horizon_days": horizon_days,
                    "decile": decile,
                    "renewals": len(of),
                    "mean_probability": _mean(o.by_model for o in of),
                    "renewed_share": ratio(sum(o.was_renewed for o in of), len(of)),
                    "brier": _mean(o.squared(o.by_model) for o in of),
                    "brier_base_rate": _mean(o.squared(o.by_base_rate) for o in of),
                    "brier_health_band": _mean(o.squared(o.by_band) for o in of),
                }
            )
    return rows


def _mean(values: Iterable[float | None]) -> float | None:
    """Of those that are known."""
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "renewal_forecast": (
        renewal_forecast,
        ["account_id", "subscription_id", "due_on"],
    ),
    "forecast_backtest": (forecast_backtest, ["horizon_days", "decile"]),
}

"""Where MRR is going, and how far off such outlooks were, from decision 12 alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .account_months import mrr_on, terms_on
from .arithmetic import (
    Difference,
    Row,
    add_months,
    exact,
    is_complete,
    last_day,
    mean,
    month_of,
    remembered,
)
from .core_revenue import (
    NOTHING,
    Due,
    is_active_on,
    monthly_churn,
    movement_months,
    paying_days,
)
from .entities import Context, Subscription
from .forecast import base_rate, forecasts, probability, terms_of
from .paying import months_of_term, scheduled_end

AHEAD = range(1, 13)  # months
RECENT = 12  # months, or pairs of them
BACKTESTS = 36  # months
ENOUGH_ERRORS = 8
NOISE = 1e-9  # of a value
WITHOUT_TERM = {"week", "month"}
TENTH = Fraction(1, 10)


@dataclass(frozen=True)
class Outlook:
    """What is expected of the MRR of a day, some months on."""

    made_on: date
    months_ahead: int
    target: date  # the last day of that month
    committed: Decimal
    contracted: Decimal
    expected: float


# ---- what is assumed -------------------------------------------------------------


def complete_months(ctx: Context, day: date) -> list[date]:
    """The months of the ledger that were over by a day."""
    return [month for month in movement_months(ctx) if is_complete(month, day)]


@remembered
def billed_by_the_month(ctx: Context) -> dict[date, tuple[int, int]]:
    """Of the customers at a month's end billed by week or month: gone a month on."""
    found = {}
    for month in complete_months(ctx, ctx.as_of):
        end, next_end = last_day(month), last_day(add_months(month, 1))
        billed = [
            who
            for who in paying_days(ctx)
            if mrr_on(ctx, who, end) > 0
            and terms_on(ctx, who, end)["billing_interval"] in WITHOUT_TERM
        ]
        if next_end <= ctx.as_of:
            gone = sum(mrr_on(ctx, who, next_end) == 0 for who in billed)
            found[month] = gone, len(billed)
    return found


def monthly_survival(ctx: Context, day: date) -> float:
    """1 - the monthly churn of those without a term, over the last pairs of months."""
    firsts = complete_months(ctx, day)[:-1][-RECENT:]
    pairs = [billed_by_the_month(ctx)[month] for month in firsts]
    gone, base = sum(gone for gone, _ in pairs), sum(base for _, base in pairs)
    return float(1 - Fraction(gone, base)) if base else 1.0


def recent_churn(ctx: Context, day: date) -> list[Row]:
    """The last complete months of monthly_churn."""
    rows = [row for row in monthly_churn(ctx) if is_complete(row["date_month"], day)]
    return rows[-RECENT:]


def growth(ctx: Context, day: date) -> float:
    """g: of customers who stay, by expansion less contraction."""
    rows = recent_churn(ctx, day)
    moved = sum((r["expansion_mrr"] - r["contraction_mrr"] for r in rows), NOTHING)
    stayed = sum((r["mrr_at_start"] - r["churned_mrr"] for r in rows), NOTHING)
    return float(exact(moved) / exact(stayed)) if stayed else 0.0


# ---- an outlook ------------------------------------------------------------------


def due_dates(
    period: Subscription, day: date, until: date, end: date | None
) -> Iterator[date]:
    """After a day, by another, and not after the period's end where it is known."""
    months = months_of_term(period)
    if months is None:
        return
    last = min(until, end or until)
    term = 1
    while (due_on := add_months(period.started_on, months * term)) <= last:
        if due_on > day:
            yield due_on
        term += 1


@dataclass
class Assumptions:
    """What an outlook of a day takes for granted; of today's ends only today's."""

    ctx: Context
    day: date

    def __post_init__(self) -> None:
        self.is_today = self.day == self.ctx.as_of
        self.running = [
            period
            for period in self.ctx.subscriptions
            if period.mrr > 0 and is_active_on(period, self.day)
        ]
        self.base_rate = base_rate(self.ctx, self.day).value
        self.survival = monthly_survival(self.ctx, self.day)
        self.growth = growth(self.ctx, self.day)
        self.by_term = self._first_renewals()

    def _first_renewals(self) -> dict[tuple[str, str, date], float | None]:
        """The probability of each term that the renewal forecast of the day has."""
        if self.is_today:
            found = forecasts(self.ctx).items()
            return {what: likely.value for what, (_, likely) in found}
        window = timedelta(days=self.ctx.config["renewal_window_days"])
        dues = [
            Due(period, due_on)
            for period in self.running
            for due_on in due_dates(period, self.day, self.day + window, None)
        ]
        return {
            (term.account_id, term.subscription_id, term.due_on): probability(
                self.ctx, term, self.day
            ).value
            for term in terms_of(dues)
        }

    def is_gone(self, period: Subscription, target: date) -> bool:
        """Known to end by then."""
        end = scheduled_end(self.ctx, period) if self.is_today else None
        return end is not None and end <= target

    def dues(self, period: Subscription, target: date) -> list[date]:
        """The due dates that decide about a period by then."""
        # a delivered end that is no cancellation is that of a term to be renewed
        return list(due_dates(period, self.day, target, None))

    def is_still_there(self, period: Subscription, target: date, ahead: int) -> float:
        """The probability, without growth."""
        if months_of_term(period) is None:
            return float(self.survival**ahead)
        share = 1.0
        for n, due_on in enumerate(self.dues(period, target)):
            likely = self.base_rate
            if n == 0:
                what = Due(period, due_on).what
                likely = self.by_term.get(what, likely)
            share *= 1.0 if likely is None else likely
        return share

    def outlook(self, ahead: int) -> Outlook:
        """At the end of a month to come."""
        target = last_day(add_months(month_of(self.day), ahead))
        there = [p for p in self.running if not self.is_gone(p, target)]
        expected = math.fsum(
            float(period.mrr) * self.is_still_there(period, target, ahead)
            for period in there
        )
        return Outlook(
            self.day,
            ahead,
            target,
            sum((period.mrr for period in there), NOTHING),
            sum(
                (
                    period.mrr
                    for period in there
                    if months_of_term(period) is not None
                    and not self.dues(period, target)
                ),
                NOTHING,
            ),
            expected * (1 + self.growth) ** ahead,
        )


# ---- the record ------------------------------------------------------------------


def mrr_kept(ctx: Context, day: date, target: date) -> Decimal:
    """The MRR on a day to come of the accounts that pay on a day."""
    return sum(
        (days.on(target) for days in paying_days(ctx).values() if days.on(day) > 0),
        NOTHING,
    )


@remembered
def record(ctx: Context) -> list[tuple[Outlook, Decimal]]:
    """The outlooks of the last complete months whose target is over, and what came."""
    found = []
    for month in complete_months(ctx, ctx.as_of)[-BACKTESTS:]:
        made_on = last_day(month)
        assumed = Assumptions(ctx, made_on)
        for ahead in AHEAD if assumed.running else ():
            if last_day(add_months(month, ahead)) <= ctx.as_of:
                outlook = assumed.outlook(ahead)
                found.append((outlook, mrr_kept(ctx, made_on, outlook.target)))
    return found


def percentile_cont(values: Sequence[float], share: Fraction) -> float:
    """Interpolated between the two nearest."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + float(position - below) * (ordered[above] - ordered[below])


def interval(ctx: Context, outlook: Outlook) -> tuple[float, float] | None:
    """By the errors of outlooks as far ahead whose target was over by then."""
    errors = [
        float(actual) / past.expected - 1
        for past, actual in record(ctx)
        if past.months_ahead == outlook.months_ahead
        and past.target <= outlook.made_on
        and past.expected
    ]
    if len(errors) < ENOUGH_ERRORS:
        return None
    low, high = percentile_cont(errors, TENTH), percentile_cont(errors, 1 - TENTH)
    return outlook.expected * (1 + low), outlook.expected * (1 + high)


def is_within(value: float, bounds: tuple[float, float]) -> bool:
    """The bounds included, but for the noise of doubles."""
    noise = NOISE * abs(value)
    return bounds[0] - noise <= value <= bounds[1] + noise


def mrr_outlook(ctx: Context) -> list[Row]:
    """One row for each of the months to come."""
    assumed = Assumptions(ctx, ctx.as_of)
    rows = []
    for ahead in AHEAD:
        outlook = assumed.outlook(ahead)
        lower, upper = interval(ctx, outlook) or (None, None)
        rows.append(
            {
                "date_month": month_of(outlook.target),
                "months_ahead": ahead,
                "committed_mrr": outlook.committed,
                "contracted_mrr": outlook.contracted,
                "expected_mrr": outlook.expected,
                "lower": lower,
                "upper": upper,
                "trailing_new_mrr": mean(
                    row["new_mrr"] for row in recent_churn(ctx, ctx.as_of)
                ),
            }
        )
    return rows


def mrr_outlook_backtest(ctx: Context) -> list[Row]:
    """One row per complete month's end and number of months that are over."""
    rows = []
    for outlook, actual in record(ctx):
        bounds = interval(ctx, outlook)
        rows.append(
            {
                "made_on": outlook.made_on,
                "months_ahead": outlook.months_ahead,
                "expected_mrr": outlook.expected,
                "actual_mrr": actual,
                "error": Difference(float(actual), outlook.expected),
                "is_within_interval": (
                    is_within(float(actual), bounds) if bounds else None
                ),
            }
        )
    return rows


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "mrr_outlook": (mrr_outlook, ["date_month", "months_ahead"]),
    "mrr_outlook_backtest": (mrr_outlook_backtest, ["made_on", "months_ahead"]),
}

"""Retention by segment, from decision 11 alone.

A metric is about the customers that a segment has at the start of a month (S), or about
those that it had twelve months before its end (S then).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .account_months import (
    NPS_DAYS,
    attributes_on,
    mrr_on,
    nps_answers,
    own_segments_on,
    terms_on,
)
from .arithmetic import (
    Row,
    add_months,
    adjusted_wald,
    end_of,
    exact,
    feature_catalogue,
    is_complete,
    last_day,
    month_of,
    percentile,
    ratio,
    remembered,
    wilson,
)
from .core_revenue import (
    NOTHING,
    eve,
    first_paid_on,
    known,
    movement_months,
    paying_days,
)
from .engagement import first_days, first_value_on
from .entities import Context
from .sentiment import latest_answers, nps_segment

MONTHS_OF_MEAN_CHURN = 3

Segment = tuple[str, str]  # type and value

# ---- who is in a segment ---------------------------------------------------------


def cohort_quarter(day: date) -> str:
    """The quarter of a day, as 2024-Q1."""
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}"


def segments_on(ctx: Context, account_id: str, day: date) -> dict[str, str]:
    """The value in each type of segment that a customer has at the end of a day."""
    terms = terms_on(ctx, account_id, day)
    attributes: dict[str, str | None] = vars(attributes_on(ctx, account_id, day))
    return {
        "all": "all",
        "plan": known(terms["plan"]),
        "billing_interval": known(terms["billing_interval"]),
        **{name: known(value) for name, value in attributes.items()},
        **own_segments_on(ctx, account_id, day),
        "cohort_quarter": cohort_quarter(first_paid_on(ctx)[account_id]),
    }


def customers_on(ctx: Context, day: date) -> dict[Segment, list[str]]:
    """The customers at the end of a day, by each of their segments on that day."""
    found: dict[Segment, list[str]] = defaultdict(list)
    for account_id in paying_days(ctx):
        if mrr_on(ctx, account_id, day) > 0:
            for segment in segments_on(ctx, account_id, day).items():
                found[segment].append(account_id)
    return dict(found)


@dataclass(frozen=True)
class Group:
    """Whom the metrics of a segment and month are about."""

    month: date
    end: date
    customers: list[str]  # S
    a_year_before: list[str]  # S then


# ---- the metrics -----------------------------------------------------------------


@dataclass(frozen=True)
class Value:
    """A value with its bounds, and over how many it is."""

    value: float | None
    base: int
    lower: float | None = None
    upper: float | None = None


def share(hits: int, base: int) -> Value:
    """A proportion with its Wilson interval."""
    return Value(ratio(hits, base), base, *wilson(hits, base))


def churned(ctx: Context, group: Group) -> int:
    """Of S, those that do not pay at the month's end."""
    return sum(mrr_on(ctx, who, group.end) == 0 for who in group.customers)


def mrr_at_start(ctx: Context, group: Group) -> Decimal:
    """What S paid on the day before the month began."""
    return sum((mrr_on(ctx, who, eve(group.month)) for who in group.customers), NOTHING)


def gross_mrr_churn_rate(ctx: Context, group: Group) -> Value:
    """What S pays less at the month's end, each account for itself."""
    lost = NOTHING
    for who in group.customers:
        before = mrr_on(ctx, who, eve(group.month))
        lost += max(before - mrr_on(ctx, who, group.end), NOTHING)
    return Value(ratio(lost, mrr_at_start(ctx, group)), len(group.customers))


def of_a_year_before(ctx: Context, group: Group) -> dict[str, Value]:
    """How much of S then is left: MRR, MRR capped account by account, customers."""
    then = last_day(add_months(group.month, -12))
    base = len(group.a_year_before)
    pairs = [
        (mrr_on(ctx, who, then), mrr_on(ctx, who, group.end))
        for who in group.a_year_before
    ]
    mrr_then = sum((before for before, _ in pairs), NOTHING)
    mrr_now = sum((after for _, after in pairs), NOTHING)
    capped = sum((min(pair) for pair in pairs), NOTHING)
    return {
        "nrr_12m": Value(ratio(mrr_now, mrr_then), base),
        "grr_12m": Value(ratio(capped, mrr_then), base),
        "retention_12m": share(sum(after > 0 for _, after in pairs), base),
    }


def nps(ctx: Context, group: Group) -> Value:
    """Of the trailing days, over each respondent's latest answer within S."""
    start = group.end - timedelta(days=NPS_DAYS - 1)
    latest = latest_answers(
        answer
        for who in group.customers
        for answer in nps_answers(ctx).get(who, [])
        if answer.responded_on and start <= answer.responded_on <= group.end
    )
    answers = [nps_segment(a.score) for a in latest if a.score is not None]
    promoters, detractors = answers.count("promoter"), answers.count("detractor")
    return Value(
        ratio(100 * (promoters - detractors), len(answers)),
        len(answers),
        *adjusted_wald(promoters, detractors, len(answers)),
    )


@remembered
def adopting_accounts(ctx: Context) -> dict[date, set[str]]:
    """By month, the accounts with a user of enough days within the account (43)."""
    core = {key for key, feature in feature_catalogue().items() if feature.is_core}
    days: dict[tuple[date, str, str], set[date]] = defaultdict(set)
    for event in ctx.feature_events:
        if event.feature_key in core:
            month = month_of(event.date_day)
            days[month, event.account_id, event.user_id].add(event.date_day)
    found: dict[date, set[str]] = defaultdict(set)
    for (month, account_id, _), used_on in days.items():
        if len(used_on) >= ctx.config["adoption_min_days"]:
            found[month].add(account_id)
    return dict(found)


def customer_adoption_rate(ctx: Context, group: Group) -> Value:
    """Of S, those with an adopting user; unknown before the first month with events."""
    base = len(group.customers)
    first = min((event.date_day for event in ctx.feature_events), default=date.max)
    if group.month < month_of(first):
        return Value(None, base)
    adopting = adopting_accounts(ctx).get(group.month, set())
    return share(len(adopting.intersection(group.customers)), base)


@remembered
def value_moments(ctx: Context) -> dict[str, tuple[date, int]]:
    """When each account reached its first value moment, and after how many days."""
    starts = first_days(ctx)
    return {
        account_id: (day, (day - starts[account_id]).days)
        for account_id, day in first_value_on(ctx).items()
    }


def time_to_value_days(ctx: Context, group: Group) -> Value:
    """The median over those of S that reached a value moment by the month's end."""
    moments = value_moments(ctx)
    reached = [moments[who] for who in group.customers if who in moments]
    days = [waited for day, waited in reached if day <= group.end]
    return Value(percentile(days, Fraction(1, 2)), len(days))


def ltv(ctx: Context, group: Group, churn_rates: list[Fraction]) -> Value:
    """Margin per customer / mean churn of the months; null while none churned."""
    base = len(group.customers)
    per_customer = exact(mrr_at_start(ctx, group)) / base
    churn = sum(churn_rates, Fraction(0)) / len(churn_rates)
    return Value(ratio(per_customer * exact(ctx.config["gross_margin"]), churn), base)


def figures_of(ctx: Context, group: Group) -> dict[str, Value]:
    """Every metric of a segment and month that looks at no other month of it."""
    base = len(group.customers)
    return {
        "churn_rate": share(churned(ctx, group), base),
        "gross_mrr_churn_rate": gross_mrr_churn_rate(ctx, group),
        "nps": nps(ctx, group),
        "customer_adoption_rate": customer_adoption_rate(ctx, group),
        "time_to_value_days": time_to_value_days(ctx, group),
        "mrr_per_customer": Value(ratio(mrr_at_start(ctx, group), base), base),
    }


# ---- retention_by_segment --------------------------------------------------------


def groups(ctx: Context) -> dict[tuple[date, Segment], Group]:
    """Every segment in each month with customers at its start, or a year before."""
    found = {}
    for month in movement_months(ctx):
        now = customers_on(ctx, eve(month))
        then = customers_on(ctx, last_day(add_months(month, -12)))
        for segment in {**now, **then}:
            found[month, segment] = Group(
                month,
                end_of(month, ctx.as_of),
                now.get(segment, []),
                then.get(segment, []),
            )
    return found


def retention_by_segment(ctx: Context) -> list[Row]:
    """One row per month, segment and metric."""
    found = groups(ctx)
    churn = {
        key: Fraction(churned(ctx, group), len(group.customers))
        for key, group in found.items()
        if group.customers
    }
    rows = []
    for (month, segment), group in found.items():
        is_whole = is_complete(month, ctx.as_of)
        metrics = of_a_year_before(ctx, group)
        if group.customers:
            metrics |= figures_of(ctx, group)
        if group.customers and is_whole:
            last = [add_months(month, -n) for n in range(MONTHS_OF_MEAN_CHURN)]
            rates = [churn[m, segment] for m in last if (m, segment) in churn]
            metrics["ltv"] = ltv(ctx, group, rates)
        for metric, result in metrics.items():
            rows.append(
                {
                    "date_month": month,
                    "segment_type": segment[0],
                    "segment_value": segment[1],
                    "metric": metric,
                    "value": result.value,
                    "lower": result.lower,
                    "upper": result.upper,
                    "base": result.base,
                    "is_small_sample": result.base < ctx.config["small_sample_size"],
                    "is_complete_month": is_whole,
                }
            )
    return rows


# ---- feature_adoption_by_segment -------------------------------------------------


def feature_adoption_by_segment(ctx: Context) -> list[Row]:
    """One row per month, segment and feature that one of its customers used."""
    used: dict[date, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for event in ctx.feature_events:
        used[month_of(event.date_day)][event.feature_key].add(event.account_id)
    rows = []
    for month, by_feature in used.items():
        for (kind, value), customers in customers_on(ctx, eve(month)).items():
            for feature_key, accounts in by_feature.items():
                using = len(accounts.intersection(customers))
                if not using:
                    continue
                rows.append(
                    {
                        "date_month": month,
                        "segment_type": kind,
                        "segment_value": value,
                        "feature_key": feature_key,
                        "customers": len(customers),
                        "customers_using": using,
                        "share_of_customers": ratio(using, len(customers)),
                        "is_small_sample": len(customers)
                        < ctx.config["small_sample_size"],
                        "is_complete_month": is_complete(month, ctx.as_of),
                    }
                )
    return rows


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "feature_adoption_by_segment": (
        feature_adoption_by_segment,
        ["date_month", "segment_type", "segment_value", "feature_key"],
    ),
    "retention_by_segment": (
        retention_by_segment,
        ["date_month", "segment_type", "segment_value", "metric"],
    ),
}

"""What customers of a channel cost and bring, from decision 12 alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from .arithmetic import Row, end_of, exact, half_up, is_complete, mean, month_of, ratio
from .core_revenue import (
    NOTHING,
    customer_lifetime_value,
    first_paid_on,
    known,
    paying_days,
)
from .entities import Context

EVERY_CHANNEL = "all"
Cohort = tuple[str, date]  # channel and month


def cohorts(ctx: Context) -> dict[Cohort, list[str]]:
    """Who first had MRR in a month, by today's channel; all channels together too."""
    found: dict[Cohort, list[str]] = defaultdict(list)
    for account_id, day in first_paid_on(ctx).items():
        channel = known(ctx.accounts[account_id].acquisition_channel)
        for name in (channel, EVERY_CHANNEL):
            found[name, month_of(day)].append(account_id)
    return dict(found)


def spending(ctx: Context) -> dict[Cohort, Decimal]:
    """Acquisition spend by the channel that the row names, else `unknown`; and all."""
    found: dict[Cohort, Decimal] = {}
    for cost in ctx.costs:
        if cost.cost_type == "acquisition":
            for name in (cost.channel or "unknown", EVERY_CHANNEL):
                key = name, cost.date_month
                found[key] = found.get(key, NOTHING) + cost.amount_base
    return found


def mean_value(ctx: Context) -> Callable[[list[str]], float | None]:
    """Of some accounts, the mean survival_clv."""
    clv = {r["account_id"]: r["survival_clv"] for r in customer_lifetime_value(ctx)}
    return lambda accounts: mean(clv[account_id] for account_id in accounts)


def channel_economics(ctx: Context) -> list[Row]:
    """One row per channel, cohort month and month since, to as_of's month."""
    members, spent = cohorts(ctx), spending(ctx)
    value_of = mean_value(ctx)
    margin = exact(ctx.config["gross_margin"])
    rows = []
    for cohort in {*members, *(key for key, cost in spent.items() if cost > 0)}:
        channel, cohort_month = cohort
        accounts, cost = members.get(cohort, []), spent.get(cohort)
        cac = None if cost is None else ratio(cost, len(accounts))
        value = value_of(accounts)
        paid = NOTHING
        for n, month in enumerate(ctx.months_from(cohort_month)):
            end = end_of(month, ctx.as_of)
            mrr = sum((paying_days(ctx)[who].on(end) for who in accounts), NOTHING)
            paid += mrr
            earned = half_up(exact(paid) * margin, 4)
            rows.append(
                {
                    "acquisition_channel": channel,
                    "cohort_month": cohort_month,
                    "months_since_start": n,
                    "customers": len(accounts),
                    "acquisition_cost": cost,
                    "cac": cac,
                    "cumulative_margin": earned,
                    "is_paid_back": None if cost is None else earned >= cost,
                    "ltv_to_cac": value / cac if value is not None and cac else None,
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "channel_economics": (
        channel_economics,
        ["acquisition_channel", "cohort_month", "months_since_start"],
    ),
}

"""Who pays what on which day, straight from the subscription periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .arithmetic import (
    add_months,
    end_of,
    months_between,
    remembered,
)
from .entities import Context, Subscription

NOTHING = Decimal("0.0000")
MONTHS_OF_TERM = {"quarter": 3, "half_year": 6, "year": 12}


@remembered
def paid_periods(ctx: Context) -> dict[str, list[Subscription]]:
    """The periods that carry MRR, by account."""
    periods: dict[str, list[Subscription]] = defaultdict(list)
    for period in ctx.subscriptions:
        if not period.is_trial and period.mrr > 0:
            periods[period.account_id].append(period)
    return dict(periods)


def mrr_on(periods: Sequence[Subscription], day: date) -> Decimal:
    """The MRR that an account's paid periods add up to on a day."""
    return sum((p.mrr for p in periods if is_active_on(p, day)), NOTHING)


def is_active_on(period: Subscription, day: date) -> bool:
    """Half open: the last day is the one before `ended_on`."""
    return period.started_on <= day and (
        period.ended_on is None or day < period.ended_on
    )


def first_paid_on(ctx: Context) -> dict[str, date]:
    """The first day with MRR, of the accounts that ever paid."""
    return {
        account_id: min(period.started_on for period in periods)
        for account_id, periods in paid_periods(ctx).items()
    }


def paying_since(periods: Sequence[Subscription], day: date) -> date | None:
    """The start of the unbroken paying time that a day lies in."""
    turns = {p.started_on for p in periods}
    turns |= {p.ended_on for p in periods if p.ended_on is not None}
    since = None
    for turn in sorted((turn for turn in turns if turn <= day), reverse=True):
        if mrr_on(periods, turn) == 0:
            break
        since = turn
    return since


def month_end_mrr(ctx: Context) -> dict[str, list[tuple[date, Decimal, Decimal]]]:
    """Month, MRR at the end before and at its end, from an account's first month."""
    return {
        account_id: [
            (
                month,
                mrr_on(periods, month - timedelta(days=1)),
                mrr_on(periods, end_of(month, ctx.as_of)),
            )
            for month in months_between(
                min(period.started_on for period in periods), ctx.as_of
            )
        ]
        for account_id, periods in paid_periods(ctx).items()
    }


@dataclass(frozen=True)
class Renewal:
    """A due date of a paid period that is still to come."""

    account_id: str
    due_on: date
    period: Subscription


def open_renewals(ctx: Context) -> list[Renewal]:
    """Due after as_of and within the window (rules 25, 26)."""
    until = ctx.as_of + timedelta(days=ctx.config["renewal_window_days"])
    renewals = []
    for account_id, periods in paid_periods(ctx).items():
        for period in periods:
            months = MONTHS_OF_TERM.get(period.billing_interval)
            if months is None or not is_active_on(period, ctx.as_of):
                continue
            terms = 1
            due_on = add_months(period.started_on, months)
            while due_on <= until:
                if due_on > ctx.as_of:
                    renewals.append(Renewal(account_id, due_on, period))
                terms += 1
                due_on = add_months(period.started_on, months * terms)
    return renewals

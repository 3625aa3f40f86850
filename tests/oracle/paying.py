"""Who pays what on which day, straight from the subscription periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

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
    """The start of the unbroken paying period around a day."""
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


# ---- terms and ends to come ------------------------------------------------------


def months_of_term(period: Subscription) -> int | None:
    """Rule 25: `term_months`, else by the billing interval; None: no renewals."""
    if period.term_months is not None:
        return period.term_months if period.term_months > 1 else None
    return MONTHS_OF_TERM.get(period.billing_interval)


@remembered
def _terms_before(ctx: Context) -> dict[tuple[str, str, date], Subscription]:
    """The period before the one that starts on a day, of the same item."""
    items: dict[tuple[str, str], list[Subscription]] = defaultdict(list)
    for period in ctx.subscriptions:
        item = period.subscription_id, period.subscription_item_id
        items[item].append(period)
    before = {}
    for item, periods in items.items():
        periods.sort(key=lambda period: period.started_on)
        for earlier, later in pairwise(periods):
            before[(*item, later.started_on)] = earlier
    return before


def is_mere_end_of_term(ctx: Context, period: Subscription) -> bool:
    """Without a reason, and after a term on the same conditions (rule 77)."""
    before = _terms_before(ctx).get(
        (period.subscription_id, period.subscription_item_id, period.started_on)
    )
    return (
        not period.has_cancel_reason
        and before is not None
        and not before.is_trial
        and before.ended_on == period.started_on
        and (before.plan, before.billing_interval, before.amount)
        == (period.plan, period.billing_interval, period.amount)
    )


def delivered_end(ctx: Context, period: Subscription) -> date | None:
    """The end after as_of that was delivered for a period that runs."""
    ended_on = period.ended_on
    if ended_on is None or ended_on <= ctx.as_of or not period.is_end_delivered:
        return None
    return ended_on


def scheduled_end(ctx: Context, period: Subscription) -> date | None:
    """The day for which a running paid period is cancelled already (rule 77)."""
    end = delivered_end(ctx, period)
    if end is None or period.mrr == 0 or not ctx.config["future_end_is_cancellation"]:
        return None
    next_start = ctx.next_paid_start.get(period.account_id, date.max)
    if next_start <= end or is_mere_end_of_term(ctx, period):
        return None
    return end


@dataclass(frozen=True)
class Cancellation:
    """The whole MRR of an account ends on a day to come."""

    account_id: str
    day: date
    last_period: Subscription  # the one that ends then; of several, rule 18's


@remembered
def cancellations(ctx: Context) -> dict[str, Cancellation]:
    """The accounts all of whose running paid periods have a scheduled end."""
    found = {}
    for account_id, periods in paid_periods(ctx).items():
        running = [p for p in periods if is_active_on(p, ctx.as_of)]
        ends = [(scheduled_end(ctx, period), period) for period in running]
        days = [day for day, _ in ends if day is not None]
        if running and len(days) == len(running):
            last = max(days)
            last_period = max(
                (period for day, period in ends if day == last),
                key=lambda p: (p.mrr, p.subscription_id, p.subscription_item_id),
            )
            found[account_id] = Cancellation(account_id, last, last_period)
    return found


@dataclass(frozen=True)
class Renewal:
    """A due date of a paid period that is still to come."""

    account_id: str
    due_on: date
    period: Subscription
    is_cancel_scheduled: bool


@remembered
def open_renewals(ctx: Context) -> list[Renewal]:
    """Due after as_of and within the window (rules 25, 26, 77)."""
    until = ctx.as_of + timedelta(days=ctx.config["renewal_window_days"])
    renewals = []
    for account_id, periods in paid_periods(ctx).items():
        for period in periods:
            months = months_of_term(period)
            if months is None or not is_active_on(period, ctx.as_of):
                continue
            last = min(until, delivered_end(ctx, period) or until)
            terms = 1
            while (due_on := add_months(period.started_on, months * terms)) <= last:
                if due_on > ctx.as_of:
                    is_last = due_on == scheduled_end(ctx, period)
                    renewals.append(Renewal(account_id, due_on, period, is_last))
                terms += 1
    return renewals

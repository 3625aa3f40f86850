"""What moved a customer's MRR, item by item, from decision 10 alone.

Here too, because it needs the causes: mrr_movements, in place of core_revenue's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from . import core_revenue
from .arithmetic import Row, end_of, half_up, remembered
from .core_revenue import NOTHING, eve, is_active_on, periods_of
from .entities import Context, Subscription
from .rows import MONTHS_BILLED, Rates, rate_on, rates_of

CAUSES = ("price", "seats", "plan", "discount", "currency", "other")

Item = tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """An item's active period before the month and at its end; None where none is."""

    before: Subscription | None
    after: Subscription | None


def items_of(ctx: Context, account_id: str, month: date) -> list[Pair]:
    """The items with an active period on either side; a trial is none."""

    def active_on(day: date) -> dict[Item, Subscription]:
        return {
            (period.subscription_id, period.subscription_item_id): period
            for period in periods_of(ctx)[account_id]
            if is_active_on(period, day) and not period.is_trial
        }

    before, after = active_on(eve(month)), active_on(end_of(month, ctx.as_of))
    return [Pair(before.get(item), after.get(item)) for item in {**before, **after}]


@remembered
def known_rates(ctx: Context) -> Rates:
    """The exchange rates on file."""
    return rates_of(ctx.accepted.tables["exchange_rates"])


def as_mrr(amount: Decimal, period: Subscription, rate: Decimal) -> Fraction:
    """An amount per billing interval, per month and in the base currency."""
    return Fraction(amount) * Fraction(rate) / MONTHS_BILLED[period.billing_interval]


def seats_of(period: Subscription) -> int:
    """Missing or zero seats count as 1."""
    return period.seats or 1


def parts_of(ctx: Context, pair: Pair) -> dict[str, Decimal]:
    """What explains the change of an item, but for `other`."""
    before, after = pair.before, pair.after
    if before is None or after is None:
        gained = after.mrr if after else NOTHING
        return {"plan": gained - (before.mrr if before else NOTHING)}
    if before is after:
        return {}
    if before.currency != after.currency:
        is_other_plan = before.plan != after.plan
        return {"plan": after.mrr - before.mrr} if is_other_plan else {}
    rate = rate_on(
        known_rates(ctx), after.currency, after.started_on, ctx.config["base_currency"]
    )
    assert rate is not None, "the row would be rejected"
    old_mrr = half_up(as_mrr(before.amount, before, rate), 4)
    parts = {"currency": old_mrr - before.mrr}
    if before.plan != after.plan:
        return {**parts, "plan": after.mrr - old_mrr}
    more_seats = seats_of(after) - seats_of(before)
    seats = half_up(more_seats * Fraction(old_mrr) / seats_of(before), 4)
    price = after.mrr - old_mrr - seats
    if before.list_amount is None or after.list_amount is None:
        return {**parts, "seats": seats, "price": price}
    old_list = half_up(as_mrr(before.list_amount, before, rate), 4)
    new_list = half_up(as_mrr(after.list_amount, after, rate), 4)
    list_seats = half_up(more_seats * Fraction(old_list) / seats_of(before), 4)
    list_price = new_list - old_list - list_seats
    discount = price - list_price
    return {**parts, "seats": seats, "discount": discount, "price": list_price}


def causes_of(ctx: Context, account_id: str, month: date, change: Decimal) -> Row:
    """The parts of all items together, and the rest of the account's change."""
    causes: Row = dict.fromkeys(CAUSES, NOTHING)
    for pair in items_of(ctx, account_id, month):
        for cause, part in parts_of(ctx, pair).items():
            causes[cause] += part
    causes["other"] = change - sum(causes.values())
    return causes


def mrr_movements(ctx: Context) -> list[Row]:
    """core_revenue's rows, with the causes of expansion and contraction."""
    function, _ = core_revenue.MARTS["mrr_movements"]
    rows = []
    for row in function(ctx):
        causes: Row = dict.fromkeys(CAUSES)
        if row["movement_type"] in ("expansion", "contraction"):
            causes = causes_of(
                ctx, row["account_id"], row["date_month"], row["mrr_change"]
            )
        changes = {f"{cause}_change": causes[cause] for cause in CAUSES}
        rows.append({**row, **changes})
    return rows


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "mrr_movements": (mrr_movements, core_revenue.MARTS["mrr_movements"][1]),
}

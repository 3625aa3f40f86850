"""MRR against the billing system's report, from the marts' descriptions alone.

Random data has no sources, so that the basis is always the delivered report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .arithmetic import (
    Row,
    add_months,
    end_of,
    is_complete,
    months_between,
    ratio,
    remembered,
)
from .core_revenue import NOTHING, is_active_on, paying_days, periods_of
from .entities import Context, ReportedMrr

BASIS = "mrr_reported"
ROUNDING = Decimal("0.05")
RATES_DIFFER_BY = Fraction(1, 4)
NOT_EXPLAINED = ("other", "missing_here", "missing_in_report")


def mrr_in(ctx: Context, account_id: str, month: date) -> Decimal:
    """The MRR at a month's end; nothing in months to come."""
    days = paying_days(ctx).get(account_id)
    if days is None or month > ctx.as_of:
        return NOTHING
    return days.on(end_of(month, ctx.as_of))


def likely_cause(
    ctx: Context, account_id: str, month: date, report: ReportedMrr | None
) -> str | None:
    """The first match; None where both are equal."""
    mrr = mrr_in(ctx, account_id, month)
    reported = report.mrr_base if report else NOTHING
    is_converted = report and report.currency != ctx.config["base_currency"]
    apart, smaller = abs(mrr - reported), Fraction(min(mrr, reported))
    near = [mrr_in(ctx, account_id, add_months(month, n)) for n in (-1, 1)]
    without_mrr = [
        period
        for period in periods_of(ctx).get(account_id, [])
        if is_active_on(period, end_of(month, ctx.as_of)) and period.mrr == 0
    ]
    causes = {
        "rounding": apart <= ROUNDING,
        "timing": reported > 0 and reported in near,
        "trial": mrr == 0 and any(period.is_trial for period in without_mrr),
        "paused_or_free": mrr == 0 and bool(without_mrr),
        "missing_here": mrr == 0,
        "missing_in_report": reported == 0,
        "exchange_rate": is_converted and apart < RATES_DIFFER_BY * smaller,
        "discount": mrr < reported,
        "other": True,
    }
    return next(cause for cause, holds in causes.items() if holds) if apart else None


@remembered
def mrr_reconciliation(ctx: Context) -> list[Row]:
    """One row per account with MRR on either side, in the report's first to last month.

    A month between them of which nothing is reported is one of the report's as well.
    """
    reports: dict[date, dict[str, ReportedMrr]] = defaultdict(dict)
    for report in ctx.mrr_reported:
        reports[report.date_month][report.account_id] = report
    rows = []
    months = months_between(min(reports), max(reports)) if reports else []
    for month in months:
        of_month = reports[month]
        for account_id in {*paying_days(ctx), *of_month}:
            mrr = mrr_in(ctx, account_id, month)
            found = of_month.get(account_id)
            reported = found.mrr_base if found else NOTHING
            if mrr == 0 and reported == 0:
                continue
            rows.append(
                {
                    "account_id": account_id,
                    "date_month": month,
                    "basis": BASIS,
                    "mrr": mrr,
                    "mrr_reported": reported,
                    "difference": mrr - reported,
                    "likely_cause": likely_cause(ctx, account_id, month, found),
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


def mrr_reconciliation_monthly(ctx: Context) -> list[Row]:
    """One row per month: how much agrees, of each account the larger side."""
    by_month: dict[date, list[Row]] = defaultdict(list)
    for row in mrr_reconciliation(ctx):
        by_month[row["date_month"]].append(row)

    def larger_sides(rows: list[Row]) -> Decimal:
        return sum((max(r["mrr"], r["mrr_reported"]) for r in rows), NOTHING)

    rows = []
    for month, of_month in by_month.items():
        agree = [row for row in of_month if abs(row["difference"]) <= ROUNDING]
        explained = [r for r in of_month if r["likely_cause"] not in NOT_EXPLAINED]
        every = larger_sides(of_month)
        rows.append(
            {
                "date_month": month,
                "basis": BASIS,
                **{
                    name: sum((row[name] for row in of_month), NOTHING)
                    for name in ("mrr", "mrr_reported", "difference")
                },
                "accounts_that_differ": len(of_month) - len(agree),
                "share_that_agrees": ratio(larger_sides(agree), every),
                "share_explained": ratio(larger_sides(explained), every),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "mrr_reconciliation": (mrr_reconciliation, ["account_id", "date_month"]),
    "mrr_reconciliation_monthly": (mrr_reconciliation_monthly, ["date_month"]),
}

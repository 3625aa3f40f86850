"""The core, revenue and row-quality marts, from the definitions alone.

Everything about money starts from one thing: what each account pays on each single day
(`paying_days`), added up period by period. Slow, and hard to get wrong.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .arithmetic import (
    Row,
    Z,
    add_months,
    days_between,
    end_of,
    exact,
    feature_catalogue,
    is_complete,
    last_day,
    mean,
    month_of,
    percentile,
    ratio,
    remembered,
    wilson,
)
from .entities import Account, Context, Invoice, Subscription
from .paying import months_of_term, open_renewals
from .rows import FILTERED_ROWS_LISTED, TABLES

NOTHING = Decimal("0.0000")
ONE_DAY = timedelta(days=1)

# ---- what each account pays on each day ------------------------------------------


@dataclass(frozen=True)
class PayingDays:
    """An account's MRR on every day from its first period's start to as_of."""

    first: date
    mrr: list[Decimal]

    def on(self, day: date) -> Decimal:
        """The MRR at the end of a day; nothing before the first period."""
        index = (day - self.first).days
        return self.mrr[index] if index >= 0 else NOTHING

    def falls_to_zero(self) -> list[date]:
        """The days on which the MRR falls to zero."""
        return [
            self.first + timedelta(days=n)
            for n in range(1, len(self.mrr))
            if self.mrr[n] == 0 and self.mrr[n - 1] > 0
        ]


def is_active_on(period: Subscription, day: date) -> bool:
    """Half open: `ended_on` is the first day that no longer counts."""
    return period.started_on <= day and (
        period.ended_on is None or day < period.ended_on
    )


@remembered
def periods_of(ctx: Context) -> dict[str, list[Subscription]]:
    """The subscription periods in scope, by account."""
    periods: dict[str, list[Subscription]] = defaultdict(list)
    for period in ctx.subscriptions:
        periods[period.account_id].append(period)
    return dict(periods)


@remembered
def paying_days(ctx: Context) -> dict[str, PayingDays]:
    """What every account with a subscription pays, day by day."""
    found = {}
    for account_id, periods in periods_of(ctx).items():
        first = min(period.started_on for period in periods)
        found[account_id] = PayingDays(
            first,
            [
                sum((p.mrr for p in periods if is_active_on(p, day)), NOTHING)
                for day in days_between(first, ctx.as_of)
            ],
        )
    return found


@remembered
def first_paid_on(ctx: Context) -> dict[str, date]:
    """The first day with MRR, of the accounts that ever paid."""
    found = {}
    for account_id, days in paying_days(ctx).items():
        paid = [n for n, mrr in enumerate(days.mrr) if mrr > 0]
        if paid:
            found[account_id] = days.first + timedelta(days=paid[0])
    return found


def is_trial(ctx: Context, period: Subscription) -> bool:
    """Of an account that never had MRR before its start (rule 76)."""
    first_paid = first_paid_on(ctx).get(period.account_id)
    return period.is_trial and (first_paid is None or period.started_on <= first_paid)


def counts(ctx: Context, period: Subscription) -> bool:
    """A period that calls itself a trial but is none counts for no metric (76)."""
    return not period.is_trial or is_trial(ctx, period)


def plan_on(ctx: Context, account_id: str, day: date) -> str | None:
    """The plan of the largest-MRR period that runs on a day; ties by name."""
    running = [
        period
        for period in periods_of(ctx).get(account_id, [])
        if is_active_on(period, day) and counts(ctx, period)
    ]
    if not running:
        return None
    return min(running, key=lambda period: (-period.mrr, period.plan)).plan


def movement_months(ctx: Context) -> list[date]:
    """From the ledger's first month to the one of as_of (empty without a ledger)."""
    paid = first_paid_on(ctx)
    return ctx.months_from(min(paid.values())) if paid else []


def eve(day: date) -> date:
    """The day before: what is so at a start is so at the end of the eve."""
    return day - ONE_DAY


# ---- core ------------------------------------------------------------------------


def known(attribute: str | None) -> str:
    """A segment attribute that is null is `unknown` (rule 12)."""
    return "unknown" if attribute is None else attribute


def employee_band(employees: int | None) -> str:
    """1-10, 11-50, 51-200, 201-1000, 1001+; none or zero: unknown."""
    if not employees:
        return "unknown"
    for low, high in ((1, 10), (11, 50), (51, 200), (201, 1000)):
        if employees <= high:
            return f"{low}-{high}"
    return "1001+"


def dim_accounts(ctx: Context) -> list[Row]:
    """One row per account in scope, without its lifecycle stage (rule 33)."""
    rows = []
    for account in ctx.accounts.values():
        days = paying_days(ctx).get(account.account_id)
        mrr = days.on(ctx.as_of) if days else NOTHING
        falls = days.falls_to_zero() if days and mrr == 0 else []
        rows.append(
            {
                "account_id": account.account_id,
                "is_inferred": account.is_inferred,
                "account_name": account.account_name,
                "industry": known(account.industry),
                "country": known(account.country),
                "employee_band": employee_band(account.employees),
                "acquisition_channel": known(account.acquisition_channel),
                "csm_owner": account.csm_owner,
                "signed_up_on": account.signed_up_on,
                "first_paid_on": first_paid_on(ctx).get(account.account_id),
                "churned_on": falls[-1] if falls else None,
                "current_plan": plan_on(ctx, account.account_id, ctx.as_of),
                "current_mrr": mrr,
            }
        )
    return rows


def email_hash(email: str | None) -> str | None:
    """SHA-256 of salt and lower-cased address; null without either (rule 15)."""
    salt = os.environ.get("EMAIL_HASH_SALT", "")
    if not salt or email is None:
        return None
    return hashlib.sha256((salt + email.lower()).encode()).hexdigest()


def dim_users(ctx: Context) -> list[Row]:
    """One row per user in scope; active means a login, in whatever account."""
    active: dict[str, list[date]] = defaultdict(list)
    for login in ctx.logins:
        active[login.user_id].append(login.date_day)
    return [
        {
            "user_id": user.user_id,
            "is_inferred": user.is_inferred,
            "account_id": user.account_id,
            "role": user.role,
            "created_at": user.created_at,
            "first_active_on": min(active.get(user.user_id, []), default=None),
            "last_active_on": max(active.get(user.user_id, []), default=None),
            "email_hash": email_hash(user.email),
            "activity_status": _activity_status(ctx, active.get(user.user_id)),
        }
        for user in ctx.users.values()
    ]


def _activity_status(ctx: Context, days: list[date] | None) -> str:
    """Active as those of MAU are: a login in the window that ends on as_of."""
    if not days:
        return "never_active"
    window = timedelta(days=int(ctx.config["mau_window_days"]))
    return "active" if ctx.as_of - max(days) < window else "dormant"


def dim_dates(ctx: Context) -> list[Row]:
    """Every day from the month of the first fact to the end of as_of's month."""
    firsts = [
        *(period.started_on for period in ctx.subscriptions),
        *(login.date_day for login in ctx.logins),
        *(survey.sent_on for survey in ctx.surveys),
    ]
    if not firsts:
        return []
    days = days_between(month_of(min(firsts)), last_day(ctx.as_of))
    return [{"date_day": day} for day in days]


def fct_subscription_periods(ctx: Context) -> list[Row]:
    """One row per subscription item and period in scope."""
    return [
        {
            "subscription_id": period.subscription_id,
            "subscription_item_id": period.subscription_item_id,
            "started_on": period.started_on,
            "account_id": period.account_id,
            "plan": period.plan,
            "billing_interval": period.billing_interval,
            "term_months": period.term_months,
            "seats": period.seats,
            "ended_on": period.ended_on,
            "is_trial": period.is_trial,
            "mrr": period.mrr,
        }
        for period in ctx.subscriptions
    ]


def fct_mrr_ledger(ctx: Context) -> list[Row]:
    """One row per account and day on which its MRR is not that of the day before."""
    rows = []
    for account_id, days in paying_days(ctx).items():
        for day in days_between(days.first, ctx.as_of):
            change = days.on(day) - days.on(eve(day))
            if change != 0:
                rows.append(
                    {
                        "account_id": account_id,
                        "date_day": day,
                        "mrr_change": change,
                        "mrr_balance": days.on(day),
                    }
                )
    return rows


def fct_user_days(ctx: Context) -> list[Row]:
    """One row per account, user and day with a login or an event."""
    core = {key for key, feature in feature_catalogue().items() if feature.is_core}
    logins: Counter[tuple[str, str, date]] = Counter()
    minutes: dict[tuple[str, str, date], Decimal] = {}
    events: Counter[tuple[str, str, date]] = Counter()
    core_events: Counter[tuple[str, str, date]] = Counter()
    for login in ctx.logins:
        key = login.account_id, login.user_id, login.date_day
        logins[key] += 1
        if login.session_minutes is not None:
            minutes[key] = minutes.get(key, Decimal(0)) + login.session_minutes
    for event in ctx.feature_events:
        key = event.account_id, event.user_id, event.date_day
        events[key] += 1
        core_events[key] += event.feature_key in core
    has_events = ctx.has_source("feature_events")
    return [
        {
            "account_id": key[0],
            "user_id": key[1],
            "date_day": key[2],
            "logins": logins[key],
            "session_minutes": minutes.get(key),
            "core_events": core_events[key] if has_events else None,
            "events": events[key] if has_events else None,
            "is_active": logins[key] > 0,
        }
        for key in {*logins, *events}
    ]


# ---- movements and churn ---------------------------------------------------------


def movement_of(before: Decimal, after: Decimal, paid_earlier: bool) -> str | None:
    """The table of movements in metrics.md; None where nothing moved."""
    if before == after:
        return None
    if before == 0:
        return "reactivation" if paid_earlier else "new"
    if after == 0:
        return "churn"
    return "expansion" if after > before else "contraction"


@dataclass(frozen=True)
class Movement:
    """An account over a period: what it paid at the end of the eve and at the end."""

    account_id: str
    before: Decimal
    after: Decimal
    kind: str | None
    is_new_and_lost: bool

    @property
    def change(self) -> Decimal:
        """How much, as a positive number (rule 34)."""
        return abs(self.after - self.before)


def movements(ctx: Context, start: date, end: date) -> list[Movement]:
    """Every account with a subscription, over the period from start to end."""
    found = []
    for account_id, days in paying_days(ctx).items():
        before, after = days.on(eve(start)), days.on(end)
        first_paid = first_paid_on(ctx).get(account_id)
        paid_earlier = first_paid is not None and first_paid < start
        found.append(
            Movement(
                account_id,
                before,
                after,
                movement_of(before, after, paid_earlier),
                before == 0
                and after == 0
                and any(days.on(day) > 0 for day in days_between(start, end)),
            )
        )
    return found


def mrr_movements_monthly(ctx: Context) -> list[Row]:
    """One row per month and kind of movement that happened in it."""
    rows: list[Row] = []
    for month in movement_months(ctx):
        moved = movements(ctx, month, end_of(month, ctx.as_of))
        for kind in ("new", "reactivation", "expansion", "contraction", "churn"):
            changes = [m.after - m.before for m in moved if m.kind == kind]
            if changes:
                rows.append(
                    {
                        "date_month": month,
                        "movement_type": kind,
                        "accounts": len(changes),
                        "mrr_change": sum(changes),
                        "is_complete_month": is_complete(month, ctx.as_of),
                    }
                )
    return rows


def mrr_movements(ctx: Context) -> list[Row]:
    """One row per account and month in which its month-end MRR changed."""
    rows = []
    for month in movement_months(ctx):
        end = end_of(month, ctx.as_of)
        for moved in movements(ctx, month, end):
            if moved.kind is not None:
                at = eve(month) if moved.kind == "churn" else end
                rows.append(
                    {
                        "account_id": moved.account_id,
                        "date_month": month,
                        "movement_type": moved.kind,
                        "mrr_at_start": moved.before,
                        "mrr_at_end": moved.after,
                        "mrr_change": moved.after - moved.before,
                        "plan": plan_on(ctx, moved.account_id, at),
                        "is_complete_month": is_complete(month, ctx.as_of),
                    }
                )
    return rows


def churn_figures(ctx: Context, start: date, end: date) -> Row:
    """The columns that monthly_churn and churn_by_period have in common."""
    moved = movements(ctx, start, end)

    def count(kind: str) -> int:
        return sum(m.kind == kind for m in moved)

    def money(kind: str) -> Decimal:
        return sum((m.change for m in moved if m.kind == kind), NOTHING)

    at_start = sum(m.before > 0 for m in moved)
    churned = count("churn")
    mrr_at_start = sum((m.before for m in moved), NOTHING)
    mrr_at_end = sum((m.after for m in moved), NOTHING)
    gained = money("new") + money("reactivation") + money("expansion")
    lost = money("contraction") + money("churn")
    lower, upper = wilson(churned, at_start)
    return {
        "customers_at_start": at_start,
        "new_customers": count("new"),
        "reactivated_customers": count("reactivation"),
        "churned_customers": churned,
        "customers_at_end": sum(m.after > 0 for m in moved),
        "new_and_lost_customers": sum(m.is_new_and_lost for m in moved),
        "churn_rate": ratio(churned, at_start),
        "churn_rate_lower": lower,
        "churn_rate_upper": upper,
        "is_small_sample": at_start < ctx.config["small_sample_size"],
        "mrr_at_start": mrr_at_start,
        "new_mrr": money("new"),
        "reactivation_mrr": money("reactivation"),
        "expansion_mrr": money("expansion"),
        "contraction_mrr": money("contraction"),
        "churned_mrr": money("churn"),
        "mrr_at_end": mrr_at_end,
        "arr": 12 * mrr_at_end,
        "gross_mrr_churn_rate": ratio(lost, mrr_at_start),
        "net_mrr_churn_rate": ratio(
            lost - money("expansion") - money("reactivation"), mrr_at_start
        ),
        "quick_ratio": ratio(gained, lost),
    }


@remembered
def monthly_churn(ctx: Context) -> list[Row]:
    """One row per month from the ledger's first to as_of's."""
    return [
        {
            "date_month": month,
            **churn_figures(ctx, month, end_of(month, ctx.as_of)),
            "is_complete_month": is_complete(month, ctx.as_of),
        }
        for month in movement_months(ctx)
    ]


MONTHS_OF_GRAIN = {"month": 1, "quarter": 3, "year": 12}


def churn_by_period(ctx: Context) -> list[Row]:
    """The same for months, quarters and years, each from its own start and end."""
    rows = []
    for grain, months in MONTHS_OF_GRAIN.items():
        starts = {
            month.replace(month=(month.month - 1) // months * months + 1)
            for month in movement_months(ctx)
        }
        for start in sorted(starts):
            last = eve(add_months(start, months))
            rows.append(
                {
                    "period_grain": grain,
                    "period_start": start,
                    **churn_figures(ctx, start, min(last, ctx.as_of)),
                    "is_complete_period": last <= ctx.as_of,
                }
            )
    return rows


def segments_of(ctx: Context, account: Account, month: date) -> dict[str, str]:
    """At the start of the month; but for the plan, today's before snapshots."""
    plan = plan_on(ctx, account.account_id, eve(month))
    if version := ctx.history.version(account.account_id, eve(month)):
        names = ("industry", "country", "employees", "acquisition_channel")
        account = replace(account, **{name: version[name] for name in names})
    return {
        "plan": known(plan),
        "industry": known(account.industry),
        "country": known(account.country),
        "employee_band": employee_band(account.employees),
        "acquisition_channel": known(account.acquisition_channel),
    }


@remembered
def churn_by_segment(ctx: Context) -> list[Row]:
    """One row per month, kind of segment and segment that has customers at start."""
    rows = []
    for month in movement_months(ctx):
        members: dict[tuple[str, str], list[Movement]] = defaultdict(list)
        for moved in movements(ctx, month, end_of(month, ctx.as_of)):
            if moved.before > 0:
                account = ctx.accounts[moved.account_id]
                for segment in segments_of(ctx, account, month).items():
                    members[segment].append(moved)
        for (segment_type, segment_value), moves in members.items():
            churned = [m for m in moves if m.kind == "churn"]
            rows.append(
                {
                    "date_month": month,
                    "segment_type": segment_type,
                    "segment_value": segment_value,
                    "customers_at_start": len(moves),
                    "churned_customers": len(churned),
                    "churn_rate": ratio(len(churned), len(moves)),
                    "mrr_at_start": sum((m.before for m in moves), NOTHING),
                    "churned_mrr": sum((m.before for m in churned), NOTHING),
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


def churn_variants(ctx: Context) -> list[Row]:
    """Every month's churn under four rules (rule 23)."""
    rows = []
    for churn_row in monthly_churn(ctx):
        month = churn_row["date_month"]
        end = end_of(month, ctx.as_of)
        at_start = churn_row["customers_at_start"]
        churned = churn_row["churned_customers"]
        window = days_between(end - timedelta(days=30), end)
        base = [
            days
            for days in paying_days(ctx).values()
            if any(days.on(day) > 0 for day in window)
        ]
        gone = sum(days.on(end) == 0 for days in base)
        lost = churned + churn_row["new_and_lost_customers"]
        rate = churn_row["churn_rate"]
        days_in_month = last_day(month).day
        variants = {
            "start_of_period": (churned, at_start, rate),
            "trailing_30_days_plus_new": (gone, len(base), ratio(gone, len(base))),
            "include_new_and_lost": (lost, at_start, ratio(lost, at_start)),
            "annualised": (
                churned,
                at_start,
                None if rate is None else 1 - (1 - rate) ** (365 / days_in_month),
            ),
        }
        for rule, (churned_customers, base_customers, churn_rate) in variants.items():
            rows.append(
                {
                    "date_month": month,
                    "churn_rule": rule,
                    "churned_customers": churned_customers,
                    "base_customers": base_customers,
                    "churn_rate": churn_rate,
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


def churn_reason(ctx: Context, account_id: str, end: date) -> str:
    """Why an account that does not pay at the end of a month left (rules 17, 18)."""
    periods = periods_of(ctx)[account_id]
    fall = max(d for d in paying_days(ctx)[account_id].falls_to_zero() if d <= end)
    plans_ended = {p.plan for p in periods if p.mrr > 0 and p.ended_on == fall}
    unpaid = [
        p for p in periods if not p.is_trial and p.mrr == 0 and is_active_on(p, fall)
    ]
    if unpaid:
        is_pause = any(period.plan in plans_ended for period in unpaid)
        return "paused" if is_pause else "freemium"
    last = max(
        (p for p in periods if p.mrr > 0 and p.ended_on and p.ended_on <= end),
        key=lambda p: (p.ended_on, p.mrr, p.subscription_id, p.subscription_item_id),
    )
    return last.cancel_reason


IS_VOLUNTARY = {"payment_failure": False, "paused": None}  # the others are


def churn_reasons(ctx: Context) -> list[Row]:
    """One row per month and reason for which customers left in it."""
    rows = []
    for month in movement_months(ctx):
        end = end_of(month, ctx.as_of)
        leavers: dict[str, list[Movement]] = defaultdict(list)
        for moved in movements(ctx, month, end):
            if moved.kind == "churn":
                leavers[churn_reason(ctx, moved.account_id, end)].append(moved)
        total = sum(len(moves) for moves in leavers.values())
        for reason, moves in leavers.items():
            rows.append(
                {
                    "date_month": month,
                    "churn_reason": reason,
                    "churned_customers": len(moves),
                    "churned_mrr": sum((m.before for m in moves), NOTHING),
                    "share_of_churned_customers": ratio(len(moves), total),
                    "is_voluntary": IS_VOLUNTARY.get(reason, True),
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


# ---- retention -------------------------------------------------------------------


def revenue_retention(ctx: Context) -> list[Row]:
    """End of month m against end of month m - k, of those who paid then (24)."""
    rows = []
    for month in movement_months(ctx):
        for months_back in (1, 3, 12):
            then = last_day(add_months(month, -months_back))
            now = end_of(month, ctx.as_of)
            pairs = [
                (days.on(then), days.on(now))
                for days in paying_days(ctx).values()
                if days.on(then) > 0
            ]
            mrr_then = sum((before for before, _ in pairs), NOTHING)
            mrr_now = sum((after for _, after in pairs), NOTHING)
            capped = sum((min(before, after) for before, after in pairs), NOTHING)
            rows.append(
                {
                    "date_month": month,
                    "months_back": months_back,
                    "customers_then": len(pairs),
                    "customers_retained": sum(after > 0 for _, after in pairs),
                    "mrr_then": mrr_then,
                    "mrr_now": mrr_now,
                    "mrr_now_capped": capped,
                    "nrr": ratio(mrr_now, mrr_then),
                    "grr": ratio(capped, mrr_then),
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


def cohorts(ctx: Context) -> dict[date, list[str]]:
    """The accounts that first had MRR in a month."""
    found: dict[date, list[str]] = defaultdict(list)
    for account_id, day in first_paid_on(ctx).items():
        found[month_of(day)].append(account_id)
    return dict(found)


def cohort_retention(ctx: Context) -> list[Row]:
    """One row per cohort and month since, to as_of's month (rule 21)."""
    rows = []
    for cohort_month, members in cohorts(ctx).items():
        cohort_mrr = sum(
            (paying_days(ctx)[a].on(first_paid_on(ctx)[a]) for a in members), NOTHING
        )
        for n, month in enumerate(ctx.months_from(cohort_month)):
            end = end_of(month, ctx.as_of)
            mrrs = [paying_days(ctx)[account_id].on(end) for account_id in members]
            retained = sum(mrr > 0 for mrr in mrrs)
            rows.append(
                {
                    "cohort_month": cohort_month,
                    "months_since_start": n,
                    "cohort_customers": len(members),
                    "retained_customers": retained,
                    "customer_retention_rate": ratio(retained, len(members)),
                    "cohort_mrr": cohort_mrr,
                    "retained_mrr": sum(mrrs, NOTHING),
                    "mrr_retention_rate": ratio(sum(mrrs, NOTHING), cohort_mrr),
                }
            )
    return rows


# ---- renewals --------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A period that fell due, on an anniversary of its own start (rule 25)."""

    period: Subscription
    due_on: date

    @property
    def what(self) -> tuple[str, str, date]:
        """What counts once, however many items fall due in it (rule 26)."""
        return self.period.account_id, self.period.subscription_id, self.due_on


def decided(ctx: Context) -> list[Due]:
    """All due dates by as_of on which the period had not ended before."""
    found = []
    for period in ctx.subscriptions:
        months = months_of_term(period)
        if months is None or period.mrr == 0:
            continue
        last = min(ctx.as_of, period.ended_on or ctx.as_of)
        term = 1
        while (due_on := add_months(period.started_on, months * term)) <= last:
            found.append(Due(period, due_on))
            term += 1
    return found


def renewals(ctx: Context) -> list[Row]:
    """One row per month in which periods fall due."""
    decided_in: dict[date, list[Due]] = defaultdict(list)
    for due in decided(ctx):
        decided_in[month_of(due.due_on)].append(due)
    open_in: dict[date, set[tuple[str, str, date]]] = defaultdict(set)
    for renewal in open_renewals(ctx):
        due = Due(renewal.period, renewal.due_on)
        open_in[month_of(due.due_on)].add(due.what)
    rows = []
    for month in {*decided_in, *open_in}:
        outcome = _renewed(ctx, decided_in.get(month, []))
        still_open = len(open_in.get(month, set()))
        rows.append(
            {
                "date_month": month,
                "due": outcome["renewed"] + outcome["lost"] + still_open,
                **outcome,
                "open": still_open,
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


def _renewed(ctx: Context, dues: list[Due]) -> Row:
    """How much of what was due continues (rule 26)."""
    together: dict[tuple[str, date], list[Due]] = defaultdict(list)
    for due in dues:
        together[due.period.account_id, due.due_on].append(due)
    renewed = lost = 0
    mrr_due = mrr_renewed = NOTHING
    for (account_id, due_on), of_day in together.items():
        mrr_then = paying_days(ctx)[account_id].on(due_on)
        subscriptions = len({due.what for due in of_day})
        renewed += subscriptions if mrr_then > 0 else 0
        lost += subscriptions if mrr_then == 0 else 0
        of_periods = sum((due.period.mrr for due in of_day), NOTHING)
        mrr_due += of_periods
        mrr_renewed += min(of_periods, mrr_then)
    return {
        "renewed": renewed,
        "lost": lost,
        "renewal_rate": ratio(renewed, renewed + lost),
        "mrr_due": mrr_due,
        "mrr_renewed": mrr_renewed,
        "mrr_renewal_rate": ratio(mrr_renewed, mrr_due),
    }


def renewal_calendar(ctx: Context) -> list[Row]:
    """The open ones, item by item, without the health band."""
    return [
        {
            "account_id": renewal.account_id,
            "subscription_id": renewal.period.subscription_id,
            "subscription_item_id": renewal.period.subscription_item_id,
            "due_on": renewal.due_on,
            "mrr": renewal.period.mrr,
            "plan": renewal.period.plan,
            "is_cancel_scheduled": renewal.is_cancel_scheduled,
        }
        for renewal in open_renewals(ctx)
    ]


# ---- trials ----------------------------------------------------------------------


@dataclass(frozen=True)
class Trial:
    """Adjoining and overlapping trial periods of an account are one (rule 27)."""

    account_id: str
    started_on: date
    ended_on: date | None  # None: it still runs at as_of


def trials(ctx: Context) -> list[Trial]:
    """The trials of accounts that never had MRR before them."""
    found = []
    for account_id, periods in periods_of(ctx).items():
        spans: list[tuple[date, date]] = []
        for period in sorted(periods, key=lambda p: p.started_on):
            if not is_trial(ctx, period):
                continue
            end = period.ended_on or date.max
            if spans and period.started_on <= spans[-1][1]:
                spans[-1] = spans[-1][0], max(spans[-1][1], end)
            else:
                spans.append((period.started_on, end))
        for start, end in spans:
            over = end if end <= ctx.as_of else None
            found.append(Trial(account_id, start, over))
    return found


def trial_conversion(ctx: Context) -> list[Row]:
    """One row per month in which trials ended."""
    window = timedelta(days=ctx.config["trial_conversion_window_days"])
    ended: dict[date, list[Trial]] = defaultdict(list)
    for trial in trials(ctx):
        if trial.ended_on is not None:
            ended[month_of(trial.ended_on)].append(trial)
    rows = []
    for month, of_month in ended.items():
        closed = 0
        waits = []
        for trial in of_month:
            assert trial.ended_on is not None
            if trial.ended_on + window > ctx.as_of:
                continue
            closed += 1
            days = paying_days(ctx)[trial.account_id]
            paid = [
                day
                for day in days_between(trial.started_on, trial.ended_on + window)
                if days.on(day) > 0
            ]
            if paid:
                waits.append((paid[0] - trial.started_on).days)
        lower, upper = wilson(len(waits), closed)
        rows.append(
            {
                "date_month": month,
                "trials_ended": len(of_month),
                "trials_converted": len(waits),
                "trials_open": len(of_month) - closed,
                "conversion_rate": ratio(len(waits), closed),
                "conversion_rate_lower": lower,
                "conversion_rate_upper": upper,
                "median_days_to_convert": percentile(waits, Fraction(1, 2)),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


# ---- lifetime value --------------------------------------------------------------


@dataclass(frozen=True)
class Lifetime:
    """An account that ever paid, so far (rules 28, 29)."""

    account_id: str
    tenure_months: int
    revenue_to_date: Decimal
    current_mrr: Decimal


@remembered
def lifetimes(ctx: Context) -> list[Lifetime]:
    """Complete month ends with MRR: their number, and the total MRR."""
    found = []
    for account_id, first in first_paid_on(ctx).items():
        days = paying_days(ctx)[account_id]
        paid = [
            days.on(last_day(month))
            for month in ctx.months_from(first)
            if is_complete(month, ctx.as_of) and days.on(last_day(month)) > 0
        ]
        found.append(
            Lifetime(account_id, len(paid), sum(paid, NOTHING), days.on(ctx.as_of))
        )
    return found


@dataclass(frozen=True)
class Survival:
    """The Kaplan-Meier curve of paying tenure."""

    share: list[float]  # S(t) for t = 0 ... the longest tenure
    last_hazard: float  # pooled, of the last 12 tenure months

    def at(self, tenure: int) -> float:
        """S(t); beyond the last observed tenure it is extended with the pooled
        hazard."""
        longest = len(self.share) - 1
        if tenure <= longest:
            return self.share[tenure]
        return float(self.share[longest] * (1 - self.last_hazard) ** (tenure - longest))


def tenure_survival(ctx: Context) -> list[Row]:
    """One row per tenure month from 0 to the longest (rule 32)."""
    seen = lifetimes(ctx)
    if not seen:
        return []
    survival = Fraction(1)
    greenwood = Fraction(0)
    rows = []
    for tenure in range(max(life.tenure_months for life in seen) + 1):
        here = [life for life in seen if life.tenure_months == tenure]
        at_risk = sum(life.tenure_months >= tenure for life in seen)
        churned = sum(life.current_mrr == 0 for life in here)
        survival *= 1 - Fraction(churned, at_risk)
        if churned < at_risk:
            greenwood += Fraction(churned, at_risk * (at_risk - churned))
        lower, upper = log_log_bounds(survival, greenwood)
        rows.append(
            {
                "tenure_month": tenure,
                "at_risk": at_risk,
                "churned": churned,
                "censored": len(here) - churned,
                "hazard_rate": ratio(churned, at_risk),
                "survival_rate": float(survival),
                "survival_lower": lower,
                "survival_upper": upper,
            }
        )
    return rows


def log_log_bounds(
    survival: Fraction, greenwood: Fraction
) -> tuple[float | None, float | None]:
    """S ** exp(+- z sqrt(greenwood) / ln S); 1/1 at one, null at zero (rule 32)."""
    if survival == 1:
        return 1.0, 1.0
    if survival == 0:
        return None, None
    share = float(survival)
    spread = Z * math.sqrt(greenwood) / abs(math.log(share))
    return share ** math.exp(spread), share ** math.exp(-spread)


def survival_curve(ctx: Context) -> Survival:
    """The curve of tenure_survival and the hazard used beyond it."""
    rows = tenure_survival(ctx)
    tail = rows[-12:]
    hazard = ratio(sum(r["churned"] for r in tail), sum(r["at_risk"] for r in tail))
    assert hazard is not None
    return Survival([row["survival_rate"] for row in rows], hazard)


def formula_clv(ctx: Context, life: Lifetime) -> float | None:
    """MRR x margin / mean monthly churn of the plan, or of all where it is small."""
    if life.current_mrr == 0:
        return None
    plans = Counter(
        plan_on(ctx, account_id, ctx.as_of)
        for account_id, days in paying_days(ctx).items()
        if days.on(ctx.as_of) > 0
    )
    plan = plan_on(ctx, life.account_id, ctx.as_of)
    complete = [m for m in movement_months(ctx) if is_complete(m, ctx.as_of)][-12:]
    if plans[plan] < ctx.config["small_sample_size"]:
        of_months = monthly_churn(ctx)
    else:
        of_months = [
            row
            for row in churn_by_segment(ctx)
            if (row["segment_type"], row["segment_value"]) == ("plan", plan)
        ]
    rates = [
        Fraction(row["churned_customers"], row["customers_at_start"])
        for row in of_months
        if row["date_month"] in complete and row["customers_at_start"] > 0
    ]
    churn_rate = sum(rates, Fraction(0)) / len(rates) if rates else Fraction(0)
    return ratio(
        exact(life.current_mrr) * exact(ctx.config["gross_margin"]), churn_rate
    )


def spend(ctx: Context, month: date, cost_type: str) -> Decimal | None:
    """What a month cost; null without a cost row."""
    costs = [
        cost.amount_base
        for cost in ctx.costs
        if cost.date_month == month and cost.cost_type == cost_type
    ]
    return sum(costs, NOTHING) if costs else None


def was_paid(invoice: Invoice, by: date) -> bool:
    """By its date, whatever the status; paid without a date, from the start (61)."""
    if invoice.status == "void":
        return False
    if invoice.paid_on is not None:
        return invoice.paid_on <= by
    return invoice.status == "paid"


def invoiced_to_date(ctx: Context, account_id: str) -> Decimal | None:
    """The account's invoices paid by as_of; null without an invoices source."""
    if not ctx.has_source("invoices"):
        return None
    return sum(
        (
            invoice.amount_base
            for invoice in ctx.invoices
            if invoice.account_id == account_id and was_paid(invoice, ctx.as_of)
        ),
        NOTHING,
    )


def customer_lifetime_value(ctx: Context) -> list[Row]:
    """One row per account that ever paid."""
    rows = []
    margin = float(ctx.config["gross_margin"])
    yearly = 1 + float(ctx.config["annual_discount_rate"])
    horizon = range(1, ctx.config["clv_horizon_months"] + 1)
    curve = survival_curve(ctx) if lifetimes(ctx) else None
    members = cohorts(ctx)
    for life in lifetimes(ctx):
        assert curve is not None
        tenure, is_paying = life.tenure_months, life.current_mrr > 0
        shares = [curve.at(tenure + k) / curve.at(tenure) for k in horizon if is_paying]
        to_come = math.fsum(
            share * float(life.current_mrr) * margin * yearly ** (-k / 12)
            for k, share in zip(horizon, shares)  # noqa: B905 (none where not paying)
        )
        survival_clv = float(life.revenue_to_date) * margin + to_come
        cohort = month_of(first_paid_on(ctx)[life.account_id])
        spent = spend(ctx, cohort, "acquisition")
        cost = None if spent is None else ratio(spent, len(members[cohort]))
        rows.append(
            {
                "account_id": life.account_id,
                "tenure_months": tenure,
                "is_paying": is_paying,
                "current_mrr": life.current_mrr,
                "revenue_to_date": life.revenue_to_date,
                "invoiced_to_date": invoiced_to_date(ctx, life.account_id),
                "formula_clv": formula_clv(ctx, life),
                "survival_clv": survival_clv,
                "expected_remaining_months": math.fsum(shares),
                "acquisition_cost": cost,
                "net_clv": None if cost is None else survival_clv - cost,
            }
        )
    return rows


def unit_economics(ctx: Context) -> list[Row]:
    """One row per month of monthly_churn."""
    margin = exact(ctx.config["gross_margin"])
    churn = monthly_churn(ctx)
    rows = []
    for churn_row in churn:
        month = churn_row["date_month"]
        last_three = [
            Fraction(row["churned_customers"], row["customers_at_start"])
            if row["customers_at_start"]
            else None
            for row in churn
            if row["date_month"] <= month and row["is_complete_month"]
        ][-3:]
        churn_rate_3m = mean(rate for rate in last_three if rate is not None)
        arpa = ratio(churn_row["mrr_at_end"], churn_row["customers_at_end"])
        acquisition = spend(ctx, month, "acquisition")
        retention = spend(ctx, month, "retention")
        cac = over(acquisition, churn_row["new_customers"])
        crc = over(retention, churn_row["customers_at_start"])
        earned = None if arpa is None else arpa * float(margin)
        ltv = over(earned, churn_rate_3m)
        ltv_to_cac, ltv_to_crc = over(ltv, cac), over(ltv, crc)
        threshold = ctx.config["low_ratio_threshold"]
        rows.append(
            {
                "date_month": month,
                "arpa": arpa,
                "gross_margin": float(margin),
                "churn_rate_3m": churn_rate_3m,
                "ltv": ltv,
                "cac": cac,
                "ltv_to_cac": ltv_to_cac,
                "cac_payback_months": over(cac, earned),
                "crc": crc,
                "ltv_to_crc": ltv_to_crc,
                "is_ltv_to_cac_low": None
                if ltv_to_cac is None
                else ltv_to_cac < threshold,
                "is_ltv_to_crc_low": None
                if ltv_to_crc is None
                else ltv_to_crc < threshold,
                "is_complete_month": churn_row["is_complete_month"],
            }
        )
    return rows


def over(
    numerator: float | Decimal | None, denominator: float | int | None
) -> float | None:
    """A quotient; null where a part is missing or there is nothing to divide by."""
    if numerator is None or not denominator:
        return None
    return float(numerator) / denominator


# ---- rows that break the rules ---------------------------------------------------


def rejected_rows(ctx: Context) -> list[Row]:
    """One row per row that is not used; of filtered ones the first of each table."""
    listed: Counter[str] = Counter()
    rows = []
    for rejected in ctx.accepted.rejected:
        if rejected.reason == "filtered":
            listed[rejected.source_table] += 1
            if listed[rejected.source_table] > FILTERED_ROWS_LISTED:
                continue
        rows.append(
            {
                "source_table": rejected.source_table,
                "row_key": rejected.row_key,
                "reason": rejected.reason,
                "occurrence": rejected.occurrence,
                "detected_on": ctx.as_of,
            }
        )
    return rows


def rejections_by_reason(ctx: Context) -> list[Row]:
    """One row per table and reason that rejected something."""
    counts = Counter((r.source_table, r.reason) for r in ctx.accepted.rejected)
    return [
        {"source_table": table, "reason": reason, "rejected_rows": rejected}
        for (table, reason), rejected in counts.items()
    ]


# a current state (82): known from the first snapshot on
WITHOUT_HISTORY = ("accounts", "users", "account_aliases")


def data_quality_summary(ctx: Context) -> list[Row]:
    """One row per table of the contract, absent ones too."""
    inferred = {
        "accounts": sum(account.is_inferred for account in ctx.accounts.values()),
        "users": sum(user.is_inferred for user in ctx.users.values()),
    }
    rows = []
    for table in TABLES:
        counts = ctx.accepted.counts[table]
        latest, earliest = counts.latest_row_at, counts.earliest_row_at
        history_from = None
        if earliest is not None and table not in WITHOUT_HISTORY:
            history_from = earliest.date()
        elif counts.accepted and ctx.history.starts.get(table, date.max) <= ctx.as_of:
            history_from = ctx.history.starts[table]
        age = (ctx.as_of - latest.date()).days if latest else None
        rows.append(
            {
                "source_table": table,
                "rows_in": counts.rows_in,
                "accepted": counts.accepted,
                "rejected": counts.rejected,
                "filtered": counts.filtered,
                "deleted_at_source": counts.deleted_at_source,
                "rejection_rate": ratio(
                    counts.rejected, counts.accepted + counts.rejected
                ),
                "latest_row_at": latest,
                "days_since_latest_row": age,
                "freshness": _freshness(ctx, table, age),
                "inferred_ids": inferred.get(table, 0),
                "history_from": history_from,
            }
        )
    return rows


def _freshness(ctx: Context, table: str, age: int | None) -> str | None:
    if age is None:
        return None
    limits = ctx.config["freshness"].get(table, {})
    for word, limit in (("stale", "fail_days"), ("late", "warn_days")):
        if limit in limits and age > limits[limit]:
            return word
    return "fresh"


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "dim_accounts": (dim_accounts, ["account_id"]),
    "dim_users": (dim_users, ["user_id"]),
    "dim_dates": (dim_dates, ["date_day"]),
    "fct_subscription_periods": (
        fct_subscription_periods,
        ["subscription_id", "subscription_item_id", "started_on"],
    ),
    "fct_mrr_ledger": (fct_mrr_ledger, ["account_id", "date_day"]),
    "fct_user_days": (fct_user_days, ["account_id", "user_id", "date_day"]),
    "mrr_movements": (mrr_movements, ["account_id", "date_month"]),
    "mrr_movements_monthly": (
        mrr_movements_monthly,
        ["date_month", "movement_type"],
    ),
    "monthly_churn": (monthly_churn, ["date_month"]),
    "churn_by_period": (churn_by_period, ["period_grain", "period_start"]),
    "churn_by_segment": (
        churn_by_segment,
        ["date_month", "segment_type", "segment_value"],
    ),
    "churn_variants": (churn_variants, ["date_month", "churn_rule"]),
    "churn_reasons": (churn_reasons, ["date_month", "churn_reason"]),
    "revenue_retention": (revenue_retention, ["date_month", "months_back"]),
    "cohort_retention": (cohort_retention, ["cohort_month", "months_since_start"]),
    "renewals": (renewals, ["date_month"]),
    "renewal_calendar": (
        renewal_calendar,
        ["account_id", "subscription_id", "subscription_item_id", "due_on"],
    ),
    "trial_conversion": (trial_conversion, ["date_month"]),
    "customer_lifetime_value": (customer_lifetime_value, ["account_id"]),
    "tenure_survival": (tenure_survival, ["tenure_month"]),
    "unit_economics": (unit_economics, ["date_month"]),
    "rejected_rows": (
        rejected_rows,
        ["source_table", "row_key", "reason", "occurrence"],
    ),
    "rejections_by_reason": (rejections_by_reason, ["source_table", "reason"]),
    "data_quality_summary": (data_quality_summary, ["source_table"]),
}

"""Accounts by month and what is drawn from them, from decision 10 alone.

A row is a photograph of the month's end (E), where `churn_by_segment` looks at the
start: what is so at E is asked of E, whatever is known today.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from .arithmetic import (
    Row,
    add_months,
    end_of,
    is_complete,
    last_day,
    month_of,
    months_between,
    ratio,
    remembered,
)
from .core_revenue import (
    NOTHING,
    Due,
    counts,
    employee_band,
    eve,
    first_paid_on,
    is_active_on,
    is_trial,
    known,
    movement_of,
    mrr_movements,
    paying_days,
    periods_of,
)
from .engagement import account_activity, first_days
from .entities import Context, FeatureEvent, Subscription, Survey
from .health import account_alerts, account_health
from .paying import delivered_end, months_of_term
from .sentiment import answers_of, latest_answers, nps_segment

WITHOUT_OWNER = "unknown"
NPS_DAYS = 90
LOYAL_MONTHS = 12

# ---- what an account is on a day -------------------------------------------------


@dataclass(frozen=True)
class Attributes:
    """Owner and segments on a day: of then from the first snapshot on, else today's."""

    csm_owner: str | None
    industry: str
    country: str
    employee_band: str
    acquisition_channel: str


def attributes_on(ctx: Context, account_id: str, day: date) -> Attributes:
    """Rule 12, for the end of a day."""
    account = ctx.accounts[account_id]
    version = ctx.history.version(account_id, day)
    found = vars(account) if version is None else version
    return Attributes(
        csm_owner=found["csm_owner"],
        industry=known(found["industry"]),
        country=known(found["country"]),
        employee_band=employee_band(found["employees"]),
        acquisition_channel=known(found["acquisition_channel"]),
    )


def own_segments_on(ctx: Context, account_id: str, day: date) -> dict[str, str]:
    """The columns of var segments: as a snapshot kept each one, else today's."""
    today = ctx.accounts[account_id].segments
    version = ctx.history.version(account_id, day) or {}
    kept = json.loads(version.get("segments") or "{}")
    return {
        name: kept.get(name) or today.get(name) or "unknown"
        for name in ctx.config["segments"]
    }


def mrr_on(ctx: Context, account_id: str, day: date) -> Decimal:
    """What an account pays at the end of a day."""
    days = paying_days(ctx).get(account_id)
    return days.on(day) if days else NOTHING


def terms_on(ctx: Context, account_id: str, day: date) -> Row:
    """Plan and interval of the period with the largest MRR, seats of all periods."""
    running = [
        period
        for period in periods_of(ctx).get(account_id, [])
        if is_active_on(period, day) and counts(ctx, period)
    ]
    largest = min(
        running,
        key=lambda p: (-p.mrr, p.plan, p.subscription_id, p.subscription_item_id),
        default=None,
    )
    seats = [period.seats for period in running if period.seats is not None]
    return {
        "plan": largest.plan if largest else None,
        "billing_interval": largest.billing_interval if largest else None,
        "seats": sum(seats) if seats else None,
    }


def movement_in(ctx: Context, account_id: str, month: date) -> str | None:
    """What the MRR at the month's end is to that at the end of the eve."""
    first_paid = first_paid_on(ctx).get(account_id)
    return movement_of(
        mrr_on(ctx, account_id, eve(month)),
        mrr_on(ctx, account_id, end_of(month, ctx.as_of)),
        first_paid is not None and first_paid < month,
    )


# ---- stages of past months -------------------------------------------------------


def dues_after(ctx: Context, day: date) -> list[Due]:
    """Due within the window after a day, of periods that had started by then."""
    until = day + timedelta(days=ctx.config["renewal_window_days"])
    found = []
    for period in ctx.subscriptions:
        months = months_of_term(period)
        if period.mrr == 0 or months is None or period.started_on > day:
            continue
        last = min(until, known_end(ctx, period) or until)
        term = 1
        while (due_on := add_months(period.started_on, months * term)) <= last:
            if due_on > day:
                found.append(Due(period, due_on))
            term += 1
    return found


def known_end(ctx: Context, period: Subscription) -> date | None:
    """The end, as far as it is known at as_of (rules 6 and 25)."""
    if period.ended_on is not None and period.ended_on <= ctx.as_of:
        return period.ended_on
    return delivered_end(ctx, period)


@remembered
def dues_by_month(ctx: Context) -> dict[date, dict[str, list[Due]]]:
    """By month and account, what is due in the window after the month's end."""
    months = months_between(min(first_days(ctx).values(), default=ctx.as_of), ctx.as_of)
    found = {}
    for month in months:
        by_account: dict[str, list[Due]] = defaultdict(list)
        for due in dues_after(ctx, end_of(month, ctx.as_of)):
            by_account[due.period.account_id].append(due)
        found[month] = dict(by_account)
    return found


@remembered
def nps_answers(ctx: Context) -> dict[str, list[Survey]]:
    """The NPS answers of each account, the latest last."""
    found: dict[str, list[Survey]] = defaultdict(list)
    answers = answers_of(ctx, "nps")
    for answer in sorted(answers, key=lambda a: (a.responded_at, a.response_id)):
        found[answer.account_id].append(answer)
    return dict(found)


def is_on_trial(ctx: Context, account_id: str, day: date) -> bool:
    """A trial started by the day and had not ended by then."""
    return any(
        is_trial(ctx, period) and is_active_on(period, day)
        for period in periods_of(ctx).get(account_id, [])
    )


def stage_in(ctx: Context, account_id: str, month: date, band: str | None) -> str:
    """Rule 33, read as of the month's end."""
    end = end_of(month, ctx.as_of)
    first_paid = first_paid_on(ctx).get(account_id, date.max)
    if mrr_on(ctx, account_id, end) == 0:
        if is_on_trial(ctx, account_id, end):
            return "trial"
        return "churned" if first_paid <= end else "prospect"
    if (end - first_paid).days < ctx.config["onboarding_days"]:
        return "onboarding"
    if band == "red":
        return "at_risk"
    if account_id in dues_by_month(ctx)[month]:
        return "renewal"
    tenure = sum(
        mrr_on(ctx, account_id, last_day(paid)) > 0
        for paid in months_between(first_paid, end)
        if is_complete(paid, ctx.as_of)
    )
    given = [
        answer
        for answer in nps_answers(ctx).get(account_id, [])
        if answer.responded_on is not None and answer.responded_on <= end
    ]
    score = given[-1].score if given else None
    is_promoter = score is not None and nps_segment(score) == "promoter"
    return "loyal" if tenure >= LOYAL_MONTHS and is_promoter else "retained"


# ---- account_months --------------------------------------------------------------


def own_segments(ctx: Context, account_id: str, day: date) -> str | None:
    """They as JSON; nothing where the var names none."""
    found = own_segments_on(ctx, account_id, day)
    return json.dumps(found, separators=(",", ":")) if found else None


@remembered
def account_months(ctx: Context) -> list[Row]:
    """One row per account and month from its first day's, also after it churned."""
    health = {
        (row["account_id"], row["date_month"]): row for row in account_health(ctx)
    }
    activity = {
        (row["account_id"], row["date_month"]): row for row in account_activity(ctx)
    }
    rows = []
    for account_id, first in first_days(ctx).items():
        for month in months_between(first, ctx.as_of):
            end = end_of(month, ctx.as_of)
            mrr = mrr_on(ctx, account_id, end)
            healthy = health.get((account_id, month), {})
            active = activity[account_id, month]
            band = healthy.get("health_band")
            rows.append(
                {
                    "account_id": account_id,
                    "date_month": month,
                    **terms_on(ctx, account_id, end),
                    "mrr": mrr,
                    "mrr_change": mrr - mrr_on(ctx, account_id, eve(month)),
                    "movement_type": movement_in(ctx, account_id, month),
                    "lifecycle_stage": stage_in(ctx, account_id, month, band),
                    "health_score": healthy.get("health_score"),
                    "health_band": band,
                    "active_users": active["active_users"],
                    "provisioned_users": active["provisioned_users"],
                    "logins": active["logins"],
                    "core_events": active["core_events"],
                    **vars(attributes_on(ctx, account_id, end)),
                    "segments": own_segments(ctx, account_id, end),
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


# ---- account_feature_months ------------------------------------------------------


def account_feature_months(ctx: Context) -> list[Row]:
    """One row per account, feature and month in which it was used."""
    used: dict[tuple[str, str, date], list[FeatureEvent]] = defaultdict(list)
    for event in ctx.feature_events:
        month = month_of(event.date_day)
        used[event.account_id, event.feature_key, month].append(event)
    return [
        {
            "account_id": account_id,
            "feature_key": feature_key,
            "date_month": month,
            "users": len({event.user_id for event in events}),
            "events": len(events),
            "active_days": len({event.date_day for event in events}),
            "is_complete_month": is_complete(month, ctx.as_of),
        }
        for (account_id, feature_key, month), events in used.items()
    ]


# ---- csm_book --------------------------------------------------------------------


def csm_book(ctx: Context) -> list[Row]:
    """One row per month and owner at its end, or of a customer lost in it."""
    books: dict[tuple[str, date], list[Row]] = defaultdict(list)
    lost: dict[tuple[str, date], list[Decimal]] = defaultdict(list)
    for row in account_months(ctx):
        books[row["csm_owner"] or WITHOUT_OWNER, row["date_month"]].append(row)
    for row in mrr_movements(ctx):
        if row["movement_type"] == "churn":  # of who had it
            month = row["date_month"]
            had = attributes_on(ctx, row["account_id"], eve(month)).csm_owner
            lost[had or WITHOUT_OWNER, month].append(-row["mrr_change"])
    rows = []
    for owner, month in {*books, *lost}:
        book = books.get((owner, month), [])
        churned = lost.get((owner, month), [])
        accounts = {row["account_id"] for row in book}
        rows.append(
            {
                "csm_owner": owner,
                "date_month": month,
                "accounts": len(accounts),
                "customers": sum(row["mrr"] > 0 for row in book),
                "mrr": sum((row["mrr"] for row in book), NOTHING),
                **_retention(ctx, book, month),
                "churned_customers": len(churned),
                "churned_mrr": sum(churned, NOTHING),
                "expansion_mrr": sum(
                    (
                        r["mrr_change"]
                        for r in book
                        if r["movement_type"] == "expansion"
                    ),
                    NOTHING,
                ),
                **_due(ctx, accounts, month),
                **{
                    f"{band}_mrr": sum(
                        (row["mrr"] for row in book if row["health_band"] == band),
                        NOTHING,
                    )
                    for band in ("red", "yellow")
                },
                **_alerts(ctx, accounts, month),
                "nps": _nps(ctx, accounts, end_of(month, ctx.as_of)),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


def _retention(ctx: Context, book: list[Row], month: date) -> Row:
    """NRR and GRR, of the book's accounts that paid twelve months before."""
    then = last_day(add_months(month, -12))
    pairs = [(mrr_on(ctx, row["account_id"], then), row["mrr"]) for row in book]
    before = sum((paid for paid, _ in pairs), NOTHING)
    after = sum((now for paid, now in pairs if paid > 0), NOTHING)
    capped = sum((min(paid, now) for paid, now in pairs), NOTHING)
    return {"nrr_12m": ratio(after, before), "grr_12m": ratio(capped, before)}


def _due(ctx: Context, accounts: set[str], month: date) -> Row:
    """What is due within the window, once per subscription and day."""
    by_account = dues_by_month(ctx).get(month, {})  # none before every first day
    dues = [due for account_id in accounts for due in by_account.get(account_id, [])]
    return {
        "renewals_due_90d": len({due.what for due in dues}),
        "mrr_due_90d": sum((due.period.mrr for due in dues), NOTHING),
    }


def _alerts(ctx: Context, accounts: set[str], month: date) -> Row:
    """Of the month of as_of alone: when one of the past was closed is not known."""
    if month != month_of(ctx.as_of):
        return {"open_alerts": None, "overdue_alerts": None}
    day_is_over = datetime.combine(ctx.as_of + timedelta(days=1), time())
    still_open = [
        alert
        for alert in account_alerts(ctx)
        if alert["is_open"] and alert["account_id"] in accounts
    ]
    overdue = [a for a in still_open if a["due_at"] and a["due_at"] < day_is_over]
    return {"open_alerts": len(still_open), "overdue_alerts": len(overdue)}


def _nps(ctx: Context, accounts: set[str], end: date) -> float | None:
    """Of the trailing days, over each respondent's latest answer within the book."""
    start = end - timedelta(days=NPS_DAYS - 1)
    latest = latest_answers(
        answer
        for account_id in accounts
        for answer in nps_answers(ctx).get(account_id, [])
        if answer.responded_on is not None and start <= answer.responded_on <= end
    )
    segments = [nps_segment(a.score) for a in latest if a.score is not None]
    points = segments.count("promoter") - segments.count("detractor")
    return ratio(100 * points, len(segments))


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "account_months": (account_months, ["account_id", "date_month"]),
    "account_feature_months": (
        account_feature_months,
        ["account_id", "feature_key", "date_month"],
    ),
    "csm_book": (csm_book, ["csm_owner", "date_month"]),
}

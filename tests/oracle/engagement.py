"""The engagement marts, from the definitions alone: who uses what, and how soon."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

from .arithmetic import (
    Feature,
    Row,
    days_between,
    end_of,
    feature_catalogue,
    is_complete,
    mean,
    month_of,
    months_between,
    percentile,
    ratio,
    remembered,
    wilson,
)
from .core_revenue import is_trial, periods_of
from .entities import Context, User

# ---- what several marts ask ------------------------------------------------------


def first_day(ctx: Context, account_id: str) -> date | None:
    """An account's first day: signup, else first trial, else first period."""
    signed_up_on = ctx.accounts[account_id].signed_up_on
    if signed_up_on is not None:
        return signed_up_on
    periods = periods_of(ctx).get(account_id, [])
    trials = [period.started_on for period in periods if is_trial(ctx, period)]
    others = [period.started_on for period in periods if not period.is_trial]
    return min(trials or others, default=None)


def first_days(ctx: Context) -> dict[str, date]:
    """The first day of every account that has one."""
    days = {account_id: first_day(ctx, account_id) for account_id in ctx.accounts}
    return {account_id: day for account_id, day in days.items() if day is not None}


def is_provisioned(user: User, on: date) -> bool:
    """Created by then and not deactivated by then (rule 42)."""
    created = user.created_on is not None and user.created_on <= on
    gone = user.deactivated_on is not None and user.deactivated_on <= on
    return created and not gone


def provisioned_users(ctx: Context, on: date) -> dict[str, set[str]]:
    """The users provisioned on a day, by their own account (rule 7)."""
    found: dict[str, set[str]] = defaultdict(set)
    for user in ctx.users.values():
        if is_provisioned(user, on):
            found[user.account_id].add(user.user_id)
    return found


def _distinct_in_window(
    users_by_day: dict[date, set[str]], end: date, days: int
) -> int:
    """Distinct users of the `days` days that end on `end`, itself included."""
    window = (users_by_day.get(end - timedelta(days=n), set()) for n in range(days))
    return len(set().union(*window))


# ---- active users ----------------------------------------------------------------


def active_users(ctx: Context) -> list[Row]:
    """One row per day from the first login to as_of, the empty ones too."""
    users_by_day: dict[date, set[str]] = defaultdict(set)
    for login in ctx.logins:
        users_by_day[login.date_day].add(login.user_id)
    if not users_by_day:
        return []
    rows = []
    last_days: deque[int] = deque(maxlen=7)
    for day in days_between(min(users_by_day), ctx.as_of):
        dau = len(users_by_day.get(day, set()))
        last_days.append(dau)
        mau = _distinct_in_window(users_by_day, day, ctx.config["mau_window_days"])
        rows.append(
            {
                "date_day": day,
                "dau": dau,
                "wau": _distinct_in_window(users_by_day, day, 7),
                "mau": mau,
                "stickiness": ratio(dau, mau),
                "dau_7d_mean": sum(last_days) / 7 if len(last_days) == 7 else None,
            }
        )
    return rows


def active_users_by_account(ctx: Context) -> list[Row]:
    """One row per account and month, from its first login, on the month's last day."""
    users: dict[str, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for login in ctx.logins:
        users[login.account_id][login.date_day].add(login.user_id)
    rows = []
    for account_id, users_by_day in users.items():
        for month in months_between(min(users_by_day), ctx.as_of):
            end = end_of(month, ctx.as_of)
            mau_days = ctx.config["mau_window_days"]
            rows.append(
                {
                    "account_id": account_id,
                    "date_month": month,
                    "dau": _distinct_in_window(users_by_day, end, 1),
                    "wau": _distinct_in_window(users_by_day, end, 7),
                    "mau": _distinct_in_window(users_by_day, end, mau_days),
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


def user_lifecycle(ctx: Context) -> list[Row]:
    """One row per month from the first login's: new, returning, back, gone quiet."""
    active: dict[date, set[str]] = defaultdict(set)
    for login in ctx.logins:
        active[month_of(login.date_day)].add(login.user_id)
    if not active:
        return []
    rows = []
    seen: set[str] = set()
    last_month: set[str] = set()
    for month in months_between(min(active), ctx.as_of):
        now = active.get(month, set())
        rows.append(
            {
                "date_month": month,
                "new_users": len(now - seen),
                "returning_users": len(now & last_month),
                "resurrected_users": len((now & seen) - last_month),
                "dormant_users": len(last_month - now),
                "active_users": len(now),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
        seen |= now
        last_month = now
    return rows


# ---- account activity ------------------------------------------------------------


@remembered
def account_activity(ctx: Context) -> list[Row]:
    """One row per account and month from its first day, or an earlier login."""
    catalogue = feature_catalogue()
    has_events = ctx.has_source("feature_events")

    logins = defaultdict(list)
    first_login: dict[tuple[str, str], date] = {}
    starts = first_days(ctx)
    for login in ctx.logins:
        account_id, day = login.account_id, login.date_day
        logins[account_id, month_of(day)].append(login)
        pair = account_id, login.user_id
        first_login[pair] = min(first_login.get(pair, day), day)
        starts[account_id] = min(starts.get(account_id, day), day)

    features: dict[tuple[str, date], set[str]] = defaultdict(set)
    core_events: dict[tuple[str, date], int] = defaultdict(int)
    for event in ctx.feature_events:
        key = event.account_id, month_of(event.date_day)
        features[key].add(event.feature_key)
        core_events[key] += _is_core(catalogue, event.feature_key)

    provisioned_by_month = {
        month: provisioned_users(ctx, end_of(month, ctx.as_of))
        for start in [min(starts.values(), default=ctx.as_of)]
        for month in months_between(start, ctx.as_of)
    }
    rows = []
    for account_id, start in starts.items():
        for month in months_between(start, ctx.as_of):
            end = end_of(month, ctx.as_of)
            key = account_id, month
            of_month = logins.get(key, [])
            active = {login.user_id for login in of_month}
            provisioned = provisioned_by_month[month].get(account_id, set())
            activated = {
                user_id
                for user_id in provisioned
                if first_login.get((account_id, user_id), date.max) <= end
            }
            minutes = [
                login.session_minutes
                for login in of_month
                if login.session_minutes is not None
            ]
            rows.append(
                {
                    "account_id": account_id,
                    "date_month": month,
                    "provisioned_users": len(provisioned),
                    "active_users": len(active),
                    "active_provisioned_users": len(active & provisioned),
                    "login_ratio": ratio(len(active & provisioned), len(provisioned)),
                    "activation_rate": ratio(len(activated), len(provisioned)),
                    "logins": len(of_month),
                    "session_minutes_mean": mean(minutes),
                    "active_days": len({login.date_day for login in of_month}),
                    "features_used": (
                        len(features.get(key, set())) if has_events else None
                    ),
                    "core_events": core_events.get(key, 0) if has_events else None,
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


# ---- adoption --------------------------------------------------------------------


def _is_core(catalogue: dict[str, Feature], feature_key: str) -> bool:
    return feature_key in catalogue and catalogue[feature_key].is_core


def product_adoption(ctx: Context) -> list[Row]:
    """One row per month from the first feature event's."""
    if not ctx.feature_events:
        return []
    catalogue = feature_catalogue()
    core_features = {key for key, feature in catalogue.items() if feature.is_core}
    starts = first_days(ctx)

    events = defaultdict(list)
    for event in ctx.feature_events:
        events[month_of(event.date_day)].append(event)
    logins = defaultdict(list)
    for login in ctx.logins:
        logins[month_of(login.date_day)].append(login)

    rows = []
    for month in months_between(min(events), ctx.as_of):
        end = end_of(month, ctx.as_of)
        core = [e for e in events.get(month, []) if e.feature_key in core_features]

        days_of_user: dict[str, set[date]] = defaultdict(set)
        days_within: dict[tuple[str, str], set[date]] = defaultdict(set)
        used_by: dict[str, set[str]] = defaultdict(set)
        for event in core:
            days_of_user[event.user_id].add(event.date_day)
            days_within[event.account_id, event.user_id].add(event.date_day)
            used_by[event.account_id].add(event.feature_key)

        enough = ctx.config["adoption_min_days"]
        signed_up = {
            user.user_id
            for user in ctx.users.values()
            if user.created_on is not None and user.created_on <= end
        }
        adopted = {
            user_id for user_id, days in days_of_user.items() if len(days) >= enough
        } & signed_up
        accounts = {account_id for account_id, day in starts.items() if day <= end}
        adopted_accounts = {
            account_id
            for (account_id, _), days in days_within.items()
            if len(days) >= enough
        } & accounts

        of_month = logins.get(month, [])
        active_accounts = {login.account_id for login in of_month}
        user_days = {(login.user_id, login.date_day) for login in of_month}
        breadths = [
            Fraction(len(used_by.get(account_id, set())), len(core_features))
            for account_id in active_accounts
            if core_features
        ]
        lower, upper = wilson(len(adopted), len(signed_up))
        rows.append(
            {
                "date_month": month,
                "signed_up_users": len(signed_up),
                "adopted_users": len(adopted),
                "adoption_rate": ratio(len(adopted), len(signed_up)),
                "adoption_rate_lower": lower,
                "adoption_rate_upper": upper,
                "signed_up_accounts": len(accounts),
                "adopted_accounts": len(adopted_accounts),
                "account_adoption_rate": ratio(len(adopted_accounts), len(accounts)),
                "adoption_breadth": mean(breadths),
                "adoption_depth": ratio(len(core), len(user_days)),
                "unmapped_events": sum(
                    e.feature_key not in catalogue for e in events.get(month, [])
                ),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


def feature_adoption(ctx: Context) -> list[Row]:
    """One row per month and feature that was used, in the catalogue or not."""
    catalogue = feature_catalogue()
    active: dict[date, set[str]] = defaultdict(set)
    for login in ctx.logins:
        active[month_of(login.date_day)].add(login.user_id)
    events = defaultdict(list)
    for event in ctx.feature_events:
        events[month_of(event.date_day), event.feature_key].append(event)
    rows = []
    for (month, feature_key), used in events.items():
        feature = catalogue.get(feature_key)
        users = {event.user_id for event in used}
        logged_in = active.get(month, set())
        rows.append(
            {
                "date_month": month,
                "feature_key": feature_key,
                "feature_name": feature.feature_name if feature else None,
                "is_core": feature.is_core if feature else False,
                "users": len(users),
                "accounts": len({event.account_id for event in used}),
                "events": len(used),
                "active_feature_users": len(users & logged_in),
                "share_of_active_users": ratio(len(users), len(logged_in)),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


# ---- the first days --------------------------------------------------------------


def first_value_on(ctx: Context) -> dict[str, date]:
    """First use of a value moment on or after the account's first day (rule 45)."""
    moments = {
        key for key, feature in feature_catalogue().items() if feature.is_value_moment
    }
    starts = first_days(ctx)
    reached: dict[str, date] = {}
    for event in ctx.feature_events:
        account_id, day = event.account_id, event.date_day
        if event.feature_key not in moments or account_id not in starts:
            continue
        if day >= starts[account_id]:
            reached[account_id] = min(reached.get(account_id, day), day)
    return reached


def time_to_value(ctx: Context) -> list[Row]:
    """One row per month in which accounts had their first day."""
    has_events = ctx.has_source("feature_events")
    reached = first_value_on(ctx)
    cohorts: dict[date, list[int | None]] = defaultdict(list)
    for account_id, start in first_days(ctx).items():
        value_on = reached.get(account_id)
        cohorts[month_of(start)].append((value_on - start).days if value_on else None)
    rows = []
    for month, waits in cohorts.items():
        days = [wait for wait in waits if wait is not None]
        values: Row = {
            "reached_value": len(days),
            "not_yet": len(waits) - len(days),
            "median_days": percentile(days, Fraction(1, 2)),
            "p75_days": percentile(days, Fraction(3, 4)),
            "share_within_7_days": ratio(sum(d <= 7 for d in days), len(waits)),
            "share_within_30_days": ratio(sum(d <= 30 for d in days), len(waits)),
        }
        if not has_events:
            values = dict.fromkeys(values)
        rows.append(
            {
                "signup_month": month,
                "accounts": len(waits),
                **values,
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


def is_stalled(ctx: Context, start: date, value_on: date | None) -> bool:
    """Rule 46: in the later onboarding days, and no value moment yet."""
    days = (ctx.as_of - start).days
    from_day = ctx.config["alert_thresholds"]["stalled_from_day"]
    return from_day <= days < ctx.config["onboarding_days"] and value_on is None


def onboarding_engagement(ctx: Context) -> list[Row]:
    """One row per account that has a first day."""
    has_events = ctx.has_source("feature_events")
    catalogue = feature_catalogue()
    possible = sum(feature.onboarding_points for feature in catalogue.values())
    starts = first_days(ctx)
    reached = first_value_on(ctx)
    done: dict[str, set[str]] = defaultdict(set)
    for event in ctx.feature_events:
        if event.account_id in starts and event.feature_key in catalogue:
            day = (event.date_day - starts[event.account_id]).days
            if 0 <= day < ctx.config["onboarding_days"]:
                done[event.account_id].add(event.feature_key)
    rows = []
    for account_id, start in starts.items():
        earned = sum(
            catalogue[key].onboarding_points for key in done.get(account_id, set())
        )
        stalled = is_stalled(ctx, start, reached.get(account_id))
        rows.append(
            {
                "account_id": account_id,
                "days_since_start": (ctx.as_of - start).days,
                "points_earned": earned if has_events else None,
                "points_possible": possible,
                "onboarding_score": ratio(earned, possible) if has_events else None,
                "is_stalled": stalled if has_events else None,
            }
        )
    return rows


def activity_monthly(ctx: Context) -> list[Row]:
    """One row per month: account_activity of all accounts together."""
    by_month: dict[date, list[Row]] = defaultdict(list)
    for row in account_activity(ctx):
        by_month[row["date_month"]].append(row)
    rows = []
    for month, of_month in by_month.items():
        provisioned = sum(row["provisioned_users"] for row in of_month)
        active = sum(row["active_provisioned_users"] for row in of_month)
        rows.append(
            {
                "date_month": month,
                "accounts": len(of_month),
                "active_accounts": sum(row["active_users"] > 0 for row in of_month),
                "provisioned_users": provisioned,
                "active_provisioned_users": active,
                "login_ratio": ratio(active, provisioned),
                "logins": sum(row["logins"] for row in of_month),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "active_users": (active_users, ["date_day"]),
    "active_users_by_account": (
        active_users_by_account,
        ["account_id", "date_month"],
    ),
    "user_lifecycle": (user_lifecycle, ["date_month"]),
    "account_activity": (account_activity, ["account_id", "date_month"]),
    "activity_monthly": (activity_monthly, ["date_month"]),
    "product_adoption": (product_adoption, ["date_month"]),
    "feature_adoption": (feature_adoption, ["date_month", "feature_key"]),
    "time_to_value": (time_to_value, ["signup_month"]),
    "onboarding_engagement": (onboarding_engagement, ["account_id"]),
}

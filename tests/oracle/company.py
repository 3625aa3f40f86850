"""The company marts: one row per account, and the headline metrics in one table.

Both are drawn from the other marts and compute nothing again, so they read what the
sibling modules work out for them. Here too, because they need health: dim_accounts with
its lifecycle stage and renewal_calendar with its band, in place of core_revenue's.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from . import core_revenue, engagement, health, sentiment
from .arithmetic import (
    Difference,
    Row,
    add_months,
    end_of,
    exact,
    is_complete,
    mean,
    metric_catalogue,
    month_of,
    remembered,
    targets,
)
from .engagement import account_activity
from .entities import Context, Survey
from .health import (
    account_alerts,
    account_health,
    is_open_ticket,
    is_overdue,
    latest_nps,
    lifecycle_stages,
)
from .notes import note_columns
from .paying import cancellations, open_renewals
from .sentiment import answers_of, nps_segment
from .unusual import unusual

Mart = tuple[Callable[[Context], list[Row]], list[str]]

SOURCES: dict[str, Mart] = {
    **core_revenue.MARTS,
    **engagement.MARTS,
    **sentiment.MARTS,
    **health.MARTS,
}


@remembered
def _known(ctx: Context) -> dict[str, list[Row]]:
    """What was asked for already."""
    return {}


def rows_of(ctx: Context, mart: str) -> list[Row]:
    """The rows of another mart; each is worked out once."""
    known = _known(ctx)
    if mart not in known:
        function, _ = SOURCES[mart]
        known[mart] = function(ctx)
    return known[mart]


# ---- completed with health -------------------------------------------------------


def dim_accounts(ctx: Context) -> list[Row]:
    """One row per account in scope, with its lifecycle stage (rule 33)."""
    stages = lifecycle_stages(ctx)
    return [
        {**row, "lifecycle_stage": stages[row["account_id"]]}
        for row in rows_of(ctx, "dim_accounts")
    ]


def renewal_calendar(ctx: Context) -> list[Row]:
    """One row per open due date, with the band of the latest month."""
    band = {
        row["account_id"]: row["health_band"]
        for row in account_health(ctx)
        if row["date_month"] == month_of(ctx.as_of)
    }
    return [
        {**row, "health_band": band.get(row["account_id"])}
        for row in rows_of(ctx, "renewal_calendar")
    ]


# ---- customer_360 ----------------------------------------------------------------


def customer_360(ctx: Context) -> list[Row]:
    """One row per account of dim_accounts, as of the latest month."""
    month = month_of(ctx.as_of)
    health_now = {
        row["account_id"]: row
        for row in account_health(ctx)
        if row["date_month"] == month
    }
    activity = {
        row["account_id"]: row
        for row in account_activity(ctx)
        if row["date_month"] == month
    }
    value = {row["account_id"]: row for row in rows_of(ctx, "customer_lifetime_value")}
    nps = latest_nps(ctx)
    csat = _latest_csat(ctx)
    last_login: dict[str, date] = {}
    for login in ctx.logins:
        day = login.date_day
        last_login[login.account_id] = max(last_login.get(login.account_id, day), day)
    renewal: dict[str, date] = {}
    for due in open_renewals(ctx):
        held = renewal.get(due.account_id, due.due_on)
        renewal[due.account_id] = min(held, due.due_on)
    alerts = Counter(r["account_id"] for r in account_alerts(ctx) if r["is_open"])
    tickets = Counter(
        t.account_id for t in ctx.support_tickets if is_open_ticket(t, ctx.as_of)
    )
    invoices = Counter(i.account_id for i in ctx.invoices if is_overdue(i, ctx.as_of))
    referrals = Counter(r.referrer_account_id for r in ctx.referrals)

    rows = []
    for account in dim_accounts(ctx):
        who = account["account_id"]
        score = nps[who].score if who in nps else None
        of_account = {
            **{
                name: health_now.get(who, {}).get(name)
                for name in ("health_score", "health_band", "top_driver")
            },
            "latest_nps_score": score,
            "nps_segment": None if score is None else nps_segment(score),
            "latest_csat": csat[who].score if who in csat else None,
            **{
                name: activity.get(who, {}).get(name)
                for name in (
                    "active_users",
                    "provisioned_users",
                    "login_ratio",
                    "features_used",
                )
            },
            "last_login_on": last_login.get(who),
            **{
                name: value.get(who, {}).get(name)
                for name in ("tenure_months", "revenue_to_date", "survival_clv")
            },
            "next_renewal_on": renewal.get(who),
            "cancellation_scheduled_on": (
                cancellations(ctx)[who].day if who in cancellations(ctx) else None
            ),
            "open_alerts": alerts[who],
            "open_tickets": (
                tickets[who] if ctx.has_source("support_tickets") else None
            ),
            "overdue_invoices": invoices[who] if ctx.has_source("invoices") else None,
            "referrals": referrals[who] if ctx.has_source("referrals") else None,
            **note_columns(ctx, who),
        }
        rows.append({**account, **of_account})
    return rows


def _latest_csat(ctx: Context) -> dict[str, Survey]:
    """The latest CSAT answer for each account; ties by highest response_id."""
    latest: dict[str, Survey] = {}
    answers = answers_of(ctx, "csat")
    for answer in sorted(answers, key=lambda a: (a.responded_at, a.response_id)):
        latest[answer.account_id] = answer
    return latest


# ---- kpi_monthly -----------------------------------------------------------------

# The mart, its month and, by metric, the column; bounds are its _lower and _upper.
SIMPLE: list[tuple[str, str, dict[str, str]]] = [
    (
        "monthly_churn",
        "date_month",
        {
            name: name
            for name in (
                "mrr_at_end",
                "arr",
                "customers_at_end",
                "churn_rate",
                "gross_mrr_churn_rate",
                "net_mrr_churn_rate",
                "quick_ratio",
            )
        },
    ),
    ("renewals", "date_month", {"renewal_rate": "renewal_rate"}),
    ("trial_conversion", "date_month", {"conversion_rate": "conversion_rate"}),
    (
        "unit_economics",
        "date_month",
        {name: name for name in ("arpa", "ltv", "cac", "ltv_to_cac", "ltv_to_crc")},
    ),
    (
        "product_adoption",
        "date_month",
        {name: name for name in ("adoption_rate", "account_adoption_rate")},
    ),
    ("time_to_value", "signup_month", {"median_days": "median_days"}),
    ("customer_loyalty_index", "date_month", {"cli": "cli"}),
    ("csat_monthly", "date_month", {"csat_rate": "csat_rate"}),
    ("referrals_monthly", "date_month", {"referral_rate": "referral_rate"}),
]

Value = tuple[float | None, float | None, float | None]  # value, lower, upper
UNKNOWN: Value = (None, None, None)


@remembered
def kpi_monthly(ctx: Context) -> list[Row]:
    """One row per month and metric that the metric's mart has a row for."""
    values: dict[tuple[date, str], Value] = {}
    for mart, month_column, columns in SIMPLE:
        for row in rows_of(ctx, mart):
            if row[month_column] > ctx.as_of:
                continue  # renewals to come: no value yet
            for metric, column in columns.items():
                values[row[month_column], metric] = _value(row, column)
    for row in rows_of(ctx, "revenue_retention"):
        if row["months_back"] == 12:
            values[row["date_month"], "nrr_12m"] = _value(row, "nrr")
            values[row["date_month"], "grr_12m"] = _value(row, "grr")
    for row in rows_of(ctx, "nps_monthly"):
        if row["period_type"] == "month":
            values[row["date_month"], "nps"] = _value(row, "nps")
    for row in rows_of(ctx, "active_users"):
        month = month_of(row["date_day"])
        if row["date_day"] == end_of(month, ctx.as_of):
            values[month, "mau"] = _value(row, "mau")
            values[month, "stickiness"] = _value(row, "stickiness")
    values |= _login_ratio(ctx)
    values |= _health(ctx)

    catalogue = metric_catalogue()
    bases = _bases(ctx)
    enough = ctx.config["small_sample_size"]
    rows = []
    for (month, metric), (value, lower, upper) in values.items():
        before = values.get((add_months(month, -1), metric))
        is_small = bases.get((month, metric), enough) < enough
        was_small = bases.get((add_months(month, -1), metric), enough) < enough
        change, change_is = (
            (None, None)  # of two trials a change is chance
            if is_small or was_small
            else _change(
                value, before[0] if before else None, catalogue[metric]["direction"]
            )
        )
        rows.append(
            {
                "date_month": month,
                "metric": metric,
                "value": value,
                "previous_value": before[0] if before else None,
                "value_change": change,
                "change_is": change_is,
                "lower": lower,
                "upper": upper,
                "is_small_sample": is_small,
                **unusual(
                    _by_month(values, metric), month, is_complete(month, ctx.as_of)
                ),
                "journey_phase": catalogue[metric]["journey_phase"],
                "strategy": catalogue[metric]["strategy"],
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


def metric_targets(ctx: Context) -> list[Row]:
    """One row per month and metric with a target, and whether it was reached."""
    given, catalogue = targets(), metric_catalogue()
    rows = []
    for row in kpi_monthly(ctx):
        metric, month, value = row["metric"], row["date_month"], row["value"]
        target = given.get((metric, month), given.get((metric, None)))
        if target is None:
            continue
        is_open = (
            value is None or row["is_small_sample"] or not row["is_complete_month"]
        )
        better = 1 if catalogue[metric]["direction"] == "up" else -1
        rows.append(
            {
                "date_month": month,
                "metric": metric,
                "target_value": target,
                "value": value,
                "is_met": None
                if is_open
                else (float(value) - target) * better >= 0
                or math.isclose(float(value), target, rel_tol=1e-9),
                "is_complete_month": row["is_complete_month"],
            }
        )
    return rows


def _by_month(
    values: dict[tuple[date, str], Value], metric: str
) -> Callable[[date], float | None]:
    return lambda month: values.get((month, metric), UNKNOWN)[0]


def _bases(ctx: Context) -> dict[tuple[date, str], int]:
    """Over how many customers, users, terms, trials or answers a rate or mean is."""
    bases: dict[tuple[date, str], int] = {}
    for row in rows_of(ctx, "monthly_churn"):
        for metric in ("churn_rate", "gross_mrr_churn_rate", "net_mrr_churn_rate"):
            bases[row["date_month"], metric] = row["customers_at_start"]
    for row in rows_of(ctx, "revenue_retention"):
        if row["months_back"] == 12:
            bases[row["date_month"], "nrr_12m"] = row["customers_then"]
            bases[row["date_month"], "grr_12m"] = row["customers_then"]
    for row in rows_of(ctx, "renewals"):
        bases[row["date_month"], "renewal_rate"] = row["renewed"] + row["lost"]
    for row in rows_of(ctx, "trial_conversion"):
        closed = row["trials_ended"] - row["trials_open"]
        bases[row["date_month"], "conversion_rate"] = closed
    for row in rows_of(ctx, "product_adoption"):
        bases[row["date_month"], "adoption_rate"] = row["signed_up_users"]
        bases[row["date_month"], "account_adoption_rate"] = row["signed_up_accounts"]
    for row in rows_of(ctx, "time_to_value"):
        bases[row["signup_month"], "median_days"] = row["reached_value"] or 0
    for row in rows_of(ctx, "nps_monthly"):
        if row["period_type"] == "month":
            bases[row["date_month"], "nps"] = row["responses"]
    for row in rows_of(ctx, "customer_loyalty_index"):
        bases[row["date_month"], "cli"] = row["responses"]
    for row in rows_of(ctx, "csat_monthly"):
        bases[row["date_month"], "csat_rate"] = row["responses"]
    for row in rows_of(ctx, "referrals_monthly"):
        bases[row["date_month"], "referral_rate"] = row["paying_customers"]
    for row in rows_of(ctx, "active_users"):
        month = month_of(row["date_day"])
        if row["date_day"] == end_of(month, ctx.as_of):
            bases[month, "stickiness"] = row["mau"]
    for row in account_activity(ctx):
        key = (row["date_month"], "login_ratio")
        bases[key] = bases.get(key, 0) + row["provisioned_users"]
    for row in account_health(ctx):
        key = (row["date_month"], "health_score_mean")
        bases[key] = bases.get(key, 0) + (row["health_score"] is not None)
    return bases


def _change(
    value: float | None, before: float | None, direction: str
) -> tuple[float | None, str | None]:
    """By how much, and whether that is good."""
    if value is None or before is None:
        return None, None
    change = Difference(value, before)
    if not change:
        return change, "unchanged"
    good = change > 0 if direction == "up" else change < 0
    return change, "better" if good else "worse"


def _value(row: Row, column: str) -> Value:
    return (
        _double(row[column]),
        _double(row.get(f"{column}_lower")),
        _double(row.get(f"{column}_upper")),
    )


def _double(value: int | float | Decimal | None) -> float | None:
    return None if value is None else float(value)


def _login_ratio(ctx: Context) -> dict[tuple[date, str], Value]:
    """Of all accounts: their provisioned users who were active / all provisioned."""
    active: dict[date, Fraction] = defaultdict(Fraction)
    provisioned: dict[date, int] = defaultdict(int)
    for row in account_activity(ctx):
        month, users = row["date_month"], row["provisioned_users"]
        provisioned[month] += users
        if row["login_ratio"] is not None:
            active[month] += round(exact(row["login_ratio"]) * users)
    return {
        (month, "login_ratio"): (
            float(active[month] / users) if users else None,
            None,
            None,
        )
        for month, users in provisioned.items()
    }


def _health(ctx: Context) -> dict[tuple[date, str], Value]:
    """Mean of the published scores, and how many are red, of the paying accounts."""
    by_month: dict[date, list[Row]] = defaultdict(list)
    for row in account_health(ctx):
        by_month[row["date_month"]].append(row)
    values: dict[tuple[date, str], Value] = {}
    for month, rows in by_month.items():
        scores = [r["health_score"] for r in rows if r["health_score"] is not None]
        red = sum(row["health_band"] == "red" for row in rows)
        values[month, "health_score_mean"] = (mean(scores), None, None)
        red_accounts = float(red) if scores else None  # rule 62
        values[month, "red_accounts"] = (red_accounts, None, None)
    return values


NEEDED_BY_NO_METRIC = ("mrr_reported", "account_notes")


def figures_as_of(ctx: Context) -> list[Row]:
    """The one row: as of when, which month is whole, which tables have no rows."""
    this_month = month_of(ctx.as_of)
    whole = is_complete(this_month, ctx.as_of)
    latest = this_month if whole else add_months(this_month, -1)
    absent = ", ".join(
        row["source_table"]
        for row in rows_of(ctx, "data_quality_summary")
        if not ctx.has_source(row["source_table"])
        and row["source_table"] not in NEEDED_BY_NO_METRIC
    )
    sentences = [
        f"Figures as of {ctx.as_of}.",
        f"Latest complete month: {latest:%Y-%m}"
        + ("." if whole else f"; {this_month:%Y-%m} is incomplete."),
    ]
    sentences.append(f"Money is in {ctx.config['base_currency']}.")
    if absent:
        sentences.append(f"Not delivered: {absent}.")
    return [
        {
            "as_of_date": ctx.as_of,
            "latest_complete_month": latest,
            "open_month": None if whole else this_month,
            "tables_without_rows": absent or None,
            "base_currency": ctx.config["base_currency"],
            "note": " ".join(sentences),
        }
    ]


MARTS: dict[str, Mart] = {
    "dim_accounts": (dim_accounts, core_revenue.MARTS["dim_accounts"][1]),
    "renewal_calendar": (renewal_calendar, core_revenue.MARTS["renewal_calendar"][1]),
    "customer_360": (customer_360, ["account_id"]),
    "kpi_monthly": (kpi_monthly, ["date_month", "metric"]),
    "metric_targets": (metric_targets, ["date_month", "metric"]),
    "figures_as_of": (figures_as_of, ["as_of_date"]),
}

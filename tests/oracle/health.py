"""The health marts, from the definitions alone: score, alerts, how well it warned."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .arithmetic import (
    Row,
    add_months,
    end_of,
    exact,
    feature_catalogue,
    half_up,
    is_complete,
    last_day,
    mean,
    month_of,
    months_between,
    playbooks,
    ratio,
    remembered,
)
from .core_revenue import is_trial
from .engagement import (
    first_days,
    first_value_on,
    is_stalled,
    provisioned_users,
)
from .entities import Context, Invoice, SupportTicket, Survey
from .notes import pulse_disagrees_on
from .one_band_up import next_band_from, one_band_up
from .paying import (
    cancellations,
    first_paid_on,
    month_end_mrr,
    mrr_on,
    open_renewals,
    paid_periods,
    paying_since,
)
from .sentiment import answers_of, latest_answers, nps_segment

COMPONENTS = ("usage", "billing", "support", "nps")  # ties of top_driver: this order
ALL_COMPONENTS = (*COMPONENTS, "trend")  # the last one where it has a weight
IMPACT_OF_UNMAPPED = Fraction(1)  # rule 44
IMPACT_OF_LOGIN_DAY = Fraction(1)
WRITTEN_OFF_DAYS = 90  # for which an uncollectible invoice is overdue (rule 61)

# ---- components: a number from 0 to 100 (usage 150), or None where missing --------


def usage_scores(ctx: Context, end: date) -> dict[str, Fraction]:
    """Impact x distinct user-days in the window, per provisioned user, on target."""
    start = end - timedelta(days=ctx.config["health_window_days"] - 1)
    impact: dict[str, Fraction] = defaultdict(Fraction)
    if ctx.has_source("feature_events"):
        catalogue = feature_catalogue()
        for account_id, feature_key, _, day in feature_user_days(ctx):
            if start <= day <= end:
                impact[account_id] += (
                    catalogue[feature_key].impact_score
                    if feature_key in catalogue
                    else IMPACT_OF_UNMAPPED
                )
    else:
        for account_id, _, day in login_user_days(ctx):
            if start <= day <= end:
                impact[account_id] += IMPACT_OF_LOGIN_DAY
    target = exact(ctx.config["usage_target_per_user"])
    cap = exact(ctx.config["usage_score_cap"])
    return {
        account_id: min(impact[account_id] / len(users) / target * 100, cap)
        for account_id, users in provisioned_users(ctx, end).items()
    }


@remembered
def feature_user_days(ctx: Context) -> set[tuple[str, str, str, date]]:
    """Account, feature, user and day of use, each once."""
    return {
        (e.account_id, e.feature_key, e.user_id, e.date_day) for e in ctx.feature_events
    }


@remembered
def login_user_days(ctx: Context) -> set[tuple[str, str, date]]:
    """Account, user and day with a login, each once."""
    return {(e.account_id, e.user_id, e.date_day) for e in ctx.logins}


@remembered
def login_days(ctx: Context) -> dict[str, list[date]]:
    """The user-days with a login of each account, in order."""
    found: dict[str, list[date]] = defaultdict(list)
    for account_id, _, day in login_user_days(ctx):
        found[account_id].append(day)
    return {account_id: sorted(days) for account_id, days in found.items()}


def was_paid(invoice: Invoice, by: date) -> bool:
    """Paid on the day counts; paid without a date counts from the start (61)."""
    if invoice.paid_on is not None:
        return invoice.paid_on <= by
    return invoice.status == "paid"


def is_overdue(invoice: Invoice, on: date) -> bool:
    """Not void, due before the day, not paid by it, not written off long ago (61)."""
    if invoice.status == "void" or invoice.due_on >= on or was_paid(invoice, on):
        return False
    days_overdue = (on - invoice.due_on).days
    return invoice.status != "uncollectible" or days_overdue <= WRITTEN_OFF_DAYS


def billing_score(ctx: Context, invoices: Sequence[Invoice], end: date) -> Fraction:
    """By the days past due of the oldest open invoice; later than all steps: 0."""
    overdue = [(end - i.due_on).days for i in invoices if is_overdue(i, end)]
    days = max(overdue, default=0)
    for step in sorted(
        ctx.config["billing_scores"], key=lambda step: int(step["max_days_overdue"])
    ):
        if days <= step["max_days_overdue"]:
            return exact(step["score"])
    return Fraction(0)


def is_open_ticket(ticket: SupportTicket, on: date) -> bool:
    """Opened by then and not closed by then; closed on the day is closed (61)."""
    return ticket.opened_on <= on and not (
        ticket.closed_on is not None and ticket.closed_on <= on
    )


def support_score(
    ctx: Context, tickets: Sequence[SupportTicket], end: date
) -> Fraction:
    """100 less the penalties of what was opened in the window or is still open."""
    start = end - timedelta(days=ctx.config["health_window_days"] - 1)
    counted = [
        ticket
        for ticket in tickets
        if start <= ticket.opened_on <= end or is_open_ticket(ticket, end)
    ]
    penalties = ctx.config["ticket_penalties"]
    lost = sum((exact(penalties[t.priority]) for t in counted), Fraction(0))
    return max(Fraction(0), 100 - lost)


def nps_component(
    ctx: Context, answers: Sequence[Survey], end: date
) -> Fraction | None:
    """Mean of the latest answer per user in the trailing days, x 10."""
    start = end - timedelta(days=ctx.config["nps_health_window_days"] - 1)
    latest = latest_answers(
        a for a in answers if a.responded_on and start <= a.responded_on <= end
    )
    scores = [exact(a.score) for a in latest if a.score is not None]
    return sum(scores, Fraction(0)) / len(scores) * 10 if scores else None


def components(ctx: Context) -> list[str]:
    """Those that take part in the score, in the order of ties."""
    return [name for name in ALL_COMPONENTS if name in ctx.config["health_weights"]]


def in_two_windows(ctx: Context, account_id: str, end: date) -> tuple[int, int]:
    """Its user-days in the window that ends on a day, and in the one before."""
    days = login_days(ctx).get(account_id, [])
    window = timedelta(days=ctx.config["alert_thresholds"]["usage_drop_window_days"])
    ends = (end, end - window, end - 2 * window)
    first, second, third = (bisect_right(days, day) for day in ends)
    return first - second, second - third


def trend_score(ctx: Context, account_id: str, end: date) -> Fraction | None:
    """User-days in 28 days, in percent of those in the 28 before, at most 100."""
    thresholds = ctx.config["alert_thresholds"]
    now, then = in_two_windows(ctx, account_id, end)
    if "trend" not in components(ctx) or then < thresholds["usage_drop_min_user_days"]:
        return None
    return min(Fraction(100 * now, then), Fraction(100))


# ---- the score -------------------------------------------------------------------


def bands(ctx: Context) -> list[str]:
    """The bands, worst first."""
    return [str(step["band"]) for step in _steps(ctx)]


def _steps(ctx: Context) -> list[dict[str, Any]]:
    return sorted(
        ctx.config["health_bands"],
        key=lambda step: (step["max_score"] is None, step["max_score"] or 0),
    )


def band_of(ctx: Context, score: int) -> str:
    """Banded on the published integer; upper bounds are inclusive."""
    for step in _steps(ctx):
        if step["max_score"] is None or score <= step["max_score"]:
            return str(step["band"])
    raise ValueError(f"no health band for {score}: the last one needs no bound")


def weigh(ctx: Context, raw: dict[str, Fraction | None]) -> Row:
    """Score, coverage and drivers from the components there are (rule 62)."""
    names = components(ctx)
    weights = {name: exact(ctx.config["health_weights"][name]) for name in names}
    scores = {
        name: None if value is None else half_up(value, 4)
        for name, value in raw.items()
        if name in names
    }
    there = {name: exact(s) for name, s in scores.items() if s is not None}
    weight = sum((weights[name] for name in there), Fraction(0))
    lost = {
        name: weights[name] * (100 - score) / weight
        for name, score in there.items()
        if weight
    }
    total = sum(weights.values(), Fraction(0))
    is_covered = total and weight / total >= exact(ctx.config["min_score_coverage"])
    score_exact = (
        half_up(sum(weights[n] * s for n, s in there.items()) / weight, 4)
        if weight and is_covered  # rule 60
        else None
    )
    score = int(half_up(exact(score_exact), 0)) if score_exact is not None else None
    band = band_of(ctx, score) if score is not None else None
    most = max(lost.values(), default=Fraction(0))
    driver = next((n for n in names if n in lost and lost[n] == most), None)
    play = playbooks().get(band) if band else None
    target = next_band_from(_steps(ctx), score)
    known = {name: value for name, value in scores.items() if value is not None}
    return {
        **{f"{name}_score": scores.get(name) for name in ALL_COMPONENTS},
        "score_coverage": ratio(weight, total),
        "health_score_exact": score_exact,
        "health_score": score,
        "health_band": band,
        **{
            f"{name}_points_lost": float(lost[name]) if name in lost else None
            for name in ALL_COMPONENTS
        },
        "top_driver": driver if most > 0 else None,
        "recommended_action": play.action if play else None,
        "points_to_next_band": (
            None if target is None or score is None else target - score
        ),
        "one_band_up": one_band_up(
            weights, known, target, ctx.config["usage_score_cap"]
        ),
    }


@remembered
def account_health(ctx: Context) -> list[Row]:
    """One row per account and month at whose end, or at as_of, it is paying."""
    invoices = defaultdict(list)
    for invoice in ctx.invoices:
        invoices[invoice.account_id].append(invoice)
    tickets = defaultdict(list)
    for ticket in ctx.support_tickets:
        tickets[ticket.account_id].append(ticket)
    answers = defaultdict(list)
    for answer in answers_of(ctx, "nps"):
        answers[answer.account_id].append(answer)

    first_paid = first_paid_on(ctx)
    rows: list[Row] = []
    previous: dict[tuple[str, date], int | None] = {}
    for month in months_between(min(first_paid.values(), default=ctx.as_of), ctx.as_of):
        end = end_of(month, ctx.as_of)
        usage = usage_scores(ctx, end)
        for account_id, periods in paid_periods(ctx).items():
            mrr = mrr_on(periods, end)
            if mrr <= 0:
                continue
            scored = weigh(
                ctx,
                {
                    "usage": usage.get(account_id),
                    "billing": (
                        billing_score(ctx, invoices[account_id], end)
                        if ctx.has_source("invoices")
                        else None
                    ),
                    "support": (
                        support_score(ctx, tickets[account_id], end)
                        if ctx.has_source("support_tickets")
                        else None
                    ),
                    "nps": nps_component(ctx, answers[account_id], end),
                    "trend": trend_score(ctx, account_id, end),
                },
            )
            score = scored["health_score"]
            before = previous.get((account_id, add_months(month, -1)))
            previous[account_id, month] = score
            days_paid = (end - first_paid[account_id]).days
            rows.append(
                {
                    "account_id": account_id,
                    "date_month": month,
                    **scored,
                    "previous_health_score": before,
                    "score_change": (
                        score - before
                        if score is not None and before is not None
                        else None
                    ),
                    "is_onboarding": days_paid < ctx.config["onboarding_days"],
                    "mrr": mrr,
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


def health_bands_monthly(ctx: Context) -> list[Row]:
    """One row per month and band that has accounts (rule 62)."""
    mrrs: dict[tuple[date, str], list[Decimal]] = defaultdict(list)
    for row in account_health(ctx):
        if row["health_band"] is not None:
            mrrs[row["date_month"], row["health_band"]].append(row["mrr"])
    return [
        {
            "date_month": month,
            "health_band": band,
            "accounts": len(of_band),
            "mrr": sum(of_band, Decimal("0.0000")),
            "is_complete_month": is_complete(month, ctx.as_of),
        }
        for (month, band), of_band in mrrs.items()
    ]


def health_monthly(ctx: Context) -> list[Row]:
    """One row per month in which accounts pay: their health together."""
    by_month: dict[date, list[Row]] = defaultdict(list)
    for row in account_health(ctx):
        by_month[row["date_month"]].append(row)
    rows = []
    for month, of_month in by_month.items():
        scores = [r["health_score"] for r in of_month if r["health_score"] is not None]
        red = [row["mrr"] for row in of_month if row["health_band"] == "red"]
        rows.append(
            {
                "date_month": month,
                "accounts": len(of_month),
                "scored_accounts": len(scores),
                "health_score_mean": mean(scores),
                "red_accounts": len(red) if scores else None,
                "red_share": ratio(len(red), len(scores)),
                "red_mrr": sum(red, Decimal("0.0000")),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


# ---- alerts (rule 66) ----------------------------------------------------------


@dataclass(frozen=True)
class Alert:
    """What one cause raised, before causes of one kind and day become one row."""

    account_id: str
    kind: str
    raised_on: date
    is_open: bool
    is_high: bool = False


@remembered
def account_alerts(ctx: Context) -> list[Row]:
    """One row per account, kind and day raised; without `detail`, a free text."""
    raised = [
        *_month_alerts(ctx),
        *_usage_drops(ctx),
        *_inactive(ctx),
        *_stalled(ctx),
        *_renewals_at_risk(ctx),
        *_detractors(ctx),
        *_overdue_invoices(ctx),
        *_cancellations_scheduled(ctx),
        *_pulses_that_disagree(ctx),
    ]
    plays = playbooks()
    merged: dict[tuple[str, str, date], Row] = {}
    for alert in raised:
        account_id, kind, day = alert.account_id, alert.kind, alert.raised_on
        periods = paid_periods(ctx).get(account_id, [])
        stopped = bool(periods) and mrr_on(periods, ctx.as_of) == 0
        is_open = alert.is_open and not (stopped and kind != "invoice_overdue")
        play = plays.get(kind)
        row = merged.setdefault(
            (account_id, kind, day),
            {
                "alert_id": f"{account_id}|{kind}|{day}",
                "account_id": account_id,
                "alert_type": kind,
                "raised_on": day,
                "severity": "medium",
                "is_open": False,
                "recommended_action": play.action if play else None,
                "due_at": (
                    datetime.combine(day, time()) + timedelta(hours=play.due_hours)
                    if play and play.due_hours is not None
                    else None
                ),
                "mrr_at_risk": mrr_on(
                    periods, ctx.as_of if kind == "cancellation_scheduled" else day
                ),
            },
        )
        if alert.is_high:
            row["severity"] = "high"
        row["is_open"] = row["is_open"] or is_open
    return list(merged.values())


def latest_complete_month_end(ctx: Context) -> date:
    """The last day of the latest complete month."""
    month = month_of(ctx.as_of)
    if is_complete(month, ctx.as_of):
        return ctx.as_of
    return month - timedelta(days=1)


def _month_alerts(ctx: Context) -> list[Alert]:
    """band_worsened, score_drop and contraction: from complete months."""
    latest = latest_complete_month_end(ctx)
    order = bands(ctx)
    alerts = []
    band_then: dict[tuple[str, date], str | None] = {}
    for row in account_health(ctx):
        account_id, month, band = (
            row["account_id"],
            row["date_month"],
            row["health_band"],
        )
        before = band_then.get((account_id, add_months(month, -1)))
        band_then[account_id, month] = band
        if not row["is_complete_month"]:
            continue
        end = last_day(month)
        if band and before and order.index(band) < order.index(before):
            alerts.append(
                Alert(
                    account_id,
                    "band_worsened",
                    end,
                    is_high=band == "red",
                    is_open=end == latest,
                )
            )
        drop = ctx.config["alert_thresholds"]["score_drop"]
        if row["score_change"] is not None and -row["score_change"] >= drop:
            alerts.append(Alert(account_id, "score_drop", end, is_open=end == latest))
    for account_id, months in month_end_mrr(ctx).items():
        for month, before_mrr, now_mrr in months:
            end = last_day(month)
            if 0 < now_mrr < before_mrr and is_complete(month, ctx.as_of):
                alerts.append(
                    Alert(account_id, "contraction", end, is_open=end == latest)
                )
    return alerts


def _usage_drops(ctx: Context) -> list[Alert]:
    """At most half the user-days of the 28 days before, of an account that pays."""
    thresholds = ctx.config["alert_thresholds"]
    alerts = []
    for account_id, months in month_end_mrr(ctx).items():
        for month, _, mrr in months:
            end = last_day(month)
            if mrr <= 0 or not is_complete(month, ctx.as_of):
                continue
            now, then = in_two_windows(ctx, account_id, end)
            if (
                then >= thresholds["usage_drop_min_user_days"]
                and now <= exact(thresholds["usage_drop_share"]) * then
            ):
                alerts.append(
                    Alert(
                        account_id,
                        "usage_drop",
                        end,
                        is_open=end == latest_complete_month_end(ctx),
                    )
                )
    return alerts


def _inactive(ctx: Context) -> list[Alert]:
    """Paying, and so many days since the last login or since it began to pay."""
    wait = timedelta(days=ctx.config["alert_thresholds"]["inactive_days"])
    last_login: dict[str, date] = {}
    for account_id, _, day in login_user_days(ctx):
        last_login[account_id] = max(last_login.get(account_id, day), day)
    alerts = []
    for account_id, periods in paid_periods(ctx).items():
        since = paying_since(periods, ctx.as_of)
        if since is None:
            continue
        raised_on = max(since, last_login.get(account_id, since)) + wait
        if raised_on <= ctx.as_of:
            alerts.append(
                Alert(account_id, "inactive", raised_on, is_high=True, is_open=True)
            )
    return alerts


def _stalled(ctx: Context) -> list[Alert]:
    """onboarding_stalled: as published in onboarding_engagement (rule 46)."""
    if not ctx.has_source("feature_events"):
        return []
    from_day = timedelta(days=ctx.config["alert_thresholds"]["stalled_from_day"])
    reached = first_value_on(ctx)
    return [
        Alert(account_id, "onboarding_stalled", start + from_day, is_open=True)
        for account_id, start in first_days(ctx).items()
        if is_stalled(ctx, start, reached.get(account_id))
    ]


def _renewals_at_risk(ctx: Context) -> list[Alert]:
    """Due within the window while the account is red or yellow."""
    band_of_month = {
        (row["account_id"], row["date_month"]): row["health_band"]
        for row in account_health(ctx)
    }
    window = timedelta(days=ctx.config["renewal_window_days"])
    at_risk = {"red", "yellow"}
    alerts = []
    for renewal in open_renewals(ctx):
        month = month_of(ctx.as_of)
        band = band_of_month.get((renewal.account_id, month))
        cancellation = cancellations(ctx).get(renewal.account_id)
        is_cancelled = cancellation is not None and cancellation.day == renewal.due_on
        if band not in at_risk or is_cancelled:  # rule 77: that is its own alert
            continue
        while band_of_month.get((renewal.account_id, add_months(month, -1))) in at_risk:
            month = add_months(month, -1)
        alerts.append(
            Alert(
                renewal.account_id,
                "renewal_at_risk",
                max(
                    renewal.due_on - window,
                    renewal.period.started_on,
                    end_of(month, ctx.as_of),
                ),
                is_high=band == "red",
                is_open=True,
            )
        )
    return alerts


def _events_since(ctx: Context) -> date:
    """Events raised on this day or before it are history."""
    return add_months(ctx.as_of, -ctx.config["alert_thresholds"]["event_months"])


def _detractors(ctx: Context) -> list[Alert]:
    """An NPS answer of 0-6, on the day of the answer."""
    days = timedelta(days=ctx.config["alert_thresholds"]["detractor_open_days"])
    return [
        Alert(
            answer.account_id,
            "detractor",
            answer.responded_on,
            is_open=answer.responded_on > ctx.as_of - days,
        )
        for answer in answers_of(ctx, "nps")
        if answer.score is not None
        and answer.responded_on is not None
        and nps_segment(answer.score) == "detractor"
        and answer.responded_on > _events_since(ctx)
    ]


def _overdue_invoices(ctx: Context) -> list[Alert]:
    """One for each unbroken run of days with an overdue invoice (rule 78)."""
    days: dict[str, set[date]] = defaultdict(set)
    for invoice in ctx.invoices:
        day = invoice.due_on + timedelta(days=1)
        while day <= ctx.as_of and is_overdue(invoice, day):
            days[invoice.account_id].add(day)
            day += timedelta(days=1)
    one_day = timedelta(days=1)
    alerts = []
    for account_id, overdue in days.items():
        for start in overdue:
            if start - one_day in overdue:
                continue
            end = start
            while end + one_day in overdue:
                end += one_day
            goes_on = end == ctx.as_of
            if goes_on or start > _events_since(ctx):
                alerts.append(
                    Alert(
                        account_id,
                        "invoice_overdue",
                        start,
                        is_high=goes_on,
                        is_open=goes_on,
                    )
                )
    return alerts


def _cancellations_scheduled(ctx: Context) -> list[Alert]:
    """The account's whole MRR ends within the window (rule 77)."""
    window = timedelta(days=ctx.config["renewal_window_days"])
    return [
        Alert(
            cancellation.account_id,
            "cancellation_scheduled",
            max(cancellation.day - window, cancellation.last_period.started_on),
            is_high=True,
            is_open=True,
        )
        for cancellation in cancellations(ctx).values()
        if cancellation.day <= ctx.as_of + window
    ]


def _pulses_that_disagree(ctx: Context) -> list[Alert]:
    """A person's latest pulse is not what the band of the latest month says."""
    alerts = []
    for row in account_health(ctx):
        if row["date_month"] == month_of(ctx.as_of):
            account_id = row["account_id"]
            day = pulse_disagrees_on(ctx, account_id, row["health_band"])
            if day is not None:
                alerts.append(Alert(account_id, "pulse_disagrees", day, is_open=True))
    return alerts


# ---- backtest --------------------------------------------------------------------


def auc(churned: Sequence[int], stayed: Sequence[int]) -> float | None:
    """P(a churned one's value < a stayed one's) + half the ties (rule 64)."""
    halves = sum(2 * (c < s) + (c == s) for c in churned for s in stayed)
    return ratio(halves, 2 * len(churned) * len(stayed))


def health_backtest(ctx: Context) -> list[Row]:
    """One row per month whose three months are over, and predictor."""
    churned_in: dict[date, set[str]] = defaultdict(set)
    for account_id, months in month_end_mrr(ctx).items():
        for month, before, now in months:
            if before > 0 and now == 0:
                churned_in[month].add(account_id)
    logins: dict[tuple[str, date], int] = defaultdict(int)
    for login in ctx.logins:
        logins[login.account_id, month_of(login.date_day)] += 1

    by_month: dict[date, list[Row]] = defaultdict(list)
    for row in account_health(ctx):
        by_month[row["date_month"]].append(row)
    rows = []
    for month, scored in by_month.items():
        if not is_complete(add_months(month, 3), ctx.as_of):
            continue
        lost = set().union(*(churned_in[add_months(month, n)] for n in (1, 2, 3)))
        predictors = {
            "health_score": {
                row["account_id"]: row["health_score"]
                for row in scored
                if row["health_score"] is not None
            },
            "logins_only": {
                row["account_id"]: logins[row["account_id"], month]
                for row in scored
                if row["health_score"] is not None
            },
        }
        for predictor, by_account in predictors.items():
            churned = [value for who, value in by_account.items() if who in lost]
            stayed = [value for who, value in by_account.items() if who not in lost]
            rates: Row = {}
            for band in ("red", "yellow", "green", "thriving"):
                of_band = [r["account_id"] for r in scored if r["health_band"] == band]
                rates[f"{band}_churn_rate"] = (
                    ratio(sum(who in lost for who in of_band), len(of_band))
                    if predictor == "health_score"
                    else None
                )
            rows.append(
                {
                    "date_month": month,
                    "predictor": predictor,
                    "accounts": len(by_account),
                    "churned_accounts": len(churned),
                    "auc": auc(churned, stayed),
                    **rates,
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


# ---- lifecycle -------------------------------------------------------------------


def tenure_months(ctx: Context) -> dict[str, int]:
    """Complete month ends with MRR, of the accounts that ever paid (rule 28)."""
    return {
        account_id: sum(
            mrr > 0 and is_complete(month, ctx.as_of) for month, _, mrr in months
        )
        for account_id, months in month_end_mrr(ctx).items()
    }


def latest_nps(ctx: Context) -> dict[str, Survey]:
    """The latest NPS answer given for each account; ties by highest response_id."""
    latest: dict[str, Survey] = {}
    answers = answers_of(ctx, "nps")
    for answer in sorted(answers, key=lambda a: (a.responded_at, a.response_id)):
        latest[answer.account_id] = answer
    return latest


@remembered
def lifecycle_stages(ctx: Context) -> dict[str, str]:
    """Rule 33, of every account in scope: the first stage that fits."""
    tenure = tenure_months(ctx)
    first_paid = first_paid_on(ctx)
    nps = latest_nps(ctx)
    on_trial = {
        s.account_id
        for s in ctx.subscriptions
        if is_trial(ctx, s)
        and s.started_on <= ctx.as_of
        and (s.ended_on is None or ctx.as_of < s.ended_on)
    }
    red = {
        row["account_id"]
        for row in account_health(ctx)
        if row["date_month"] == month_of(ctx.as_of) and row["health_band"] == "red"
    }
    due = {renewal.account_id for renewal in open_renewals(ctx)}

    def stage(account_id: str) -> str:
        periods = paid_periods(ctx).get(account_id, [])
        if mrr_on(periods, ctx.as_of) == 0:
            if account_id in on_trial:
                return "trial"
            return "churned" if periods else "prospect"
        days_paid = (ctx.as_of - first_paid[account_id]).days
        if days_paid < ctx.config["onboarding_days"]:
            return "onboarding"
        if account_id in red:
            return "at_risk"
        if account_id in due:
            return "renewal"
        score = nps[account_id].score if account_id in nps else None
        is_promoter = score is not None and nps_segment(score) == "promoter"
        is_loyal = tenure[account_id] >= 12 and is_promoter
        return "loyal" if is_loyal else "retained"

    return {account_id: stage(account_id) for account_id in ctx.accounts}


def lifecycle_stage(ctx: Context, account_id: str) -> str:
    """The stage of one account at as_of."""
    return lifecycle_stages(ctx)[account_id]


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "account_health": (account_health, ["account_id", "date_month"]),
    "health_bands_monthly": (health_bands_monthly, ["date_month", "health_band"]),
    "health_monthly": (health_monthly, ["date_month"]),
    "account_alerts": (account_alerts, ["account_id", "alert_type", "raised_on"]),
    "health_backtest": (health_backtest, ["date_month", "predictor"]),
}

"""The pages of accounts: which have one, under which name, and what is on it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from pipeline.dashboards.site.formats import days, month, number, signed, words
from pipeline.dashboards.site.reading import Build, Row, grouped
from pipeline.project import InputError, project_vars

TREND_MONTHS = 13
MOST_EVENTS = 100  # of the timeline: with all else, below 60 kB
MOST_PEOPLE = 25
MOST_FEATURES = 15
BATCH = 200  # accounts whose rows are in memory at the same time
OF_ACCOUNT = (
    *("health", "months", "movements", "terms", "renewals", "alerts", "answers"),
    *("features", "people", "events"),
)


def file_name(account_id: str) -> str:
    """The name of an account's page: safe in any file system and address.

    Two accounts never share one, also where case does not count.
    """
    if re.fullmatch(r"[A-Z0-9_-]{1,60}", account_id):
        return account_id
    readable = re.sub(r"[^a-z0-9]+", "-", account_id.lower()).strip("-")[:40]
    digest = hashlib.sha256(account_id.encode()).hexdigest()[:12]
    return f"{readable}-{digest}" if readable else digest


def most_pages() -> int:
    """How many accounts get a static page: var account_pages.

    Raises:
        InputError: It is not a number of pages.
    """
    config = project_vars()
    given = config.get("account_pages", 2_000)
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise InputError(
            f"account_pages is {given!r}: expected how many accounts get a page, such"
            " as 2000; 0 for none."
        )
    return int(given)


def all_accounts(build: Build) -> list[str]:
    """All accounts of a build: where pages are served, each has one."""
    return [row["account_id"] for row in build.rows("account_ids")]


def with_a_page(build: Build) -> list[str]:
    """The accounts with a static page: with open alerts first, then by MRR."""
    return [row["account_id"] for row in build.rows("pages_first")][: most_pages()]


def contents(build: Build, accounts: list[str]) -> Iterator[dict[str, Any]]:
    """What the templates of some accounts' pages show, in the accounts' order."""
    catalogue = {row["feature_key"]: row for row in build.rows("features")}
    by_plan = grouped(build.rows("plan_features"), "plan")
    currency = build.rows("as_of")[0]["base_currency"]
    for start in range(0, len(accounts), BATCH):
        batch = accounts[start : start + BATCH]
        customers = build.by_account("account_customer", batch)
        rows = {name: build.by_account(f"account_{name}", batch) for name in OF_ACCOUNT}
        for account in batch:
            if not customers[account]:
                continue
            of_account = {name: found[account] for name, found in rows.items()}
            of_plan = by_plan.get(customers[account][0]["current_plan"], [])
            yield {
                "account": customers[account][0],
                **of_account,
                "now": next(iter(of_account["health"]), None),
                "trend": of_account["months"][:TREND_MONTHS][::-1],
                "events": timeline(of_account, currency)[:MOST_EVENTS],
                "features": of_account["features"][:MOST_FEATURES],
                "on_plan": {row["feature_key"]: row for row in of_plan},
                "plan_group": next(iter(of_plan), None),
                "unused": unused(of_account["features"], catalogue),
                "people": people(of_account)[:MOST_PEOPLE],
                "people_left_out": max(0, len(of_account["people"]) - MOST_PEOPLE),
            }


def unused(used: list[Row], catalogue: dict[str, Row]) -> list[Row]:
    """Core features that others use and the account did not, the most used first."""
    keys = {row["feature_key"] for row in used}
    return [
        row
        for key, row in catalogue.items()
        if row["is_core"] and key not in keys and row["share_of_active_users"]
    ]


def people(rows: dict[str, list[Row]]) -> list[Row]:
    """The users, each with its latest NPS answer."""
    latest: dict[str, Row] = {}
    for answer in rows["answers"]:
        if answer["user_id"]:
            latest.setdefault(answer["user_id"], answer)
    return [
        {**user, "answer": latest.get(user["user_id"], {}).get("nps_segment")}
        for user in rows["people"]
    ]


def _event(when: Any, kind: str, text: str, detail: str = "", tone: str = "") -> Row:
    day = when.date() if isinstance(when, datetime) else when
    return {"day": day, "kind": kind, "text": text, "detail": detail, "tone": tone}


def _of_record(record: Row, currency: str) -> Row:
    """A ticket, a late invoice or a note on the timeline."""
    of = record["record_id"]
    after = days(record["days_after"])
    closed = "" if record["days_after"] is None else f"after {after}"
    text, detail, tone = {
        "ticket_opened": (f"Ticket {of} opened", record["priority"] or "", ""),
        "ticket_closed": (f"Ticket {of} closed", closed, ""),
        "invoice_overdue": (
            *(f"Invoice {of} overdue", f"{number(record['amount'])} {currency}"),
            "bad",
        ),
        "invoice_paid_late": (
            *(f"Invoice {of} paid {after} late", ""),
            "",
        ),
        "note": _note(record),
    }[record["event_type"]]
    kind = record["event_type"].partition("_")[0]
    return _event(record["event_on"], kind, text, detail, tone)


def _note(note: Row) -> tuple[str, str, str]:
    """A note's text, detail and tone; what it says only where that is published."""
    text = f"Note of {note['note_author']}" if note["note_author"] else "Note"
    pulse = note["csm_pulse"]
    if pulse is not None:
        text += f", pulse {pulse} of 5"
    told = (("Risk", note["risk_reason"]), ("Next", note["next_step"]))
    detail = " ".join(f"{about}: {said}." for about, said in told if said)
    tone = "" if pulse in (None, 3) else "bad" if pulse < 3 else "good"
    return text, detail, tone


def timeline(rows: dict[str, list[Row]], currency: str) -> list[Row]:
    """What happened, the latest first."""
    events = [_of_record(record, currency) for record in rows["events"]]
    for term in rows["terms"]:
        seats = f", {number(term['seats'])} seats" if term["seats"] else ""
        plan = words(term["plan"])
        text = f"Trial of {plan}" if term["is_trial"] else f"Period of {plan}"
        detail = (
            f"{number(term['mrr'])} MRR, by {words(term['billing_interval'])}{seats}"
        )
        events.append(_event(term["started_on"], "terms", f"{text} started", detail))
        if term["ended_on"]:
            events.append(_event(term["ended_on"], "terms", f"{text} ended"))
    for moved in rows["movements"]:
        change = moved["mrr_change"]
        events.append(
            _event(
                _last_day(moved["date_month"]),
                "MRR",
                f"{words(moved['movement_type']).capitalize()} in"
                f" {month(moved['date_month'])}: {signed(change)} MRR",
                ", ".join(
                    f"{words(name)} {signed(moved[f'{name}_change'])}"
                    for name in CAUSES
                    if moved[f"{name}_change"]
                ),
                "good" if change > 0 else "bad",
            )
        )
    for alert in rows["alerts"]:
        state = "open alert" if alert["is_open"] else "alert, closed"
        tone = "bad" if alert["is_open"] else ""
        text = f"{words(alert['alert_type']).capitalize()}: {alert['detail']}"
        events.append(_event(alert["raised_on"], state, text, tone=tone))
    for answer in rows["answers"]:
        text = f"NPS {answer['score']}, {words(answer['nps_segment'])}"
        comment = answer["comment"] or ""
        tone = {"promoter": "good", "detractor": "bad"}.get(answer["nps_segment"], "")
        events.append(_event(answer["responded_at"], "survey", text, comment, tone))
    # A stable sort: of one day, in the order of above.
    return sorted(events, key=lambda event: event["day"] or date.min, reverse=True)


CAUSES = ("price", "seats", "plan", "discount", "currency", "other")


def _last_day(first: date) -> date:
    """A month's movements are those between its ends: they belong after its days."""
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)

"""The demo's company as its tools have it: Stripe, HubSpot, Zendesk, Segment, Delighted.

The same story as `demo/generate.py`, in the tables and columns in which Fivetran lands
these tools, so that what the models of sources make of them can be compared with the
demo's own tables. What a tool cannot know (surveys that were not answered, how long a
session took) is not there.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo.generate import COLUMNS, LAST_DAY, plant_bad_rows, spell, tell_story, term_end

Record = dict[str, Any]
Files = dict[str, list[Record]]

# Tables of the contract that no tool has: a team keeps them itself.
DELIVERED = ("costs", "referrals", "exchange_rates")
PACKED = 20_000  # rows: longer files are gzipped
FEEDBACK = {
    "price": "too_expensive",
    "competitor": "switched_service",
    "missing_features": "missing_features",
    "support": "customer_service",
}
INTERVALS = {
    "week": ("week", 1),
    "month": ("month", 1),
    "quarter": ("month", 3),
    "half_year": ("month", 6),
    "year": ("year", 1),
}


def generate(folder: Path, seed: int = 20240101) -> dict[str, int]:
    """Write the sources demo: `<source>/<table>.csv`, and what no source has.

    Args:
        folder: Output folder; created if missing.
        seed: As of the demo.

    Returns:
        Rows per file.
    """
    tables = story(seed)
    files: Files = {}
    files |= stripe(tables)
    files |= hubspot(tables)
    files |= zendesk(tables)
    files |= segment(tables)
    files |= delighted(tables)
    files |= {table: tables[table] for table in DELIVERED}
    for name, rows in files.items():
        _write(folder, name, rows)
    return {name: len(rows) for name, rows in files.items()}


def story(seed: int) -> Files:
    """The demo's tables as records of text, without rows that staging rejects."""
    tables = tell_story(seed)
    sound = {table: len(rows) for table, rows in tables.items()}
    planted = plant_bad_rows(tables)
    kept: Files = {}
    for table, rows in tables.items():
        reasons = [reason for where, reason in planted if where == table]
        # an id without a row of its own is no fault of a row: it is inferred
        extra = [
            row
            for row, reason in zip(rows[sound[table] :], reasons, strict=True)
            if reason in ("unknown_account", "unknown_user")
        ]
        names = COLUMNS[table].split()
        kept[table] = [
            dict(zip(names, map(spell, row), strict=True))
            for row in [*rows[: sound[table]], *extra]
        ]
    return kept


# -- Stripe ----------------------------------------------------------------------------


def customer_id(account_id: str) -> str:
    """Stripe's own id of an account."""
    return f"cus_{account_id}"


def stripe(tables: Files) -> Files:
    """Subscriptions, their items, prices and invoices with lines."""
    files: Files = {
        f"stripe/{name}": []
        for name in (
            *("customer", "subscription_history", "subscription_item", "price"),
            *("product", "invoice", "invoice_line_item"),
        )
    }
    accounts = {row["account_id"]: row for row in tables["accounts"]}
    customers = {row["account_id"]: "" for row in tables["subscriptions"]}
    customers |= {row["account_id"]: "" for row in tables["invoices"]}
    for account_id in sorted(customers):
        account = accounts.get(account_id, {})
        files["stripe/customer"].append(
            {
                "id": customer_id(account_id),
                "name": account.get("account_name", ""),
                "email": f"billing@{account_id.lower()}.example",
                "created": _at(account.get("signed_up_on", "")),
                "address_country": account.get("country", ""),
                "metadata": json.dumps({"account_id": account_id}),
                "livemode": "true",
            }
        )
    open_invoices = _invoices(tables, files)
    prices: dict[str, Record] = {}
    for periods in _runs(tables["subscriptions"]):
        _subscription(periods, files, prices, open_invoices)
    files["stripe/price"] = list(prices.values())
    plans = sorted({row["product_id"] for row in prices.values()})
    files["stripe/product"] = [
        {"id": plan, "name": plan.removeprefix("prod_")} for plan in plans
    ]
    return files


def _invoices(tables: Files, files: Files) -> dict[tuple[str, str, str], list[str]]:
    """Writes the invoices; those that are not void by account, day and amount."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in tables["invoices"]:
        files["stripe/invoice"].append(
            {
                "id": row["invoice_id"],
                "customer_id": customer_id(row["account_id"]),
                "total": _minor(row["amount"]),
                "currency": row["currency"].lower(),
                "created": _at(row["issued_on"]),
                "due_date": _at(row["due_on"]),
                "status": row["status"],
                "status_transitions_finalized_at": _at(row["issued_on"]),
                "status_transitions_paid_at": _at(row["paid_on"]),
                "livemode": "true",
            }
        )
        if row["status"] != "void":
            key = (row["account_id"], row["issued_on"], row["amount"])
            found.setdefault(key, []).append(row["invoice_id"])
    return found


def _runs(rows: Iterable[Record]) -> list[list[Record]]:
    """Periods of one subscription that adjoin; a gap, or a later trial, starts another.

    Of terms that were left open the next ones' start is the end.
    """
    by_id: dict[str, list[Record]] = {}
    for row in sorted(rows, key=lambda row: row["started_on"]):
        by_id.setdefault(row["subscription_id"], []).append(dict(row))
    runs = []
    for subscription_id, periods in by_id.items():
        run: list[Record] = []
        number = 0
        for period, following in zip(periods, [*periods[1:], None], strict=True):
            if not period["ended_on"] and following:
                period["ended_on"] = following["started_on"]
            adjoins = run and run[-1]["ended_on"] == period["started_on"]
            is_late_trial = period["is_trial"] == "true" and run
            if (
                not adjoins
                or is_late_trial
                or run[-1]["currency"] != period["currency"]
            ):
                number += 1
                run = []
                runs.append(run)
            suffix = "" if number == 1 else f"_{number}"
            run.append(period | {"subscription_id": f"{subscription_id}{suffix}"})
    return runs


def _subscription(
    periods: list[Record],
    files: Files,
    prices: dict[str, Record],
    open_invoices: dict[tuple[str, str, str], list[str]],
) -> None:
    first, last = periods[0], periods[-1]
    subscription_id = first["subscription_id"]
    item_id = f"si_{subscription_id}"
    trials = [period for period in periods if period["is_trial"] == "true"]
    end = last["ended_on"]
    is_over = bool(end) and date.fromisoformat(end) <= LAST_DAY
    reason = last["cancel_reason"]
    files["stripe/subscription_history"].append(
        {
            "id": subscription_id,
            "customer_id": customer_id(first["account_id"]),
            "status": "canceled" if is_over else "active",
            "start_date": _at(first["started_on"]),
            "created": _at(first["started_on"]),
            "trial_start": _at(trials[0]["started_on"]) if trials else "",
            "trial_end": _at(trials[-1]["ended_on"]) if trials else "",
            "cancel_at": "" if is_over else _at(end),
            "canceled_at": _at(end) if is_over else "",
            "ended_at": _at(end) if is_over else "",
            "cancellation_details_reason": "payment_failed"
            if reason == "payment_failure"
            else "cancellation_requested" * bool(reason),
            "cancellation_details_feedback": ""
            if reason in ("", "payment_failure")
            else FEEDBACK.get(reason, "other"),
            "livemode": "true",
            "_fivetran_synced": _at(LAST_DAY.isoformat()),
        }
    )
    for number, period in enumerate(periods):
        price = _price(period, prices)
        if number == len(periods) - 1:
            files["stripe/subscription_item"].append(
                {
                    "id": item_id,
                    "subscription_id": subscription_id,
                    "plan_id": price["id"],
                    "quantity": period["seats"],
                    "created": _at(first["started_on"]),
                    "_fivetran_synced": _at(LAST_DAY.isoformat()),
                }
            )
        _bill(period, number, item_id, price, files, open_invoices)


def _price(period: Record, prices: dict[str, Record]) -> Record:
    seats = int(period["seats"] or 1)
    unit = Decimal(_minor(period["amount"])) / seats
    interval, count = INTERVALS[period["billing_interval"]]
    text = f"{unit:.8f}".rstrip("0").rstrip(".")
    names = (period["plan"], period["billing_interval"], period["currency"], text)
    price_id = "price_" + "_".join(names)
    return prices.setdefault(
        price_id,
        {
            "id": price_id,
            "product_id": f"prod_{period['plan']}",
            "currency": period["currency"].lower(),
            "unit_amount": text if "." not in text else "",
            "unit_amount_decimal": text,
            "recurring_interval": interval,
            "recurring_interval_count": count,
            "recurring_usage_type": "licensed",
            "billing_scheme": "per_unit",
        },
    )


def _bill(
    period: Record,
    number: int,
    item_id: str,
    price: Record,
    files: Files,
    open_invoices: dict[tuple[str, str, str], list[str]],
) -> None:
    """An invoice line for each billing term; one that is free has an invoice of 0."""
    start = date.fromisoformat(period["started_on"])
    last = date.fromisoformat(period["ended_on"]) if period["ended_on"] else None
    is_trial = period["is_trial"] == "true"
    term = 0
    while True:
        begin = term_end(start, period["billing_interval"], term)
        if begin > LAST_DAY or (last and begin >= last) or (is_trial and term):
            return
        end = term_end(start, period["billing_interval"], term + 1)
        end = last if is_trial and last else end
        key = (period["account_id"], begin.isoformat(), period["amount"])
        matching = open_invoices.get(key)
        invoice_id = matching.pop(0) if matching else ""
        if not invoice_id and term == 0:
            invoice_id = f"in_{period['subscription_id']}_{number}"
            files["stripe/invoice"].append(
                {
                    "id": invoice_id,
                    "customer_id": customer_id(period["account_id"]),
                    "total": "0",
                    "currency": period["currency"].lower(),
                    "created": _at(begin.isoformat()),
                    "due_date": _at(begin.isoformat()),
                    "status": "paid",
                    "status_transitions_finalized_at": _at(begin.isoformat()),
                    "status_transitions_paid_at": _at(begin.isoformat()),
                    "livemode": "true",
                }
            )
        if invoice_id:
            files["stripe/invoice_line_item"].append(
                {
                    "id": f"il_{period['subscription_id']}_{number}_{term}",
                    "invoice_id": invoice_id,
                    "subscription_id": period["subscription_id"],
                    "subscription_item_id": item_id,
                    "price_id": price["id"],
                    "quantity": period["seats"],
                    "amount": "0" if is_trial else _minor(period["amount"]),
                    "currency": period["currency"].lower(),
                    "proration": "false",
                    "period_start": _at(begin.isoformat()),
                    "period_end": _at(end.isoformat()),
                }
            )
        term += 1


# -- Zendesk ---------------------------------------------------------------------------


def zendesk(tables: Files) -> Files:
    """Tickets with their comments and changes; an organization knows its account."""
    files: Files = {
        f"zendesk/{name}": []
        for name in (
            *("ticket", "ticket_field_history", "ticket_comment", "user"),
            "organization",
        )
    }
    accounts = sorted({row["account_id"] for row in tables["support_tickets"]})
    organizations = {account: f"{500_000 + n}" for n, account in enumerate(accounts)}
    files["zendesk/organization"] = [
        {"id": number, "name": f"Organization {account}", "external_id": account}
        for account, number in organizations.items()
    ]
    agent = {"id": "1", "organization_id": "", "role": "agent", "external_id": ""}
    files["zendesk/user"].append(agent)
    users: dict[tuple[str, str], str] = {}
    for row in tables["support_tickets"]:
        who = (row["account_id"], row["user_id"])
        if who not in users:
            users[who] = f"{10_000 + len(users)}"
            files["zendesk/user"].append(
                {
                    "id": users[who],
                    "organization_id": organizations[row["account_id"]],
                    "role": "end-user",
                    "external_id": row["user_id"],
                }
            )
        is_closed = bool(row["closed_at"])
        files["zendesk/ticket"].append(
            {
                "id": row["ticket_id"],
                "organization_id": organizations[row["account_id"]],
                "requester_id": users[who],
                "priority": row["priority"],
                "status": "solved" if is_closed else "open",
                "created_at": row["opened_at"],
                "updated_at": row["closed_at"] or row["opened_at"],
            }
        )
        changes = [("new", row["opened_at"])]
        changes += [("solved", row["closed_at"])] * is_closed
        files["zendesk/ticket_field_history"] += [
            {
                "ticket_id": row["ticket_id"],
                "field_name": "status",
                "value": value,
                "updated": at,
            }
            for value, at in changes
        ]
        written = [(users[who], row["opened_at"])]
        written += [("1", row["first_response_at"])] * bool(row["first_response_at"])
        files["zendesk/ticket_comment"] += [
            {
                "id": f"{row['ticket_id']}-{number}",
                "ticket_id": row["ticket_id"],
                "user_id": author,
                "public": "true",
                "created": at,
            }
            for number, (author, at) in enumerate(written)
        ]
    return files


# -- files -----------------------------------------------------------------------------


def _at(day: str) -> str:
    """Midnight of a day, as Fivetran writes it."""
    return f"{day}T00:00:00Z" if day else ""


def _minor(amount: str) -> str:
    """An amount in the currency's minor unit."""
    return str(int(Decimal(amount) * 100))


def _write(folder: Path, name: str, rows: list[Record]) -> None:
    path = folder / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    if len(rows) > PACKED:
        path = path.with_name(f"{path.name}.gz")
        data = gzip.compress(data, mtime=0)
    path.write_bytes(data)

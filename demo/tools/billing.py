"""Stripe: customers, subscriptions with items, prices, and invoices with lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from demo.generate import LAST_DAY, term_end
from demo.tools.story import Files, Record, at, minor

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
                "created": at(account.get("signed_up_on", "")),
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
                "total": minor(row["amount"]),
                "currency": row["currency"].lower(),
                "created": at(row["issued_on"]),
                "due_date": at(row["due_on"]),
                "status": row["status"],
                "status_transitions_finalized_at": at(row["issued_on"]),
                "status_transitions_paid_at": at(row["paid_on"]),
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
            "start_date": at(first["started_on"]),
            "created": at(first["started_on"]),
            "trial_start": at(trials[0]["started_on"]) if trials else "",
            "trial_end": at(trials[-1]["ended_on"]) if trials else "",
            "cancel_at": "" if is_over else at(end),
            "canceled_at": at(end) if is_over else "",
            "ended_at": at(end) if is_over else "",
            "cancellation_details_reason": "payment_failed"
            if reason == "payment_failure"
            else "cancellation_requested" * bool(reason),
            "cancellation_details_feedback": ""
            if reason in ("", "payment_failure")
            else FEEDBACK.get(reason, "other"),
            "livemode": "true",
            "_fivetran_synced": at(LAST_DAY.isoformat()),
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
                    "created": at(first["started_on"]),
                    "_fivetran_synced": at(LAST_DAY.isoformat()),
                }
            )
        _bill(period, number, item_id, price, files, open_invoices)


def _price(period: Record, prices: dict[str, Record]) -> Record:
    seats = int(period["seats"] or 1)
    unit = Decimal(minor(period["amount"])) / seats
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
                    "created": at(begin.isoformat()),
                    "due_date": at(begin.isoformat()),
                    "status": "paid",
                    "status_transitions_finalized_at": at(begin.isoformat()),
                    "status_transitions_paid_at": at(begin.isoformat()),
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
                    "amount": "0" if is_trial else minor(period["amount"]),
                    "currency": period["currency"].lower(),
                    "proration": "false",
                    "period_start": at(begin.isoformat()),
                    "period_end": at(end.isoformat()),
                }
            )
        term += 1

"""A local mock of Stripe's API: the objects of tests/data/sources/stripe, in pages.

Lists have Stripe's envelope (`data`, `has_more`, `starting_after`), and objects its
nesting: items in a subscription, lines in an invoice, times in seconds since 1970.
"""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 10  # objects
TIMES = (
    *("created", "start_date", "trial_start", "trial_end", "cancel_at", "canceled_at"),
    *("ended_at", "due_date", "period_start", "period_end", "start", "end"),
    "pause_collection_resumes_at",
    *("status_transitions_finalized_at", "status_transitions_paid_at"),
)
NUMBERS = (
    *("unit_amount", "recurring_interval_count", "total", "amount", "quantity"),
    *("percent_off", "amount_off", "duration_in_months"),
    *("pre_payment_credit_notes_amount", "post_payment_credit_notes_amount"),
)

# What the API says of a coupon where it is asked to (expand), and Fivetran does not
COUPON_PRODUCTS = {"team_four": {"applies_to": {"products": ["prod_team"]}}}


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """A table with the types of the API; what is empty is None.

    What belongs to a connected account is not in the platform's lists.
    """
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        every = [
            {name: _value(name, text) for name, text in row.items()}
            for row in csv.DictReader(file)
        ]
    return [row for row in every if row.get("connected_account_id") is None]


def discount(one: dict[str, Any]) -> dict[str, Any]:
    """A discount as an object of the API has it."""
    return {
        "coupon": {"id": one["coupon_id"]},
        "start": one["start"],
        "end": one["end"],
    }


def _value(name: str, text: str) -> Any:
    if not text:
        return None
    if name in TIMES:
        at = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
        return int(at.timestamp())
    if name in NUMBERS:
        return float(text) if "." in text else int(text)
    return {"true": True, "false": False}.get(text, text)


def objects(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The lists of the API, by the last part of their path."""
    lines = rows(folder, "invoice_line_item")
    items = rows(folder, "subscription_item")
    given = rows(folder, "discount")
    others = {(one["type"].lower(), one["type_id"]): one for one in given}
    discounts = [
        *rows(folder, "subscription_discount"),
        *(one for one in given if one["type"] == "SUBSCRIPTION"),
    ]
    current = {
        row["id"]: row
        for row in rows(folder, "subscription_history")
        if row.get("_fivetran_active") is not False
    }
    return {
        "customers": [
            {
                **{name: row[name] for name in ("id", "name", "email", "created")},
                "object": "customer",
                "livemode": row["livemode"],
                "address": {"country": row["address_country"]},
                "metadata": json.loads(row["metadata"]),
                "discount": (one := others.get(("customer", row["id"])))
                and discount(one),
            }
            for row in rows(folder, "customer")
        ],
        "products": rows(folder, "product"),
        "coupons": [
            {**one, **COUPON_PRODUCTS.get(one["id"], {})}
            for one in rows(folder, "coupon")
        ],
        "prices": [
            {
                **{name: row[name] for name in ("id", "currency", "unit_amount")},
                "product": row["product_id"],
                "billing_scheme": row["billing_scheme"],
                "recurring": {
                    "interval": row["recurring_interval"],
                    "interval_count": row["recurring_interval_count"],
                    "usage_type": row["recurring_usage_type"],
                },
            }
            for row in rows(folder, "price")
        ],
        "subscriptions": [
            {
                **{
                    name: row.get(name)
                    for name in (
                        *("id", "status", "start_date", "created", "trial_start"),
                        *("trial_end", "cancel_at", "canceled_at", "ended_at"),
                        *("cancel_at_period_end", "livemode"),
                    )
                },
                "customer": row["customer_id"],
                "pause_collection": row["pause_collection_behavior"]
                and {
                    "behavior": row["pause_collection_behavior"],
                    "resumes_at": row["pause_collection_resumes_at"],
                },
                "cancellation_details": {
                    "reason": row["cancellation_details_reason"],
                    "feedback": row["cancellation_details_feedback"],
                },
                "discounts": [
                    discount(one)
                    for one in discounts
                    if one["subscription_id"] == row["id"]
                ],
                "items": {
                    "data": [
                        {
                            "id": one["id"],
                            "created": one["created"],
                            "quantity": one["quantity"],
                            "price": {"id": one["plan_id"]},
                            "discounts": [
                                discount(of_item)
                                for kind, of_item in others.items()
                                if kind == ("subscription_item", one["id"])
                            ],
                        }
                        for one in items
                        if one["subscription_id"] == row["id"]
                    ]
                },
            }
            for row in current.values()
        ],
        "invoices": [
            {
                **{
                    name: row[name]
                    for name in ("id", "total", "currency", "created", "status")
                },
                "due_date": row["due_date"],
                "livemode": row["livemode"],
                "pre_payment_credit_notes_amount": row[
                    "pre_payment_credit_notes_amount"
                ],
                "post_payment_credit_notes_amount": row[
                    "post_payment_credit_notes_amount"
                ],
                "customer": row["customer_id"],
                "status_transitions": {
                    "finalized_at": row["status_transitions_finalized_at"],
                    "paid_at": row["status_transitions_paid_at"],
                },
                "lines": {
                    "data": [
                        {
                            **{
                                name: one[name]
                                for name in (
                                    *("id", "amount", "currency", "quantity"),
                                    "proration",
                                )
                            },
                            "subscription": one["subscription_id"],
                            "subscription_item": one["subscription_item_id"],
                            "price": {"id": one["price_id"]},
                            "period": {
                                "start": one["period_start"],
                                "end": one["period_end"],
                            },
                        }
                        for one in lines
                        if one["invoice_id"] == row["id"]
                    ]
                },
            }
            for row in rows(folder, "invoice")
        ],
    }


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The API on a free port of the loopback address; its URL."""
    lists = objects(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            found = lists.get(url.path.removeprefix("/v1/"))
            if found is None:
                self.send_error(404)
                return
            after = parse_qs(url.query).get("starting_after", [""])[0]
            ids = [one["id"] for one in found]
            first = ids.index(after) + 1 if after else 0
            page = found[first : first + PAGE]
            body = {"object": "list", "data": page}
            answer = json.dumps({**body, "has_more": first + PAGE < len(found)})
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *arguments: object) -> None:
            """Requests are not logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/"
    finally:
        server.shutdown()

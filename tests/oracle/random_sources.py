"""Small, nasty tables of HubSpot, Stripe, Zendesk, Segment and Delighted at random.

What is random is how they name companies: ids of each other that are right, shared by
two, of a company that is gone, or of none; domains that several have; merged
companies; delivered aliases. `write(folder, seed)` writes the files; the same seed, the
same bytes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

AS_OF = date(2026, 6, 30)
DOMAINS = ("acme.example", "bolt.example", "cog.example", "gmail.com", "")
SOURCES = {
    "subscriptions": "stripe",
    "invoices": "stripe",
    "accounts": "hubspot",
    "support_tickets": "zendesk",
    "logins": "segment",
    "users": "segment",
    "surveys": "delighted",
}
SETTINGS = {
    "hubspot": {"external_id_property": "property_account_id"},
    "segment": {"login_event": "signed_in"},
}
Rows = list[dict[str, Any]]


def write(folder: Path, seed: int) -> dict[str, Any]:
    """Writes `<source>/<table>.csv`, and returns the vars to read them with."""
    random = Random(seed)
    sources = dict(SOURCES)
    if seed % 3 == 0:
        del sources["accounts"]  # then every id is an account
    hubspot = [str(n) for n in range(1, 7)]
    stripe = [f"c{n}" for n in range(8)]
    zendesk = [str(n) for n in range(71, 77)]
    segment = [f"g{n}" for n in range(5)] + hubspot[:2]
    carried = [*hubspot, *stripe[:4], "gone", "K1", "K2", "", "", ""]

    def day(last: int = 200) -> datetime:
        """Some are after as_of, and late in the evening: another day elsewhere."""
        hours = random.choice((0, 12, 23))
        start = datetime(2026, 1, 1) + timedelta(days=random.randrange(last))
        return start + timedelta(hours=hours)

    tables: dict[str, Rows] = {
        "hubspot/company": [
            {
                "id": one,
                "is_deleted": random.random() < 0.15,
                "property_name": f"Company {one}",
                "property_domain": random.choice(DOMAINS),
                "property_createdate": "2025-01-01 00:00:00",
                "property_account_id": random.choice(
                    ("K1", "K2", "c1", "c5", "72", "")
                ),
                "property_hs_merged_object_ids": random.choice(("", "", "", "90;91")),
            }
            for one in hubspot
        ],
        "hubspot/contact": [{"id": "1", "property_email": "a@acme.example"}],
        "zendesk/organization": [
            {"id": one, "external_id": random.choice(carried), "name": one}
            for one in zendesk
        ],
        "zendesk/domain_name": [
            {"organization_id": random.choice(zendesk), "domain_name": domain}
            for domain in DOMAINS
            if domain
        ],
        "zendesk/ticket": [
            {
                "id": str(n),
                "organization_id": random.choice([*zendesk, "99"]),
                "requester_id": "1",
                "status": "open",
                "priority": "normal",
                "created_at": day(),
                "updated_at": datetime(2026, 7, 20),
            }
            for n in range(25)
        ],
        "zendesk/user": [{"id": "1", "role": "end-user"}],
        "zendesk/ticket_comment": [
            {
                "id": "1",
                "ticket_id": "1",
                "user_id": "1",
                "public": True,
                "created": datetime(2026, 1, 1),
            }
        ],
        "zendesk/ticket_field_history": [
            {
                "ticket_id": "1",
                "field_name": "status",
                "value": "open",
                "updated": datetime(2026, 1, 1),
            }
        ],
        "segment/tracks": [
            {
                "id": f"t{n}",
                "event": "signed_in",
                "user_id": f"u{random.randrange(9)}",
                "timestamp": day(),
                "context_group_id": random.choice([*segment, "c2", "unheard"]),
            }
            for n in range(60)
        ],
        "segment/groups": [
            {
                "id": f"{one}-{n}",
                "group_id": one,
                "user_id": "u1",
                "timestamp": datetime(2026, 1, 1) + timedelta(days=n),
                "domain": random.choice(DOMAINS),
                "external_id": random.choice(carried),
            }
            for one in segment
            for n in range(2)
        ],
        "segment/users": [
            {"id": f"u{n}", "created_at": "2026-01-01 00:00:00"} for n in range(9)
        ],
        "segment/identifies": [
            {"id": "i1", "user_id": "u1", "timestamp": datetime(2026, 1, 1)}
        ],
        "delighted/response": [
            {
                "id": f"r{n}",
                "person_id": f"p{random.randrange(6)}",
                "survey_type": "nps",
                "score": random.randrange(11),
                "created_at": day(),
                "person_properties": json.dumps(
                    {"account_id": one} if (one := random.choice(carried)) else {}
                ),
            }
            for n in range(25)
        ],
        "delighted/person": [
            {"id": f"p{n}", "email": f"x@{random.choice(DOMAINS) or 'dot.example'}"}
            for n in range(6)
        ],
        **_stripe(random, stripe, carried, day),
    }
    for name in ("segment/tracks", "segment/identifies", "segment/groups"):
        for row in tables[name]:
            row["received_at"] = row["timestamp"]
    for name, rows in tables.items():
        if name.partition("/")[0] in sources.values():
            _write_table(folder / f"{name}.csv", rows)
    aliases = [
        {
            "source": random.choice(("", "stripe", "zendesk")),
            "alias_id": alias,
            "account_id": random.choice(hubspot),
        }
        for alias in random.sample(["c0", "c3", "71", "74", "90", "unheard"], 3)
    ]
    _write_table(folder / "account_aliases.csv", aliases)
    return {
        "sources": sources,
        "source_settings": {s: SETTINGS[s] for s in SETTINGS if s in sources.values()},
        "max_rejection_rate": 1,
        "reporting_timezone": random.choice(("UTC", "America/New_York", "Asia/Tokyo")),
    }


def _stripe(
    random: Random, customers: Sequence[str], carried: Sequence[str], day: Any
) -> dict[str, Rows]:
    """A monthly subscription of each customer; some ended, some not begun."""
    price = {
        "id": "p1",
        "currency": "usd",
        "unit_amount": 1500,
        "recurring_interval": "month",
    }
    subscriptions, items, invoices, lines = [], [], [], []
    for n, customer in enumerate(customers):
        started = day()
        ended = started + timedelta(days=40) if random.random() < 0.3 else ""
        subscriptions.append(
            {
                "id": f"s{n}",
                "customer_id": customer,
                "status": "canceled" if ended else "active",
                "start_date": started,
                "ended_at": ended,
            }
        )
        quantity = random.randrange(1, 5)
        items.append(
            {
                "id": f"i{n}",
                "subscription_id": f"s{n}",
                "plan_id": "p1",
                "quantity": quantity,
                "created": started,
            }
        )
        invoices.append(
            {
                "id": f"v{n}",
                "customer_id": customer,
                "total": 1500 * quantity,
                "currency": "usd",
                "created": started,
                "status": random.choice(("paid", "open")),
                "status_transitions_paid_at": "",
            }
        )
        lines.append(
            {
                "id": f"l{n}",
                "invoice_id": f"v{n}",
                "subscription_id": f"s{n}",
                "subscription_item_id": f"i{n}",
                "price_id": "p1",
                "quantity": quantity,
                "amount": 1500 * quantity,
                "period_start": started,
                "period_end": started + timedelta(days=31),
            }
        )
    return {
        "stripe/customer": [
            {
                "id": customer,
                "email": f"bills@{random.choice(DOMAINS) or 'cog.example'}",
                "metadata": json.dumps(
                    {"account_id": one} if (one := random.choice(carried)) else {}
                ),
            }
            for customer in customers
        ],
        "stripe/subscription_history": subscriptions,
        "stripe/subscription_item": items,
        "stripe/price": [price],
        "stripe/invoice": invoices,
        "stripe/invoice_line_item": lines,
    }


def _write_table(file: Path, rows: Rows) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

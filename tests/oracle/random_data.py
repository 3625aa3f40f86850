"""Small, nasty data sets at random: the rules' edges, and all kinds of bad cells.

`write(folder, seed)` writes `<table>.csv` for the contract's tables and says as of
when, in which time zone and with which vars they want to be read. The same seed writes
the same bytes. With `clean=True` no row breaks a rule, or is set aside, by the default
vars; what is odd but allowed stays.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from .arithmetic import (
    add_months,
    feature_catalogue,
    half_up,
    last_day,
    month_of,
    months_between,
)
from .entities import Subscription, context
from .paying import mrr_on, paid_periods
from .random_subscriptions import make_subscriptions, some_terms
from .random_world import Cells, World, spelt, spelt_day
from .rows import TABLES, RawRow, accept, parse_date, rate_on, rates_of

AS_OF = (
    date(2024, 2, 29),
    date(2023, 12, 31),
    date(2024, 3, 1),
    date(2024, 2, 15),
    date(2025, 1, 31),
    date(2024, 11, 3),
)
TIMEZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC")
REQUIRED = ("subscriptions", "logins", "surveys")
RATES = (
    "1.0850",
    "1.0850000000000002",
    "0.00150000",
    "1.26505",
    "1.085005",
    "0.91234567",
    "110",
    "1",
)
FACTORS = ("1", "0.75", "0.8", "0.98", "1.02", "1.2", "1.25", "1.3")  # of reported MRR
TEXTS = (
    'He said "no", twice',
    "two\nlines, and a comma",
    "naïve 🚀 emoji 👩‍💻",
    "{{ var('as_of_date') }} {% raw %}",
    "'; drop table marts.dim_accounts; --",
    "back\\slash \\n",
    "NULL",
    "None",
    "=1+1",
    "   padded   ",
    "tab\tinside",
    "ЖЛ 客户",
)
NASTY_IDS = ("002", "2", "acc", "ACC", "a|b", "O'Neil", 'q"x', "{{ id }}", "é 6", "🚀7")
SCORES = {"nps": (0, 10), "cli": (1, 10), "csat": (1, 5)}
QUESTIONS = {
    "nps": ("recommend",),
    "cli": ("product_quality", "customer_service", "overall_experience"),
    "csat": ("satisfaction",),
}

PLACEHOLDERS = (
    *("anonymous", "Unknown", "NULL", " n/a ", "0", "none"),
    "00000000-0000-0000-0000-000000000000",
)
SOFT_DELETE_COLUMNS = (
    *("_fivetran_deleted", "__deleted", "_ab_cdc_deleted_at", "_sdc_deleted_at"),
)


# ---- who -------------------------------------------------------------------------


def make_accounts(world: World) -> None:
    """10 to 40 accounts with ids that want quoting; some are internal."""
    pick = world.random.choice
    ids = [f"A{n:03d}" for n in range(world.random.randint(6, 30))] + list(
        world.random.sample(NASTY_IDS, world.random.randint(4, len(NASTY_IDS)))
    )
    for account_id in ids:
        signed_up = world.day(world.start - timedelta(days=60))
        if world.chance(0.06):
            signed_up = world.as_of + timedelta(days=world.random.randint(0, 40))
        is_internal = world.chance(0.08)
        if is_internal:
            world.internal.append(account_id)
        world.accounts.append(account_id)
        world.add(
            "accounts",
            account_id=account_id,
            account_name=pick((f"Firm {account_id}", *TEXTS, "")),
            industry=pick(("software", "retail", "Retail", "unknown", "", "  ")),
            country=pick(("US", "DE", "", "{{ x }}")),
            employees=pick(
                ("", "0", "1", "10", "11", "50", "51", "200", "201", "1000", "1001")
            ),
            acquisition_channel=pick(("organic", "ads", "ads", "unknown", "")),
            csm_owner=pick(("ann", "bob", "")),
            signed_up_on=spelt_day(world, signed_up),
            is_internal=pick(("true", "T", "1", "YES", "y"))
            if is_internal
            else pick(("false", "F", "0", "no", "N", "")),
            updated_at=spelt(world, world.moment(world.day())),
        )


def make_users(world: World) -> None:
    """Up to six users an account; some leave, some come after as_of."""
    for account_id in world.accounts:
        for _ in range(world.random.randint(0, 6)):
            user_id = f"U{world.number('users'):04d}"
            created = world.moment(world.day())
            if world.chance(0.05):
                late = world.as_of + timedelta(days=world.random.randint(0, 9))
                created = world.moment(late)
            gone = None
            if world.chance(0.2):
                days = world.random.randint(0, 500)
                gone = created + timedelta(days=days, hours=world.random.randint(0, 9))
            world.users.append((user_id, account_id))
            world.add(
                "users",
                user_id=user_id,
                account_id=account_id,
                email=world.random.choice((f"{user_id}@Example.COM", "")),
                role=world.random.choice(("admin", "member", "")),
                created_at=spelt(world, created),
                deactivated_at=spelt(world, gone) if gone else "",
            )


# ---- activity --------------------------------------------------------------------


def make_activity(world: World) -> None:
    """Logins and feature events; also elsewhere, early, late and much at a time."""
    world.tables.setdefault("logins", [])
    world.tables.setdefault("feature_events", [])
    features = [*feature_catalogue(), "legacy_export", "{{ boom }}", "Ünmapped 🚀"]
    latest = world.as_of + timedelta(days=2)
    signed_up = {
        row["account_id"]: parse_date(row["signed_up_on"].strip())
        for row in world.tables["accounts"]
    }
    for user_id, own_account in world.users:
        is_ours = own_account in world.internal
        for _ in range(world.random.choice((0, 1, 2, 4, 8))):
            day = world.day(last=latest)
            first = signed_up[own_account]
            if first and world.chance(0.25):  # about an edge of the first days
                days = world.random.choice((-1, 0, 6, 7, 8, 14, 15, 30, 60, 90, 91))
                day = min(first + timedelta(days=days), latest)
            elsewhere = world.chance(0.5 if is_ours else 0.1)
            account_id = world.random.choice(world.accounts)
            account_id = account_id if elsewhere else own_account
            spell = world.random.choice((1, 3, 4, 5, 9))
            for _ in range(spell):
                make_login(world, user_id, account_id, day)
                for _ in range(world.random.choice((0, 1, 1, 3))):
                    make_event(world, user_id, account_id, day, features)
                day += timedelta(days=world.random.choice((0, 1, 1, 2, 29, 30)))
                if day > latest:
                    break


def make_login(world: World, user_id: str, account_id: str, day: date) -> None:
    if world.chance(0.1):  # events without a login
        return
    world.add(
        "logins",
        login_id=f"L{world.number('logins'):05d}",
        user_id=user_id,
        account_id=account_id,
        logged_in_at=spelt(world, world.moment(day)),
        session_minutes=world.random.choice(("", "0", "12.5", "30.25", "007", "480")),
    )


def make_event(
    world: World, user_id: str, account_id: str, day: date, features: list[str]
) -> None:
    world.add(
        "feature_events",
        event_id=f"E{world.number('feature_events'):05d}",
        user_id=user_id,
        account_id=account_id,
        feature_key=world.random.choice(features),
        occurred_at=spelt(world, world.moment(day)),
    )


# ---- voice, support, money -------------------------------------------------------


def make_surveys(world: World) -> None:
    """Asked, answered late, again on the same day, by nobody, or never."""
    world.tables.setdefault("surveys", [])
    for user_id, own_account in world.users:
        for _ in range(world.random.choice((0, 1, 2, 4))):
            kind = world.random.choice(("nps", "nps", "cli", "csat"))
            sent = world.moment(world.day(last=world.as_of + timedelta(days=1)))
            account_id = own_account
            if world.chance(0.08):
                account_id = world.random.choice(world.accounts)
            who = "" if world.chance(0.15) else user_id
            if world.chance(0.1):
                who = world.random.choice(PLACEHOLDERS)
            wait = world.random.choice((0, 1, 20, 60 * 24, 60 * 24 * 20, 60 * 24 * 95))
            responded = sent + timedelta(minutes=wait)
            for _ in range(world.random.choice((1, 1, 1, 2))):
                make_answers(world, kind, account_id, who, sent, responded)
                if world.chance(0.5):  # again: at the same moment, or a little later
                    responded += timedelta(minutes=world.random.choice((0, 5, 600)))


def make_answers(
    world: World,
    kind: str,
    account_id: str,
    user_id: str,
    sent: datetime,
    responded: datetime,
) -> None:
    number = world.number("surveys")
    is_answered = world.chance(0.75)
    for question in QUESTIONS[kind]:
        if kind == "cli" and world.chance(0.2):
            continue
        low, high = SCORES[kind]
        score = world.random.choice((low, high, world.random.randint(low, high)))
        world.add(
            "surveys",
            response_id=f"R{number * 7919 % 100003}",
            survey_type=kind,
            question=question,
            account_id=account_id,
            user_id=user_id,
            score=f"{score}" if is_answered else "",
            comment=world.random.choice(("", "", *TEXTS)) if is_answered else "",
            sent_at=spelt(world, sent),
            responded_at=spelt(world, responded) if is_answered else "",
        )


def make_tickets(world: World) -> None:
    """Open, closed on the day, closed after as_of; closed before opened as well."""
    world.tables.setdefault("support_tickets", [])
    for _ in range(world.random.randint(20, 80)):
        user_id, account_id = world.random.choice([*world.users, ("", "A000")])
        opened = world.moment(world.day(last=world.as_of + timedelta(days=1)))
        closed = opened + timedelta(
            minutes=world.random.choice((-90, 0, 30, 60 * 24, 60 * 24 * 40))
        )
        world.add(
            "support_tickets",
            ticket_id=f"T{world.number('support_tickets')}",
            account_id=account_id,
            user_id=world.random.choice(("", *PLACEHOLDERS))
            if world.chance(0.2)
            else user_id,
            priority=world.random.choice(("low", "normal", "high", "urgent")),
            opened_at=spelt(world, opened),
            first_response_at=spelt(world, opened) if world.chance(0.5) else "",
            closed_at=spelt(world, closed) if world.chance(0.7) else "",
        )


def make_invoices(world: World) -> None:
    """Days past due on and about every step, paid late, twice void, paid undated."""
    world.tables.setdefault("invoices", [])
    for account_id in world.accounts:
        for _ in range(world.random.randint(0, 6)):
            issued = world.day(last=world.as_of + timedelta(days=3))
            due = issued + timedelta(days=world.random.choice((0, 14, 30)))
            if world.chance(0.4):
                late = world.random.choice((-1, 0, 1, 15, 16, 30, 31))
                due = world.as_of - timedelta(days=late)
                issued = min(issued, due)
            status = world.random.choice(("paid", "paid", "open", "void"))
            if world.chance(0.1):
                status = "uncollectible"
            paid = due + timedelta(days=world.random.choice((-3, 0, 1, 15, 40)))
            has_date = world.chance(0.85 if status == "paid" else 0.03)
            terms = some_terms(world, issued)
            world.add(
                "invoices",
                invoice_id=f"I{world.number('invoices')}",
                account_id=account_id,
                amount=terms.amount,
                currency=terms.currency,
                issued_on=spelt_day(world, issued),
                due_on=spelt_day(world, due),
                paid_on=spelt_day(world, paid) if has_date else "",
                status=status,
            )


def make_referrals(world: World) -> None:
    """To customers, to ourselves, to nobody known."""
    world.tables.setdefault("referrals", [])
    for n in range(world.random.randint(3, 25)):
        referred = world.random.choice(("", *world.accounts, *world.internal))
        day = world.day(last=world.as_of + timedelta(days=1))
        world.add(
            "referrals",
            referral_id=f"F{n}",
            referrer_account_id=world.random.choice(world.accounts),
            referred_account_id=referred,
            referred_on=spelt_day(world, day),
        )


def make_costs(world: World) -> None:
    """Most months, in some currency; one after as_of."""
    world.tables.setdefault("costs", [])
    month = month_of(world.start)
    while month <= add_months(month_of(world.as_of), 1):
        for kind in ("acquisition", "retention"):
            channels = world.random.choice(
                (("",), ("",), ("", "ads", "Ads"), ("ads", "organic"), ("unknown", ""))
            )
            for channel in channels if world.chance(0.85) else ():
                terms = some_terms(world, month)
                amount = world.random.choice((terms.amount, "1200", "0", "3.3335"))
                world.add(
                    "costs",
                    date_month=spelt_day(world, month),
                    cost_type=kind,
                    channel=channel,
                    amount=amount,
                    currency=terms.currency,
                )
        month = add_months(month, 1)


def make_mrr_reported(world: World) -> None:
    """What the billing system reports, about right; with dice of its own, so that what
    is made after it is the same without it."""
    world = replace(world, random=Random(str(world.random.getstate())))
    world.tables.setdefault("mrr_reported", [])
    subscriptions_and_rates: dict[str, list[RawRow]] = {
        table: [{**row} for row in world.tables[table]]
        for table in ("subscriptions", "exchange_rates")
    }
    accepted = accept(subscriptions_and_rates, world.config)
    ctx = context(accepted, world.as_of, config=world.config)
    first_start: dict[str, date] = {}
    for period in sorted(ctx.subscriptions, key=lambda period: period.started_on):
        first_start.setdefault(period.account_id, period.started_on)
    rates = rates_of(accepted.tables["exchange_rates"])
    for account_id in world.accounts:
        periods = paid_periods(ctx).get(account_id, [])
        if world.chance(0.1 if account_id in first_start else 0.6):
            continue
        start = first_start.get(account_id) or world.day()
        lag = world.random.choice((0, 0, -1, 1))
        own = world.random.choice(("USD", "USD", "USD", *world.rates_from))
        for month in months_between(add_months(start, -1), add_months(world.as_of, 1)):
            if world.chance(0.1):
                continue
            mrr = some_mrr(world, periods, add_months(month, lag))
            currency, rate = own, rate_on(rates, own, month, "USD")
            if rate is None:
                currency, rate = "USD", Decimal(1)
            if currency != "USD" and world.chance(0.5):
                mrr *= Fraction(world.random.choice(FACTORS))
            amount = max(half_up(mrr / Fraction(rate), 4), Decimal(0))
            if amount >= 10**10:  # at another rate it would be too much for its type
                amount, currency = max(half_up(mrr, 4), Decimal(0)), "USD"
            day = month
            if not world.clean and world.chance(0.02):
                day = last_day(month)
            world.add(
                "mrr_reported",
                account_id=account_id,
                date_month=spelt_day(world, day),
                mrr=f"{amount:f}",
                currency=currency,
            )


def some_mrr(world: World, periods: list[Subscription], month: date) -> Fraction:
    """The MRR at a month's end; or almost, of another month's, or far off."""
    near = ("0.01", "-0.02", "0.05", "-0.05", "0.0501", "-0.0001")
    if world.chance(0.1):
        month = add_months(month, world.random.choice((-2, -1, -1, 1)))
    mrr = Fraction(mrr_on(periods, last_day(month)))
    if world.chance(0.2):
        mrr += Fraction(world.random.choice(near))
    if world.chance(0.1):
        mrr *= Fraction(world.random.choice(FACTORS))
    if world.chance(0.05 if mrr else 0.3):
        mrr = Fraction(world.random.choice((0, 20, 49)))
    return mrr


def make_notes(world: World) -> None:
    """What people wrote: on one day twice, without a pulse, at the age of 90 days."""
    world = replace(world, random=Random(str(world.random.getstate())))
    world.tables.setdefault("account_notes", [])
    pick = world.random.choice
    for account_id in world.accounts:
        for _ in range(pick((0, 1, 3, 5))):
            day = world.day(last=world.as_of + timedelta(days=2))
            if world.chance(0.5):
                day = world.as_of - timedelta(days=pick((0, 0, 1, 40, 89, 90, 91)))
            world.add(
                "account_notes",
                note_id=f"N{world.number('account_notes') * 7919 % 100003}",
                account_id=account_id,
                noted_on=spelt_day(world, day),
                author=pick(("ann", "bob", "")),
                csm_pulse=pick(("1", "1", "2", "3", "4", "5.0", "5", "")),
                risk_reason=pick(("", *TEXTS)),
                next_step=pick(("", *TEXTS)),
            )


def make_rates(world: World) -> None:
    """Rates for two currencies from some day on, and one for the base currency."""
    world.tables.setdefault("exchange_rates", [])
    for currency in ("EUR", "JPY"):
        since = world.day(last=world.start + timedelta(days=300))
        world.rates_from[currency] = since
        day = since
        while day <= world.as_of + timedelta(days=40):
            world.add(
                "exchange_rates",
                currency=currency,
                rate_date=spelt_day(world, day),
                rate_to_base=world.random.choice(RATES),
            )
            day += timedelta(days=world.random.choice((1, 17, 31, 90, 120)))
    world.add(
        "exchange_rates",
        currency="USD",
        rate_date=world.start.isoformat(),
        rate_to_base="2",
    )


# ---- ids -------------------------------------------------------------------------


def make_aliases(world: World) -> None:
    """Other ids of accounts, and facts that use them; chains and wrong sources, too."""
    world.tables.setdefault("account_aliases", [])
    sources = ("", "", "logins", "subscriptions", "invoices", "surveys")
    aliases: dict[str, list[tuple[str, str]]] = {}  # account: source, alias
    for n in range(world.random.randint(4, 9)):
        account_id = world.random.choice(world.accounts)
        source, alias = world.random.choice(sources), f"X{n}"
        if not world.clean and world.chance(0.25):
            source = world.random.choice(("crm", "Logins", "accounts", "users"))
        if not world.clean and world.chance(0.2):
            alias = world.random.choice(("X0", "X1", *world.accounts))
        world.add(
            "account_aliases", source=source, alias_id=alias, account_id=account_id
        )
        aliases.setdefault(account_id, []).append((source, alias))
    if not world.clean:  # a chain, a circle, and the alias of an alias elsewhere
        world.add("account_aliases", source="", alias_id="Y0", account_id="X0")
        world.add("account_aliases", source="", alias_id="Y1", account_id="Y2")
        world.add("account_aliases", source="users", alias_id="Y2", account_id="A001")
        world.add("account_aliases", source="", alias_id="Y3", account_id="Y3")
        aliases["A000"] = [*aliases.get("A000", []), ("", "Y0"), ("", "Y1"), ("", "Y3")]
    for table, rows in world.tables.items():
        for row in rows if table not in ("accounts", "account_aliases") else ():
            for name in ("account_id", "referrer_account_id", "referred_account_id"):
                known = aliases.get(row.get(name, ""))
                if known and world.chance(0.3):
                    source, alias = world.random.choice(known)
                    if source in ("", table) or not world.clean:
                        row[name] = alias
    if not world.clean:
        merge_accounts(world, aliases)


def merge_accounts(world: World, aliases: dict[str, list[tuple[str, str]]]) -> None:
    """Rows of `accounts` under another id: in addition to the account's own row, or
    alone."""
    for row in list(world.tables["accounts"]):
        for _, alias in aliases.get(row["account_id"], [])[:2]:
            other = {**row, "account_id": alias, "account_name": "merged"}
            world.tables["accounts"].append(other)
            if world.chance(0.3):
                row["account_id"] = alias


def forget_some(world: World) -> None:
    """Accounts and users that the CRM has no more, while their facts stay (rule 74)."""
    for table, share in (("accounts", 0.08), ("users", 0.08)):
        rows = world.tables[table]
        world.tables[table] = [row for row in rows if not world.chance(share)]


# ---- what is set aside -----------------------------------------------------------


def delete_at_source(world: World) -> None:
    """Rows that the loader marks as deleted (rule 71)."""
    yes = ("true", "T", "1", "2024-02-01 10:00:00", "deleted", " Yes ")
    no = ("", "", "false", "F", "0", "no", " n ")
    for table, rows in world.tables.items():
        if world.chance(0.5):
            column = world.random.choice(SOFT_DELETE_COLUMNS)
            world.extra_columns.setdefault(table, []).append(column)
            for row in rows:
                row[column] = world.random.choice(yes if world.chance(0.08) else no)


def filter_some(world: World) -> None:
    """Rows that only the user knows not to count: `raw_filters` (rule 71)."""
    conditions = (
        "status = 'live'",
        "status <> 'test'",
        "status not in ('test', 'gone') or status is null",
        "lower(trim(status)) is distinct from 'test'",
    )
    for table, rows in world.tables.items():
        if table == "invoices" or not world.chance(0.25):  # which has a status
            continue
        world.extra_columns.setdefault(table, []).append("status")
        filters = world.config.setdefault("raw_filters", {})
        filters[table] = world.random.choice(conditions)
        for row in rows:
            row["status"] = world.random.choice(
                ("test", "", "gone", "TEST ") if world.chance(0.1) else ("live",)
            )


# ---- what breaks the rules -------------------------------------------------------

UNREADABLE = {
    "date": ("2024-7-9", "09/07/2024", "2023-02-29", "soon", "20240101", "2024-01"),
    "time": (
        "2024-07-09T25:00",
        "yesterday",
        "2023-02-30 10:00",
        "1720500000",
        "10:00",
        "2024-07-09 10:00 utc",
        "2024-07-09 10:00:00  +02:00",
        "2024-07-09 UTC",
        "2024-07-09T10:00+24:00",
        "2024-07-09T24:00:01",
        "2024-07-09 10:00:00 -5",
    ),
    "amount": ("1e3", "1,000", "$5", "NaN", "inf", "--1", "1.2.3", "ten"),
    "rate": ("1e0", "1,08", "NaN", "x"),
    "minutes": ("12m", "1e1", "nan"),
    "whole": ("five", "1e0", "1 0", "0x1"),
    "bool": ("maybe", "2", "tru", "-"),
}
OUT_OF_RANGE = {
    "date": ("1989-12-31", "2100-01-02", "1900-01-01"),
    "time": ("1989-12-31 23:59", "2100-01-02 00:00:00", "1970-01-01T00:00:00Z"),
    "amount": ("-1", "-0.0001", "100000000000000", "0.00001", "12.34567"),
    "rate": ("0", "-1", "0.000000001", "1.123456789"),
    "minutes": ("-1", "-0.5", "1000000000"),
    "whole": ("-1", "2.5", "11.5"),
    "bool": (),
}
IN_RANGE = {  # on the bound itself, or spelt so that only the value counts
    "amount": (
        *("0.00010000", "000000000000000000049", "12.340000"),
        *("12.3400000001", "0.1000000000000000055511151231257827", "-0.0000000001"),
    ),
    "rate": ("1.0000000100", "00001.5", "1.2650500000000001"),
    "minutes": ("999999999",),
    "time": ("2024-02-01T24:00:00", "2024-02-01 10:00 UTC", "2024-02-01 10:00-05"),
    "whole": ("3.000", "+4"),
}
WRONG_WORDS = {
    "billing_interval": ("Month", "monthly", "half-year", "2"),
    "survey_type": ("NPS", "ces"),
    "question": ("satisfaction", "recommend", "Recommend", "why"),
    "priority": ("Urgent", "p1"),
    "status": ("Paid", "overdue"),
    "term_months": ("0", "121", "12.5", "1e1", "1", "120"),
    "source": ("zendesk", "Logins", "costs"),
    "alias_id": ("X0", "A001"),
    "csm_pulse": ("0", "6", "3.5", "5.00"),
    "cost_type": ("other", "Acquisition"),
    "currency": ("usd", "XXX", "€"),
    "score": ("11", "0", "6", "-1", "7.5"),
    "date_month": ("2023-05-02", "2023-01-31"),
    "account_id": ("nobody", "a002"),
    "user_id": ("nobody", "u0001"),
    "referrer_account_id": ("nobody",),
    "referred_account_id": ("nobody",),
}


def spoil_cell(world: World, table: str, row: Cells) -> None:
    """Makes one cell of a row missing, unreadable or wrong."""
    column = world.random.choice(TABLES[table])
    old = row[column.name]
    ways = ["", ""]
    ways += UNREADABLE.get(column.kind, ())
    ways += OUT_OF_RANGE.get(column.kind, ())
    ways += IN_RANGE.get(column.kind, ()) * 2
    ways += [*WRONG_WORDS.get(column.name, ())] * 3
    row[column.name] = world.random.choice(ways)
    if column.name == "account_id" and table == "accounts":
        row[column.name] = old  # its children would all go


def spoil(world: World) -> None:
    """Bad cells, double keys and periods that overlap, in every table."""
    for table, rows in world.tables.items():
        share = 0.05 if table in ("accounts", "users") else 0.08
        for row in rows:
            while world.chance(share):
                spoil_cell(world, table, row)
        for row in list(rows):
            if world.chance(0.04):
                rows.append(double(world, table, row))
    periods = world.tables["subscriptions"]
    for row in list(periods):
        if world.chance(0.08):
            periods.append(shifted(world, row))
    for rows in world.tables.values():
        world.random.shuffle(rows)


def double(world: World, table: str, row: Cells) -> Cells:
    """Another row with the same key: a copy, newer, older, or just different."""
    copy = dict(row)
    updated = row.get("updated_at", "")
    for column in world.random.sample(TABLES[table], 2):
        if not column.is_key and world.chance(0.6):
            others = [other[column.name] for other in world.tables[table]]
            copy[column.name] = world.random.choice(others)
        elif column.is_key and column.kind == "date" and world.chance(0.5):
            copy[column.name] = f"{row[column.name].strip()[:10]} 08:00"
        elif world.chance(0.3):
            copy[column.name] = f" {row[column.name]}  "
    stamps = (updated, updated, "", "not a time", "2024-01-01", "2031-01-01 00:00:00Z")
    copy["updated_at"] = world.random.choice(stamps)
    if world.chance(0.3):
        spoil_cell(world, table, copy)
    return copy


def shifted(world: World, row: Cells) -> Cells:
    """A period of the same subscription some days off: it overlaps, or cuts short."""
    copy = dict(row)
    try:
        day = date.fromisoformat(row["started_on"].strip()[:10])
    except ValueError:
        return copy
    moved = day + timedelta(days=world.random.choice((-9, -1, 1, 3, 20)))
    copy["started_on"] = moved.isoformat()
    if world.chance(0.3):
        copy["ended_on"] = ""
    elif world.chance(0.3):
        copy["ended_on"] = world.random.choice((day, moved)).isoformat()
    return copy


# ---- files -----------------------------------------------------------------------


def leave_out(world: World) -> dict[str, list[str]]:
    """Some tables and optional columns are not there; the columns of those that are."""
    columns: dict[str, list[str]] = {}
    for table, contract in TABLES.items():
        names = [column.name for column in contract]
        optional = [column.name for column in contract if column.may_be_empty]
        keys = {column.name for column in contract if column.is_key}
        if table not in REQUIRED:
            if world.chance(0.12) and not (world.clean and table == "exchange_rates"):
                world.tables.pop(table, None)
                continue
            if world.chance(0.04) and not (world.clean and table == "exchange_rates"):
                world.tables[table] = []
        for name in optional:
            is_needed = world.clean and name in keys  # or there are duplicates
            if world.chance(0.07) and name != "score" and not is_needed:
                names.remove(name)
        if world.chance(0.5):
            names.append("updated_at")
        if world.chance(0.2):
            names.append("not_in_the_contract")
        names += world.extra_columns.get(table, [])
        if world.chance(0.2):
            world.random.shuffle(names)
        columns[table] = names
    return columns


def some_vars(random: Random) -> dict[str, Any]:
    """Vars that change which rows count, or what they mean; mostly the defaults."""
    choices: dict[str, tuple[Any, ...]] = {
        "unknown_ids": ("infer", "infer", "reject"),
        "ended_on_is_inclusive": (False, False, False, True),
        "future_end_is_cancellation": (True, True, True, False),
        "min_score_coverage": (0.4, 0.4, 0.6, 0),
    }
    return {name: random.choice(values) for name, values in choices.items()}


def segment_some(world: World, columns: dict[str, list[str]], random: Random) -> None:
    """Accounts with columns of their own, which var segments names; mostly none."""
    if "accounts" not in columns or world.clean or random.random() < 0.6:
        return
    values = {
        "tier": ("gold", " gold", "Silver", "unknown", ""),
        "arr_band": ("1", "2"),
    }
    for name, choices in values.items():
        columns["accounts"].append(name)
        for row in world.tables.get("accounts", []):
            row[name] = random.choice(choices)
    world.config["segments"] = [*values]


def write(folder: Path, seed: int, *, clean: bool = False) -> dict[str, str]:
    """Writes a data set; returns `as_of`, `timezone`, `absent` and `config` (JSON)."""
    random = Random(seed)
    as_of = AS_OF[seed % len(AS_OF)]
    world = World(
        random=random,
        as_of=as_of,
        start=as_of - timedelta(days=random.randint(2 * 365, 4 * 365)),
        clean=clean,
    )
    if not clean:
        world.config = some_vars(random)
    for make in (
        make_rates,
        make_accounts,
        make_users,
        make_subscriptions,
        make_activity,
        make_surveys,
        make_tickets,
        make_invoices,
        make_referrals,
        make_costs,
        make_mrr_reported,
        make_notes,
        forget_some,
        make_aliases,
    ):
        make(world)
    if not clean:
        spoil(world)
        delete_at_source(world)
        filter_some(world)
    columns = leave_out(world)
    segment_some(world, columns, Random(f"segments {seed}"))
    if not clean and Random(f"trend {seed}").random() < 0.3:
        weights = {"usage": 30, "billing": 30, "support": 20, "nps": 10, "trend": 10}
        world.config["health_weights"] = weights
    for table in set(world.config.get("raw_filters", {})) - set(columns):
        del world.config["raw_filters"][table]
    folder.mkdir(parents=True, exist_ok=True)
    for table, names in columns.items():
        path = folder / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(names)
            for row in world.tables.get(table, []):
                writer.writerow([row.get(name, "") for name in names])
    return {
        "as_of": as_of.isoformat(),
        "timezone": random.choice(TIMEZONES),
        "absent": ",".join(table for table in TABLES if table not in columns),
        "config": json.dumps(world.config, sort_keys=True),
    }


if __name__ == "__main__":  # python -m tests.oracle.random_data FOLDER SEED
    print(json.dumps(write(Path(sys.argv[1]), int(sys.argv[2]))))

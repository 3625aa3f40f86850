"""Which raw rows count: `contract.md`, *Rows that break the rules*, and rules 2-9.

Everything starts as text. `accept` types it, rejects what breaks a rule, under the
first reason that holds, and leaves the rows that the figures may use.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from .arithmetic import half_up

RawRow = dict[str, "str | None"]
Row = dict[str, Any]

# ---- the contract ----------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column of the contract."""

    name: str
    kind: str  # text, date, time, amount, rate, minutes, whole, bool
    is_key: bool
    may_be_empty: bool


def _columns(written: str) -> tuple[Column, ...]:
    """`*key:kind other:kind empty?:kind`, in the contract's order."""
    columns = []
    for word in written.split():
        name, kind = word.split(":")
        columns.append(
            Column(
                name=name.strip("*?"),
                kind=kind,
                is_key=name.startswith("*"),
                may_be_empty=name.endswith("?"),
            )
        )
    return tuple(columns)


TABLES: dict[str, tuple[Column, ...]] = {
    "subscriptions": _columns(
        "*subscription_id:text account_id:text plan:text billing_interval:text"
        " seats?:whole amount:amount currency:text is_trial?:bool *started_on:date"
        " ended_on?:date cancel_reason?:text"
    ),
    "logins": _columns(
        "*login_id:text user_id:text account_id:text logged_in_at:time"
        " session_minutes?:minutes"
    ),
    "surveys": _columns(
        "*response_id:text survey_type:text *question:text account_id:text"
        " user_id?:text score?:whole comment?:text sent_at:time responded_at?:time"
    ),
    "accounts": _columns(
        "*account_id:text account_name?:text industry?:text country?:text"
        " employees?:whole acquisition_channel?:text csm_owner?:text"
        " signed_up_on:date is_internal?:bool"
    ),
    "users": _columns(
        "*user_id:text account_id:text email?:text role?:text created_at:time"
        " deactivated_at?:time"
    ),
    "feature_events": _columns(
        "*event_id:text user_id:text account_id:text feature_key:text occurred_at:time"
    ),
    "support_tickets": _columns(
        "*ticket_id:text account_id:text user_id?:text priority:text opened_at:time"
        " first_response_at?:time closed_at?:time"
    ),
    "invoices": _columns(
        "*invoice_id:text account_id:text amount:amount currency:text issued_on:date"
        " due_on:date paid_on?:date status:text"
    ),
    "referrals": _columns(
        "*referral_id:text referrer_account_id:text referred_account_id?:text"
        " referred_on:date"
    ),
    "costs": _columns("*date_month:date *cost_type:text amount:amount currency:text"),
    "exchange_rates": _columns("*currency:text *rate_date:date rate_to_base:rate"),
}

# A row's own date: the first one it has (rule 2).
FIRST_DATE = {
    "subscriptions": "started_on",
    "logins": "logged_in_at",
    "surveys": "sent_at",
    "accounts": "signed_up_on",
    "users": "created_at",
    "feature_events": "occurred_at",
    "support_tickets": "opened_at",
    "invoices": "issued_on",
    "referrals": "referred_on",
    "costs": "date_month",
    "exchange_rates": "rate_date",
}

ALLOWED: dict[tuple[str, str], frozenset[str]] = {
    ("subscriptions", "billing_interval"): frozenset(
        {"week", "month", "quarter", "half_year", "year"}
    ),
    ("surveys", "survey_type"): frozenset({"nps", "cli", "csat"}),
    ("support_tickets", "priority"): frozenset({"low", "normal", "high", "urgent"}),
    ("invoices", "status"): frozenset({"open", "paid", "void", "uncollectible"}),
    ("costs", "cost_type"): frozenset({"acquisition", "retention"}),
}
QUESTIONS = {
    "nps": {"recommend"},
    "cli": {"product_quality", "customer_service", "overall_experience"},
    "csat": {"satisfaction"},
}
SCORES = {"nps": (0, 10), "cli": (1, 10), "csat": (1, 5)}
CANCEL_REASONS = frozenset(
    {
        "competitor",
        "freemium",
        "business_closure",
        "price",
        "missing_features",
        "support",
        "payment_failure",
        "other",
        "unknown",
    }
)
MONTHS_BILLED = {
    "week": Fraction(12, 52),
    "month": Fraction(1),
    "quarter": Fraction(3),
    "half_year": Fraction(6),
    "year": Fraction(12),
}
ACCOUNT_COLUMNS = ("account_id", "referrer_account_id", "referred_account_id")
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)
WHITESPACE = " \t\r\n\v\f"

# ---- reading ---------------------------------------------------------------------


class Table(list[RawRow]):
    """The rows of a table as text, and the columns that its header names."""

    def __init__(self, rows: Sequence[RawRow], columns: Sequence[str]) -> None:
        super().__init__(rows)
        self.columns = tuple(columns)


def read_csv_folder(folder: Path, prefix: str = "") -> dict[str, list[RawRow]]:
    """`<prefix><table>.csv` of every table that is there: a `Table` each."""
    tables: dict[str, list[RawRow]] = {}
    for table in TABLES:
        path = folder / f"{prefix}{table}.csv"
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file)
                header = next(reader)
                rows = [
                    {
                        name: cell or None
                        for name, cell in zip(header, cells, strict=False)
                    }
                    for cells in reader
                    if cells
                ]
            tables[table] = Table(rows, header)
    return tables


def _columns_of(rows: Sequence[RawRow]) -> frozenset[str]:
    if isinstance(rows, Table):
        return frozenset(rows.columns)
    return frozenset(name for row in rows for name in row)


# ---- from text to value (rule 4) -----------------------------------------------

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?"
)
_TRUE = frozenset({"true", "t", "1", "yes", "y"})
_FALSE = frozenset({"false", "f", "0", "no", "n"})


def parse_number(text: str) -> Decimal | None:
    """Digits, sign and point; nothing else, no exponent."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def parse_time(text: str) -> datetime | None:
    """ISO 8601 or a space for the T; UTC where it has no offset. Naive, in UTC."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction = found.groups()[:7]
    _, sign, offset_hours, offset_minutes = found.groups()[7:]
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
        )
        if sign:
            offset = timedelta(
                hours=int(offset_hours), minutes=int(offset_minutes or 0)
            )
            moment = moment - offset if sign == "+" else moment + offset
    except (ValueError, OverflowError):
        return None
    return moment


def parse_date(text: str) -> date | None:
    """`YYYY-MM-DD`; a time that it carries is cut off, not moved."""
    if parse_time(text) is None:
        return None
    return date.fromisoformat(text[:10])


def parse_bool(text: str) -> bool | None:
    """True t 1 yes y, false f 0 no n, in any case."""
    lowered = text.lower()
    return True if lowered in _TRUE else False if lowered in _FALSE else None


PARSERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "date": parse_date,
    "time": parse_time,
    "amount": parse_number,
    "rate": parse_number,
    "minutes": parse_number,
    "whole": parse_number,
    "bool": parse_bool,
}


def _fits(number: Decimal, before: int, after: int) -> bool:
    """At most so many digits before and after the point, judged by value."""
    exact = Fraction(number)
    return bool(abs(exact) < 10**before and (exact * 10**after).denominator == 1)


def _is_valid(table: str, column: Column, value: Any, row: Row) -> bool:
    """Inside its list or range: what `invalid_<column>` is about."""
    name = column.name
    if (table, name) in ALLOWED:
        return str(value) in ALLOWED[table, name]
    if (table, name) == ("surveys", "question"):
        return value in QUESTIONS.get(row["survey_type"], set())
    if (table, name) == ("surveys", "score"):
        low, high = SCORES.get(row["survey_type"], (0, 10))
        return bool(value == int(value) and low <= value <= high)
    if column.kind == "date":
        first_of_month = name != "date_month" or value.day == 1
        return bool(EARLIEST <= value <= LATEST and first_of_month)
    if column.kind == "time":
        return bool(EARLIEST <= value.date() <= LATEST)
    if column.kind == "amount":
        return bool(value >= 0 and _fits(value, 14, 4))
    if column.kind == "rate":
        return bool(value > 0 and _fits(value, 14, 8))
    if column.kind == "whole":
        return bool(value >= 0 and value == int(value))
    if column.kind == "minutes":
        return bool(value >= 0)
    return True


# ---- accepting -------------------------------------------------------------------


@dataclass(frozen=True)
class Rejected:
    """A row that is not used, and why."""

    source_table: str
    row_key: str
    reason: str
    occurrence: int


@dataclass(frozen=True)
class Counts:
    """Rows in = accepted + rejected, per table."""

    rows_in: int
    accepted: int
    rejected: int
    latest_row_at: datetime | None


@dataclass
class Accepted:
    """What is left of the raw tables, typed, and what is not.

    `tables` has all 11 tables of the contract. A row has every column of the contract,
    also those that the export does not have (None; False for booleans), and besides
    `mrr` (subscriptions), `amount_base` (invoices, costs). Text is trimmed and never
    empty; dates are `date`; times are naive `datetime` in UTC; amounts, rates and
    session_minutes are Decimal; seats, employees and scores are int.
    """

    tables: dict[str, list[Row]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)
    present: frozenset[str] = frozenset()  # the tables that are there, rows or not

    def is_given(self, table: str) -> bool:
        """A table without an accepted row is an absent feed (rule 15)."""
        return bool(self.tables[table])


Rates = dict[str, list[tuple[date, Decimal]]]


@dataclass
class _Candidate:
    """A raw row on its way."""

    texts: dict[str, str]  # of the contract's columns; trimmed, '' for nothing
    updated_at: datetime
    row: Row = field(default_factory=dict)
    reason: str | None = None


def accept(
    raw: Mapping[str, Sequence[RawRow]], *, base_currency: str = "USD"
) -> Accepted:
    """Types every row and rejects those that break a rule."""
    accepted = Accepted(present=frozenset(raw))
    rates: Rates = defaultdict(list)
    accounts: frozenset[str] | None = None
    users: frozenset[str] | None = None
    order = ["exchange_rates", "accounts", "users"]
    order += [table for table in TABLES if table not in order]
    for table in order:
        candidates = _read(table, raw.get(table, []))
        _judge_keys(table, candidates)
        # rule 4: an export may not know when an answer came
        answered_when_sent = table == "surveys" and (
            "responded_at" not in _columns_of(raw.get(table, []))
        )
        for candidate in candidates:
            if candidate.reason is None:
                candidate.reason = _judge_cells(table, candidate, answered_when_sent)
        unknown = {
            id(candidate): _unknown(
                table, candidate.row, rates, base_currency, accounts, users
            )
            for candidate in candidates
            if candidate.reason is None
        }
        if table == "subscriptions":
            _judge_overlaps(candidates, unknown)
        for candidate in candidates:
            if candidate.reason is None:
                candidate.reason = unknown[id(candidate)]

        rows = [c.row for c in candidates if c.reason is None]
        for row in rows:
            _add_money(table, row, rates, base_currency)
        accepted.tables[table] = rows
        if table == "exchange_rates":
            for row in rows:
                rates[row["currency"]].append((row["rate_date"], row["rate_to_base"]))
        elif table == "accounts" and rows:
            accounts = frozenset(row["account_id"] for row in rows)
        elif table == "users" and rows:
            users = frozenset(row["user_id"] for row in rows)
        rejected = _rejections(table, candidates)
        accepted.rejected += rejected
        accepted.counts[table] = Counts(
            rows_in=len(candidates),
            accepted=len(rows),
            rejected=len(rejected),
            latest_row_at=max(
                (_at_midnight(row[FIRST_DATE[table]]) for row in rows), default=None
            ),
        )
    return accepted


def _at_midnight(moment: date) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time())


def _read(table: str, rows: Sequence[RawRow]) -> list[_Candidate]:
    columns = _columns_of(rows)
    absent = [
        column.name
        for column in TABLES[table]
        if rows and not column.may_be_empty and column.name not in columns
    ]
    if absent:
        raise ValueError(f"{table}: required columns {absent} are not there")
    candidates = []
    for row in rows:
        texts = {
            column.name: (row.get(column.name) or "").strip(WHITESPACE)
            for column in TABLES[table]
        }
        written = (row.get("updated_at") or "").strip(WHITESPACE)
        candidates.append(_Candidate(texts, parse_time(written) or datetime.min))
    return candidates


def _judge_keys(table: str, candidates: list[_Candidate]) -> None:
    """`missing_key`, `duplicate_key`: on keys alone, before any other rule."""
    keys = [column for column in TABLES[table] if column.is_key]
    holders: dict[tuple[object, ...], list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        if not all(candidate.texts[column.name] for column in keys):
            candidate.reason = "missing_key"
            continue
        key: list[object] = []
        for column in keys:
            text = candidate.texts[column.name]
            day = parse_date(text) if column.kind == "date" else None
            key.append(text if day is None else day)
        holders[tuple(key)].append(candidate)
    for rivals in holders.values():
        latest = max(rival.updated_at for rival in rivals)
        stays = min(
            (rival for rival in rivals if rival.updated_at == latest),
            key=lambda rival: tuple(rival.texts.values()),
        )
        for rival in rivals:
            if rival is not stays:
                rival.reason = "duplicate_key"


def _judge_cells(
    table: str, candidate: _Candidate, answered_when_sent: bool
) -> str | None:
    """`missing_`, `unparseable_`, `invalid_`, `ends_before_start`; fills the row."""
    texts, row = candidate.texts, candidate.row
    for column in TABLES[table]:
        if texts[column.name]:
            continue
        if not column.may_be_empty:
            return f"missing_{column.name}"
        if table == "surveys" and not answered_when_sent:
            other = {"score": "responded_at", "responded_at": "score"}
            if column.name in other and texts[other[column.name]]:
                return f"missing_{column.name}"

    for column in TABLES[table]:
        text = texts[column.name]
        value = PARSERS[column.kind](text) if text else None
        if text and value is None:
            return f"unparseable_{column.name}"
        row[column.name] = value

    for column in TABLES[table]:
        value = row[column.name]
        if value is not None and not _is_valid(table, column, value, row):
            return f"invalid_{column.name}"

    for column in TABLES[table]:
        value = row[column.name]
        if column.kind == "bool":
            row[column.name] = bool(value)
        elif column.kind == "whole" and value is not None:
            row[column.name] = int(value)
    if answered_when_sent and row["score"] is not None:
        row["responded_at"] = row["sent_at"]
    if table == "subscriptions":
        reason = row["cancel_reason"] or "unknown"
        row["cancel_reason"] = reason if reason in CANCEL_REASONS else "other"
        if row["ended_on"] is not None and row["ended_on"] <= row["started_on"]:
            return "ends_before_start"
    return None


def _judge_overlaps(
    candidates: list[_Candidate], unknown: Mapping[int, str | None]
) -> None:
    """Rule 6, one subscription after the other, in order of start.

    Only a period that is accepted in the end can shorten or displace another. Hence
    `unknown`: the reason that would reject the period if it did not overlap.
    """
    subscriptions: dict[str, list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.reason is None:
            subscriptions[candidate.row["subscription_id"]].append(candidate)
    for periods in subscriptions.values():
        earlier: list[_Candidate] = []
        for period in sorted(periods, key=lambda c: c.row["started_on"]):
            start = period.row["started_on"]
            if any(
                before.row["ended_on"] is not None and before.row["ended_on"] > start
                for before in earlier
            ):
                period.reason = "overlapping_period"
            elif unknown[id(period)] is None:
                for before in earlier:
                    if before.row["ended_on"] is None:
                        before.row["ended_on"] = start
                earlier.append(period)


def _unknown(
    table: str,
    row: Row,
    rates: Rates,
    base_currency: str,
    accounts: frozenset[str] | None,
    users: frozenset[str] | None,
) -> str | None:
    """`unknown_currency`, `unknown_account`, `unknown_user`."""
    if table in ("subscriptions", "invoices", "costs") and (
        rate_on(rates, row["currency"], row[FIRST_DATE[table]], base_currency) is None
    ):
        return "unknown_currency"
    if accounts is not None and table != "accounts":
        for name in ACCOUNT_COLUMNS:
            if row.get(name) is not None and row[name] not in accounts:
                return "unknown_account"
    if users is not None and table != "users":
        user_id = row.get("user_id")
        if user_id is not None and user_id not in users:
            return "unknown_user"
    return None


def rate_on(
    rates: Rates, currency: str, day: date, base_currency: str
) -> Decimal | None:
    """The latest rate on or before a day (rule 8); the base currency is always 1."""
    if currency == base_currency:
        return Decimal(1)
    known = [(since, rate) for since, rate in rates.get(currency, []) if since <= day]
    return max(known)[1] if known else None


def _add_money(table: str, row: Row, rates: Rates, base_currency: str) -> None:
    if table not in ("subscriptions", "invoices", "costs"):
        return
    day = row[FIRST_DATE[table]]
    rate = rate_on(rates, row["currency"], day, base_currency)
    assert rate is not None
    amount = Fraction(row["amount"]) * Fraction(rate)
    if table == "subscriptions":
        months = MONTHS_BILLED[row["billing_interval"]]
        row["mrr"] = half_up(Fraction(0) if row["is_trial"] else amount / months, 4)
    else:
        row["amount_base"] = half_up(amount, 4)


def _rejections(table: str, candidates: list[_Candidate]) -> list[Rejected]:
    keys = [column.name for column in TABLES[table] if column.is_key]
    seen: Counter[tuple[str, str]] = Counter()
    rejected = []
    for candidate in candidates:
        if candidate.reason is not None:
            row_key = "|".join(candidate.texts[name] for name in keys)
            seen[row_key, candidate.reason] += 1
            occurrence = seen[row_key, candidate.reason]
            rejected.append(Rejected(table, row_key, candidate.reason, occurrence))
    return rejected

"""Which raw rows count: `contract.md`, *Rows that break the rules*, rules 2-9, 70-76.

Everything starts as text. `accept` sets aside what is filtered or was deleted at the
source, replaces aliases, types the rest and rejects what breaks a rule, under the first
reason that holds. What is left are the rows that the metrics may use.
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

import duckdb

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
        "*subscription_id:text *subscription_item_id?:text account_id:text plan:text"
        " billing_interval:text seats?:whole amount:amount list_amount?:amount"
        " currency:text is_trial?:bool *started_on:date ended_on?:date"
        " cancel_reason?:text term_months?:whole"
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
    "costs": _columns(
        "*date_month:date *cost_type:text *channel?:text amount:amount currency:text"
    ),
    "account_aliases": _columns("*source?:text *alias_id:text account_id:text"),
    "account_notes": _columns(
        "*note_id:text account_id:text noted_on:date author?:text csm_pulse?:whole"
        " risk_reason?:text next_step?:text"
    ),
    "mrr_reported": _columns(
        "*account_id:text *date_month:date mrr:amount currency:text"
    ),
    "exchange_rates": _columns("*currency:text *rate_date:date rate_to_base:rate"),
}


# A row's own date: the first one it has (rule 2). Aliases have none.
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
    "account_notes": "noted_on",
    "mrr_reported": "date_month",
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
        "paused",
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
WHITESPACE = " \t\r\n\v\f\u00a0\ufeff"
BOUNDS = {"term_months": (1, 120), "csm_pulse": (1, 5)}  # of whole numbers
DECIMALS = {"amount": 4, "rate": 8}  # of money and rates
NOISE = Fraction(1, 10**9)  # what a double may add to a decimal number (rule 4)
FILTERED_ROWS_LISTED = 1000  # a table (rule 70)
SET_ASIDE = ("filtered", "deleted_at_source")

# The vars of dbt_project.yml that decide which rows count, with their defaults.
RAW_CONFIG: dict[str, Any] = {
    "base_currency": "USD",
    "raw_columns": {},  # table: {contract name: delivered name}
    "raw_filters": {},  # table: condition over the columns as delivered
    "soft_delete_columns": [
        "_fivetran_deleted",
        "__deleted",
        "_ab_cdc_deleted_at",
        "_sdc_deleted_at",
    ],
    "ended_on_is_inclusive": False,
    "unknown_ids": "infer",
    "sources": {},  # table: source
    "segments": [],  # columns of accounts
    "placeholder_ids": [
        "anonymous",
        "unknown",
        "undefined",
        "null",
        "none",
        "n/a",
        "0",
        "00000000-0000-0000-0000-000000000000",
    ],
}

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
    r"(?: ?(Z|UTC|([+-])([0-9]{2})(?::?([0-9]{2}))?))?)?"
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
    is_end_of_day = hour == "24" and not any(
        int(part or 0) for part in (minute, second, fraction)
    )
    try:
        moment = datetime(
            int(year),
            int(month),
            int(day),
            0 if is_end_of_day else int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
        )
        return moment + timedelta(days=is_end_of_day) - _offset(*found.groups()[8:])
    except (ValueError, OverflowError):
        return None


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> timedelta:
    """How far a written offset is ahead of UTC; it is less than a day."""
    if sign is None:
        return timedelta()
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise ValueError("no offset")
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return ahead if sign == "+" else -ahead


def parse_date(text: str) -> date | None:
    """`YYYY-MM-DD`; a time is cut off, one with an offset gives its date in UTC."""
    moment, found = parse_time(text), _TIME.fullmatch(text)
    if moment is None or found is None:
        return None
    has_offset = found.group(8) is not None
    return moment.date() if has_offset else date.fromisoformat(text[:10])


def without_noise(number: Decimal, places: int) -> Decimal:
    """A number that is next to one of so many decimals is that one (rule 4)."""
    rounded = half_up(Fraction(number), places)
    is_next_to_it = abs(Fraction(number) - Fraction(rounded)) < NOISE
    return rounded if is_next_to_it else number


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
    """At most so many digits before and after the point, by value."""
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
        low, high = BOUNDS.get(name, (0, value))
        return bool(low <= value <= high and value == int(value))
    if column.kind == "minutes":
        return bool(0 <= value < 10**9)
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
    """Rows in = accepted + rejected + filtered + deleted_at_source, per table."""

    rows_in: int = 0
    accepted: int = 0
    rejected: int = 0
    filtered: int = 0
    deleted_at_source: int = 0
    earliest_row_at: datetime | None = None
    latest_row_at: datetime | None = None


@dataclass
class Accepted:
    """What is left of the raw tables, typed, and what is not.

    `tables` has all tables of the contract. A row has every column of the contract,
    also those that the export does not have (None; False for booleans; '' in keys), and
    besides `mrr`, `is_end_delivered` and `has_cancel_reason` (subscriptions),
    `amount_base` (invoices, costs), `mrr_base` (mrr_reported). Text is trimmed and
    never empty; dates are `date`; times are naive `datetime` in UTC; amounts, rates and
    session_minutes are Decimal; seats, employees, scores and terms are int.

    Of accounts and users (by table): `hidden` has the ids whose only rows are filtered,
    `deleted` what can be read of ids that have no accepted row but a deleted one.
    """

    tables: dict[str, list[Row]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)  # set aside ones included
    counts: dict[str, Counts] = field(default_factory=dict)
    present: frozenset[str] = frozenset()  # the tables that are there, rows or not
    hidden: dict[str, frozenset[str]] = field(default_factory=dict)
    deleted: dict[str, dict[str, Row]] = field(default_factory=dict)

    def is_given(self, table: str) -> bool:
        """A table without an accepted row is an absent source (rule 15).

        Not for rows that were set aside, though (rule 70).
        """
        counts = self.counts[table]
        return bool(counts.accepted + counts.filtered + counts.deleted_at_source)


Rates = dict[str, list[tuple[date, Decimal]]]
Aliases = dict[tuple[str, str], str]  # source and alias_id: account_id


@dataclass
class _Candidate:
    """A raw row on its way."""

    texts: dict[str, str]  # of the contract's columns as delivered; trimmed
    updated_at: datetime
    cells: dict[str, str] = field(default_factory=dict)  # with the ids that count
    row: Row = field(default_factory=dict)
    reason: str | None = None


@dataclass
class _Known:
    """What the rows of one table have to be checked against."""

    config: Mapping[str, Any]
    rates: Rates = field(default_factory=dict)
    aliases: Aliases = field(default_factory=dict)
    accounts: frozenset[str] | None = None  # None: every id will do
    users: frozenset[str] | None = None


def accept(
    raw: Mapping[str, Sequence[RawRow]], config: Mapping[str, Any] | None = None
) -> Accepted:
    """Types every row and rejects those that break a rule."""
    accepted = Accepted(present=frozenset(raw))
    known = _Known({**RAW_CONFIG, **(config or {})})
    order = ["exchange_rates", "account_aliases", "accounts", "users"]
    order += [table for table in TABLES if table not in order]
    for table in order:
        delivered = raw.get(table, [])
        candidates = _read(table, delivered, known)
        _validate(table, candidates, _columns_of(delivered), known)
        accepted.tables[table] = [c.row for c in candidates if c.reason is None]
        accepted.rejected += _rejections(table, candidates)
        accepted.counts[table] = _counts(table, candidates)
        if table in IDS:
            accepted.hidden[table], accepted.deleted[table] = _left_out(
                table, candidates, known.config
            )
        _remember(table, accepted, known)
    return accepted


IDS = {"accounts": "account_id", "users": "user_id"}


def _remember(table: str, accepted: Accepted, known: _Known) -> None:
    """Keeps what the tables that follow are checked against."""
    rows = accepted.tables[table]
    rejects_unknown = known.config["unknown_ids"] == "reject"
    if table == "exchange_rates":
        known.rates = rates_of(rows)
    elif table == "account_aliases":
        known.aliases = {
            (row["source"], row["alias_id"]): row["account_id"] for row in rows
        }
    elif table == "accounts" and rejects_unknown and accepted.is_given(table):
        known.accounts = frozenset(row["account_id"] for row in rows)
    elif table == "users" and rejects_unknown and accepted.is_given(table):
        known.users = frozenset(row["user_id"] for row in rows)


def _validate(
    table: str, candidates: list[_Candidate], columns: frozenset[str], known: _Known
) -> None:
    """Gives each row the first reason that holds, or fills its `row`."""
    if table == "accounts":
        _validate_merges(candidates)
    _validate_keys(table, candidates)
    valid_sources = {*TABLES, *known.config["sources"].values()}
    alias_keys = {
        (candidate.cells["source"], candidate.cells["alias_id"])
        for candidate in candidates
        if table == "account_aliases" and candidate.reason is None
    }
    # rule 4: an export may not know when an answer came
    delivered_name = known.config["raw_columns"].get("surveys", {})
    answered_when_sent = table == "surveys" and (
        delivered_name.get("responded_at", "responded_at") not in columns
    )
    for candidate in candidates:
        if candidate.reason is None:
            candidate.reason = _reason_of_cells(
                table, candidate, answered_when_sent, known.config
            )
        if candidate.reason is None and table == "account_aliases":
            candidate.reason = _reason_of_alias(
                candidate.row, valid_sources, alias_keys
            )
    unknown = {
        id(candidate): _unknown(table, candidate.row, known)
        for candidate in candidates
        if candidate.reason is None
    }
    if table == "subscriptions":
        _validate_overlaps(candidates, unknown)
    for candidate in candidates:
        if candidate.reason is None:
            candidate.reason = unknown[id(candidate)]
        if candidate.reason is None:
            _add_money(table, candidate.row, known)


def _counts(table: str, candidates: list[_Candidate]) -> Counts:
    reasons = Counter(candidate.reason for candidate in candidates)
    set_aside = sum(reasons[reason] for reason in SET_ASIDE)
    moments = [
        _at_midnight(candidate.row[FIRST_DATE[table]])
        for candidate in candidates
        if candidate.reason is None and table in FIRST_DATE
    ]
    return Counts(
        rows_in=len(candidates),
        accepted=reasons[None],
        rejected=len(candidates) - reasons[None] - set_aside,
        filtered=reasons["filtered"],
        deleted_at_source=reasons["deleted_at_source"],
        earliest_row_at=min(moments, default=None),
        latest_row_at=max(moments, default=None),
    )


def _at_midnight(moment: date) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time())


# ---- rows as delivered -----------------------------------------------------------


def _read(table: str, rows: Sequence[RawRow], known: _Known) -> list[_Candidate]:
    """The contract's columns as text, what is set aside, and the ids that count."""
    config = known.config
    columns = _columns_of(rows)
    renamed = config["raw_columns"].get(table, {})
    names = {
        column.name: renamed.get(column.name, column.name) for column in TABLES[table]
    }
    own = config["segments"] if table == "accounts" and rows else []
    names |= {name: renamed.get(name, name) for name in own}
    absent = [
        column.name
        for column in TABLES[table]
        if rows and not column.may_be_empty and names[column.name] not in columns
    ]
    if absent:
        raise ValueError(f"{table}: required columns {absent} are not there")
    kept = _rows_kept(rows, config["raw_filters"].get(table))
    delete_columns = {name.lower() for name in config["soft_delete_columns"]}
    candidates = []
    for number, row in enumerate(rows):
        texts = {name: _trimmed(row.get(theirs)) for name, theirs in names.items()}
        updated_at = _trimmed(row.get(renamed.get("updated_at", "updated_at")))
        candidate = _Candidate(
            texts,
            parse_time(updated_at) or datetime.min,
            _with_ids_that_count(table, texts, known),
        )
        if number not in kept:
            candidate.reason = "filtered"
        elif any(
            _says_deleted(_trimmed(cell))
            for name, cell in row.items()
            if name.lower() in delete_columns
        ):
            candidate.reason = "deleted_at_source"
        candidates.append(candidate)
    return candidates


def _trimmed(cell: str | None) -> str:
    return (cell or "").strip(WHITESPACE)


def _says_deleted(text: str) -> bool:
    """Neither empty nor false: a timestamp counts too (rule 71)."""
    return bool(text) and parse_bool(text) is not False


def _rows_kept(rows: Sequence[RawRow], condition: str | None) -> set[int]:
    """The numbers of the rows for which a condition is true (rule 71)."""
    if condition is None or not rows:
        return set(range(len(rows)))
    names = sorted(_columns_of(rows))
    columns = ["unnest(cast(? as integer[])) as number_of_the_row"]
    columns += [f'unnest(cast(? as varchar[])) as "{name}"' for name in names]
    cells = [[row.get(name) for row in rows] for name in names]
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select number_of_the_row from (select {', '.join(columns)})"
            f" where {condition}",
            [list(range(len(rows))), *cells],
        ).fetchall()
    return {row[0] for row in found}


def _with_ids_that_count(
    table: str, texts: Mapping[str, str], known: _Known
) -> dict[str, str]:
    """Aliases replaced (rule 75), placeholders emptied (rule 84)."""
    cells = dict(texts)
    if table != "account_aliases":
        sources = (table, known.config["sources"].get(table), "")
        for name in ACCOUNT_COLUMNS:
            for source in sources:
                if (source, cells.get(name)) in known.aliases:
                    cells[name] = known.aliases[source, cells[name]]
                    break
    if table in ("surveys", "support_tickets"):
        placeholders = {str(i).lower() for i in known.config["placeholder_ids"]}
        if cells["user_id"].lower() in placeholders:
            cells["user_id"] = ""
    return cells


def _left_out(
    table: str, candidates: list[_Candidate], config: Mapping[str, Any]
) -> tuple[frozenset[str], dict[str, Row]]:
    """Ids whose only rows are filtered; ids without a row but a deleted one (74)."""
    by_id: dict[str, list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.cells[IDS[table]]:
            by_id[candidate.cells[IDS[table]]].append(candidate)
    hidden, deleted = set(), {}
    for key, of_id in by_id.items():
        if all(candidate.reason == "filtered" for candidate in of_id):
            hidden.add(key)
        gone = [c for c in of_id if c.reason == "deleted_at_source"]
        if gone and not any(candidate.reason is None for candidate in of_id):
            deleted[key] = _readable(table, _the_one_that_stays(table, gone))
    return frozenset(hidden), deleted


def _readable(table: str, candidate: _Candidate) -> Row:
    """The cells of a row that can be read and are valid; None for the others."""
    row: Row = {}
    for column in TABLES[table]:
        text = candidate.cells[column.name]
        value = PARSERS[column.kind](text) if text else None
        is_valid = value is not None and _is_valid(table, column, value, row)
        row[column.name] = value if is_valid else None
    _finish(table, row, candidate.cells)
    return row


# ---- the reasons -----------------------------------------------------------------


def _validate_merges(candidates: list[_Candidate]) -> None:
    """`merged_account`: another row is the account's own (rule 75)."""
    delivered = {
        candidate.texts["account_id"]
        for candidate in candidates
        if candidate.reason not in SET_ASIDE
    }
    for candidate in candidates:
        account_id = candidate.cells["account_id"]
        was_replaced = account_id != candidate.texts["account_id"]
        if candidate.reason is None and was_replaced and account_id in delivered:
            candidate.reason = "merged_account"


def _validate_keys(table: str, candidates: list[_Candidate]) -> None:
    """`missing_key`, `duplicate_key`: on keys alone, before any other rule."""
    keys = [column for column in TABLES[table] if column.is_key]
    holders: dict[tuple[object, ...], list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.reason is not None:
            continue
        if not all(candidate.cells[c.name] for c in keys if not c.may_be_empty):
            candidate.reason = "missing_key"
            continue
        key: list[object] = []
        for column in keys:
            text = candidate.cells[column.name]
            day = parse_date(text) if column.kind == "date" else None
            key.append(text if day is None else day)
        holders[tuple(key)].append(candidate)
    for rivals in holders.values():
        stays = _the_one_that_stays(table, rivals)
        for rival in rivals:
            if rival is not stays:
                rival.reason = "duplicate_key"


def _the_one_that_stays(table: str, rivals: list[_Candidate]) -> _Candidate:
    """The latest (of subscriptions: rule 72), then the smallest as text."""

    def recency(rival: _Candidate) -> tuple[datetime, ...]:
        if table != "subscriptions":
            return (rival.updated_at,)
        start, end = rival.cells["started_on"], rival.cells["ended_on"]
        return (
            parse_time(start) or datetime.min,
            rival.updated_at,
            (parse_time(end) or datetime.min) if end else datetime.max,
        )

    latest = max(recency(rival) for rival in rivals)
    return min(
        (rival for rival in rivals if recency(rival) == latest),
        key=lambda rival: tuple(rival.texts.values()),
    )


def _reason_of_cells(
    table: str,
    candidate: _Candidate,
    answered_when_sent: bool,
    config: Mapping[str, Any],
) -> str | None:
    """`missing_`, `unparseable_`, `invalid_`, `ends_before_start`; fills the row."""
    cells, row = candidate.cells, candidate.row
    missing = _missing(table, cells, answered_when_sent)
    if missing is not None:
        return f"missing_{missing}"
    for column in TABLES[table]:
        text = cells[column.name]
        value = PARSERS[column.kind](text) if text else None
        if text and value is None:
            return f"unparseable_{column.name}"
        if value is not None and column.kind in DECIMALS:
            value = without_noise(value, DECIMALS[column.kind])
        row[column.name] = value
    if table == "subscriptions":
        _move_end(row, config)

    for column in TABLES[table]:
        value = row[column.name]
        if value is not None and not _is_valid(table, column, value, row):
            return f"invalid_{column.name}"
    _finish(table, row, cells)
    if answered_when_sent and row["score"] is not None:
        row["responded_at"] = row["sent_at"]
    if table == "subscriptions":
        row["is_end_delivered"] = row["ended_on"] is not None
        if row["ended_on"] is not None and row["ended_on"] <= row["started_on"]:
            return "ends_before_start"
    return None


def _missing(
    table: str, cells: Mapping[str, str], answered_when_sent: bool
) -> str | None:
    """The first column that is empty and may not be."""
    for column in TABLES[table]:
        if cells[column.name]:
            continue
        if not column.may_be_empty:
            return column.name
        if table == "surveys" and not answered_when_sent:
            other = {"score": "responded_at", "responded_at": "score"}
            if column.name in other and cells[other[column.name]]:
                return column.name
    return None


def _move_end(row: Row, config: Mapping[str, Any]) -> None:
    """An inclusive end is the day before the first that no longer counts (73)."""
    ended_on = row["ended_on"]
    if config["ended_on_is_inclusive"] and ended_on and ended_on <= LATEST:
        row["ended_on"] = ended_on + timedelta(days=1)


def _finish(table: str, row: Row, cells: Mapping[str, str]) -> None:
    """What an empty or odd cell means; and the columns of var segments."""
    if table == "accounts":
        row["segments"] = {n: cells[n] or "unknown" for n in cells if n not in row}
    for column in TABLES[table]:
        value = row[column.name]
        if column.kind == "bool":
            row[column.name] = bool(value)
        elif column.kind == "whole" and value is not None:
            row[column.name] = int(value)
        elif column.is_key and value is None:
            row[column.name] = ""
    if table == "subscriptions":
        reason = row["cancel_reason"]
        row["has_cancel_reason"] = reason is not None
        if reason is None:
            row["cancel_reason"] = "unknown"
        elif reason not in CANCEL_REASONS:
            row["cancel_reason"] = "other"


def _reason_of_alias(
    row: Row, valid_sources: set[str], alias_keys: set[tuple[str, str]]
) -> str | None:
    """`invalid_source`; one step only, so a target is no alias itself (rule 75)."""
    if row["source"] and row["source"] not in valid_sources:
        return "invalid_source"
    if (row["source"], row["account_id"]) in alias_keys:
        return "invalid_account_id"
    return None


def _validate_overlaps(
    candidates: list[_Candidate], unknown: Mapping[int, str | None]
) -> None:
    """Rule 6, one subscription item after the other, in order of start.

    Only a period that is accepted in the end can shorten or displace another. Hence
    `unknown`: the reason that would reject the period if it did not overlap.
    """
    items: dict[tuple[str, str], list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.reason is None:
            row = candidate.row
            item = row["subscription_id"], row["subscription_item_id"]
            items[item].append(candidate)
    for periods in items.values():
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


def _unknown(table: str, row: Row, known: _Known) -> str | None:
    """`unknown_currency`, `unknown_account`, `unknown_user`."""
    if table in ("subscriptions", "invoices", "costs", "mrr_reported") and (
        _rate_of(table, row, known) is None
    ):
        return "unknown_currency"
    if table in ("accounts", "account_aliases"):
        return None
    if known.accounts is not None:
        for name in ACCOUNT_COLUMNS:
            if row.get(name) is not None and row[name] not in known.accounts:
                return "unknown_account"
    if known.users is not None and table != "users":
        user_id = row.get("user_id")
        if user_id is not None and user_id not in known.users:
            return "unknown_user"
    return None


def _rate_of(table: str, row: Row, known: _Known) -> Decimal | None:
    return rate_on(
        known.rates,
        row["currency"],
        row[FIRST_DATE[table]],
        known.config["base_currency"],
    )


def rates_of(rows: Sequence[Row]) -> Rates:
    """The accepted rows of exchange_rates, by currency."""
    rates: Rates = defaultdict(list)
    for row in rows:
        rates[row["currency"]].append((row["rate_date"], row["rate_to_base"]))
    return dict(rates)


def rate_on(
    rates: Rates, currency: str, day: date, base_currency: str
) -> Decimal | None:
    """The latest rate on or before a day (rule 8); the base currency is always 1."""
    if currency == base_currency:
        return Decimal(1)
    on_file = [(since, rate) for since, rate in rates.get(currency, []) if since <= day]
    return max(on_file)[1] if on_file else None


def _add_money(table: str, row: Row, known: _Known) -> None:
    if table not in ("subscriptions", "invoices", "costs", "mrr_reported"):
        return
    rate = _rate_of(table, row, known)
    assert rate is not None
    column = "mrr" if table == "mrr_reported" else "amount"
    amount = Fraction(row[column]) * Fraction(rate)
    if table == "subscriptions":
        months = MONTHS_BILLED[row["billing_interval"]]
        row["mrr"] = half_up(Fraction(0) if row["is_trial"] else amount / months, 4)
    else:
        row[f"{column}_base"] = half_up(amount, 4)


def _rejections(table: str, candidates: list[_Candidate]) -> list[Rejected]:
    """The rows that are not used, by their keys as delivered."""
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

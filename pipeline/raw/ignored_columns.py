"""Columns that are not there, delivered ones that nothing reads, tables of versions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pipeline.raw.contract import OPTIONAL_EXTRA, RawTable
from pipeline.raw.findings import Finding
from pipeline.raw.text import display

# Start and end of a version: dbt snapshots, Fivetran's history mode, dlt, Databricks,
# temporal tables of SQL Server and MariaDB, hand-made ones.
VERSION_PAIRS = (
    ("valid_from", "valid_to"),
    ("dbt_valid_from", "dbt_valid_to"),
    ("_fivetran_start", "_fivetran_end"),
    ("_dlt_valid_from", "_dlt_valid_to"),
    ("__start_at", "__end_at"),
    ("sys_start_time", "sys_end_time"),
    ("row_start", "row_end"),
    ("effective_from", "effective_to"),
)
# By these a source says that a row may not count: test data, deleted, void, inactive.
WHEN = r"(_(at|on|by|date|time|timestamp|utc|flag))?"
DELETED = re.compile(rf"(.*_)?(deleted?|deletion|removed|purged|trashed){WHEN}")
# What a loader that copies a log of changes says of a row: insert, update, delete.
OPERATION = re.compile(r"_*(op|(cdc|dms)_(op|operation)|change_type|row_kind)")
MARK = re.compile(
    rf"(.*_)?(archived|void|voided|discarded){WHEN}"
    r"|(.*_)?status|(is_|was_)?(duplicate|draft|sandbox|disabled|hidden|obsolete|spam)"
    r"|(.*_)?live_?mode|(is_)?(live|test_?mode|test|test_(account|data|user|flag|row))"
    r"|(is_|_fivetran_)?((in)?active|enabled)"
    r"|(is_)?(internal|demo|dummy|fake|bot)|is_staff"
    r"|(row_)?(is_)?(current|latest)(_(flag|row|record|version))?"
    rf"|environment|{OPERATION.pattern}"
)
# The same as status; of accounts and users it may be a part of a country.
STATE = re.compile(r"state|(subscription|invoice|payment|ticket|record|row)_state")
# Names that other systems have for optional columns, beside near spellings.
OTHER_NAMES = {
    "ended_on": "ended ends expires expired terminated canceled cancelled churned",
    "subscription_item_id": "item_id line_item_id subscription_line_id",
    "seats": "quantity qty licenses licences seat_count",
    "list_amount": "list_price gross_amount",
    "is_trial": "in_trial trial trialing",
    "cancel_reason": "cancellation_reason cancelation_reason churn_reason",
    "term_months": "contract_months commitment_months",
    "session_minutes": "duration_minutes session_duration duration",
    "score": "rating answer_value",
    "comment": "feedback verbatim answer_text",
    "responded_at": "answered responded response completed submitted",
    "account_name": "company company_name customer_name",
    "industry": "vertical sector",
    "country": "country_code billing_country",
    "employees": "employee_count headcount company_size number_of_employees",
    "acquisition_channel": "lead_source",
    "csm_owner": "csm account_manager csm_email",
    "is_internal": "internal",
    "email": "email_address mail",
    "deactivated_at": "suspended disabled_at",
    "first_response_at": "first_reply first_replied",
    "closed_at": "resolved solved",
    "paid_on": "payment_date paid",
    "updated_at": "modified last_modified last_updated",
}
FILLERS = {
    *("on", "at", "date", "time", "datetime", "timestamp", "ts", "dt", "utc", "day"),
    "is",
}


@dataclass(frozen=True)
class Mark:
    """A delivered column that may say that a row does not count."""

    name: str
    is_deletion: bool


def check_versions(
    finding: Finding, renamed: Mapping[str, str], *, has_filter: bool
) -> None:
    """A table of versions is refused until a var says how to read it (rule 86).

    Args:
        finding: The table as delivered.
        renamed: Its part of var raw_columns.
        has_filter: Whether var raw_filters has a condition for it.
    """
    names = {
        spelling: one.name.strip().lower()
        for one in finding.fields
        for spelling in spellings(one.name)
    }
    used = {theirs.lower() for theirs in renamed.values()}
    for pair in VERSION_PAIRS:
        if has_filter or not names.keys() >= {*pair}:
            continue
        start, end = (names[name] for name in pair)
        if {start, end} <= used:
            continue
        table = finding.table.name
        current = f"{end} is null"
        if start == "_fivetran_start":
            active = "_fivetran_active"
            is_there = active in names
            current = f"{active} = 'true'" if is_there else f"{end} >= '9999-01-01'"
        keep = f'raw_filters: {{{table}: "{current}"}}'
        found = (
            f"`{table}` has `{start}` and `{end}`: it is a table of versions, with a"
            " row for each version"
        )
        if table == "subscriptions":
            todo = (
                ", which repeats the subscription's own dates. Map them, so that each"
                " version is a period: raw_columns: {subscriptions: {started_on:"
                f" {start}, ended_on: {end}}}}}. Or keep current versions only: {keep}."
            )
        else:
            todo = f". Keep the current versions in dbt_project.yml: {keep}."
        finding.add("versions", found + todo, start)


def note_unused(
    finding: Finding,
    renamed: Mapping[str, str],
    soft_deleted: Sequence[str],
    condition: str = "",
) -> list[Mark]:
    """Note which optional columns are not there, and which delivered ones are ignored.

    Args:
        finding: The table as delivered, without problems.
        renamed: Its part of var raw_columns.
        soft_deleted: The columns of var soft_delete_columns, in lower case.
        condition: Its part of var raw_filters.

    Returns:
        Ignored columns that may say that a row does not count.
    """
    table = finding.table
    unused = unused_columns(finding, renamed)
    by_filter = set(re.findall(r"\w+", condition.lower()))
    missing = []
    for name in table.names:
        delivered = {one.name.strip().lower() for one in finding.fields}
        if renamed.get(name, name).lower() in delivered:
            continue
        near = nearest(table, name, unused)
        if near and name not in renamed:
            unused.remove(near)
            finding.warnings.append(
                f"no `{name}` (optional): did you mean `{display(near)}`? map it:"
                f" raw_columns: {{{table.name}: {{{name}: {near}}}}}"
            )
        elif name != OPTIONAL_EXTRA:
            missing.append(name)
    if missing:
        finding.notes.append(f"optional columns not there: {', '.join(missing)}")
    marks, ignored = [], []
    delivered_as = {one.name.strip().lower(): one.name for one in finding.fields}
    for name in unused:
        written = spellings(delivered_as[name])
        if name in soft_deleted:
            finding.notes.append(f"`{name}` is used: var soft_delete_columns")
        elif name in by_filter:
            finding.notes.append(f"`{name}` is used: var raw_filters")
        elif any(DELETED.fullmatch(one) for one in written):
            marks.append(Mark(name, is_deletion=True))
        elif any(is_mark(table, one) for one in written):
            marks.append(Mark(name, is_deletion=False))
        else:
            ignored.append(name)
    if ignored:
        some = ", ".join(display(name) for name in ignored[:12])
        more = f" and {len(ignored) - 12} more" if len(ignored) > 12 else ""
        finding.notes.append(f"ignored columns: {some}{more}")
    return marks


def is_mark(table: RawTable, name: str) -> bool:
    """Whether a name says, of rows of this table, that some may not count."""
    if MARK.fullmatch(name):
        return True
    return table.name not in ("accounts", "users") and bool(STATE.fullmatch(name))


def spellings(name: str) -> set[str]:
    """A column's name in lower case, and with underscores: `isDeleted`, `deletedat`."""
    lowered = name.strip().lower()
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()).lower()
    apart = re.sub(r"^(is|was)(?=[a-z])", r"\1_", words)
    return {
        lowered,
        words,
        *(re.sub(r"ed(at|on|by|date)$", r"ed_\1", one) for one in (words, apart)),
    }


def unused_columns(finding: Finding, renamed: Mapping[str, str]) -> list[str]:
    """Delivered columns, in lower case, that are neither the contract's nor mapped."""
    used = {theirs.lower() for theirs in renamed.values()}
    names = (one.name.strip().lower() for one in finding.fields)
    known = {name for name in finding.table.names if name not in renamed}
    return [name for name in names if name and name not in known | used]


def nearest(table: RawTable, column: str, unused: Sequence[str]) -> str | None:
    """The delivered column that most likely is this one; none where none is near."""
    own = {_stem(word) for word in table.name.split("_")}
    wanted = [_words(column, own)]
    wanted += [_words(other, own) for other in OTHER_NAMES.get(column, "").split()]
    for words in wanted:
        for name in unused:
            if words and _words(name, own) == words:
                return name
    return next(iter(get_close_matches(column, unused, 1, 0.8)), None)


def _words(name: str, own: set[str]) -> frozenset[str]:
    """What a name says: `subscription_end_date` and `ended_on` are both of an end."""
    parts = [re.sub(r"(date|time)$", "", part) or part for part in name.split("_")]
    stems = {_stem(part) for part in parts if part not in FILLERS}
    return frozenset(stems - own or stems) - {""}


def _stem(word: str) -> str:
    return re.sub(r"(ed|es|s|e)$", "", word)

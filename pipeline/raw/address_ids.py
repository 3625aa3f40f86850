"""E-mail addresses in id columns, which marts publish: var `address_ids`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from pipeline.addresses import has_address
from pipeline.raw.columns import TEXTS
from pipeline.raw.context import InspectionContext
from pipeline.raw.contract import EVENT_TABLES, SAMPLED_ROWS
from pipeline.raw.findings import Finding, Problem
from pipeline.raw.settings import raw_filters
from pipeline.raw.text import display
from pipeline.settings import Settings
from pipeline.sql import sql_text

CHOICES = ("refuse", "hash", "publish")


def check_address_settings(
    config: Mapping[str, Any], settings: Settings
) -> list[Problem]:
    """Whether var address_ids is one of its choices, and has the salt that it needs."""
    given = config.get("address_ids", "refuse")
    where, rule = "var address_ids", "bad_address_ids"
    if given not in CHOICES:
        expected = f"expected {', '.join(CHOICES[:-1])} or {CHOICES[-1]}."
        return [Problem(where, rule, f"it is `{display(given)}`; {expected}")]
    if given == "hash" and not settings.email_hash_salt:
        message = (
            "it is `hash`, and EMAIL_HASH_SALT is not set. Set it to a long random"
            " text, keep it secret, and keep it the same: another salt gives other ids."
        )
        return [Problem(where, rule, message)]
    return []


def check_address_ids(context: InspectionContext, finding: Finding) -> None:
    """No id column holds addresses, or var address_ids says what to do with them.

    Of tables of events the first rows are read, of all others every row. Rows that var
    raw_filters leaves out do not count.
    """
    if context.config.get("address_ids", "refuse") != "refuse":
        return
    columns = _id_columns(context, finding)
    if not columns or not finding.relation:
        return
    table = finding.table.name
    is_sample = table in EVENT_TABLES
    counts = ", ".join(
        f"count(*) filter (where {condition})" for condition in columns.values()
    )
    condition = raw_filters(context.config).get(table)
    query = f"select * from {finding.relation}"
    query += f" where ({condition})" if condition else ""
    query += f" limit {SAMPLED_ROWS}" if is_sample else ""
    try:
        row = context.connection.execute(
            f"select count(*), {counts} from ({query})"
        ).fetchone()
    except duckdb.Error:
        return  # what cannot be read is reported when it is read
    assert row is not None
    rows, *found = row
    of = f"the first {rows:,}" if is_sample and rows == SAMPLED_ROWS else f"{rows:,}"
    for name, count in zip(columns, found, strict=True):
        if count:
            finding.add("address_ids", _message(name, f"{count:,} of {of}"), name)


def _id_columns(context: InspectionContext, finding: Finding) -> dict[str, str]:
    """Delivered id columns of text, and the SQL by which a row holds an address."""
    renamed = context.mapping.get(finding.table.name, {})
    fields = {one.name.strip().lower(): one for one in finding.fields}
    names = [str(one).lower() for one in context.config.get("placeholder_ids") or []]
    placeholders = ", ".join(sql_text(name) for name in names)
    found = {}
    for column in finding.table.columns:
        field = fields.get(renamed.get(column.name, column.name).lower())
        if not column.name.endswith("_id") or field is None:
            continue
        if not TEXTS.fullmatch(field.type.upper()):
            continue
        text = f"cast({field.sql} as varchar)"
        found[column.name] = has_address(text)
        if column.drops_placeholders and placeholders:
            found[column.name] += f" and lower(trim({text})) not in ({placeholders})"
    return found


def _message(name: str, count: str) -> str:
    return (
        f"the id `{name}` holds e-mail addresses ({count} rows), and marts publish it."
        " Deliver another id (`address_ids: refuse`, as it is now), or set var"
        " address_ids to `hash` (each address becomes a hash with EMAIL_HASH_SALT, the"
        " same in every table) or to `publish` (as delivered)."
    )

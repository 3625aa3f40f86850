"""Tables as staging leaves them (`staging.base_<table>`), made from raw text tables.

A small stand-in for staging, so that tests of the gates need no dbt: it follows the
contract in `models/staging/sources.yml` as far as the gates look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

import duckdb
import yaml

from tests.python.conftest import ROOT

EVENTS = {"logins": "logged_in_at", "feature_events": "occurred_at"}
TYPES = {
    "text": "varchar",
    "date": "date",
    "timestamp": "timestamp",
    "money": "decimal(18, 4)",
    "rate": "decimal(18, 8)",
    "number": "double",
    "integer": "integer",
    "boolean": "boolean",
}


@cache
def contract() -> Mapping[str, Any]:
    """The raw tables of the contract, by name."""
    file = ROOT / "models" / "staging" / "sources.yml"
    (source,) = yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]
    return {
        table["name"].removeprefix("raw_"): {
            **table["config"]["meta"],
            "columns": {
                column["name"]: column["config"]["meta"] for column in table["columns"]
            },
        }
        for table in source["tables"]
    }


def create_base(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[str], as_of: date
) -> None:
    """Make `staging.base_<table>` of each `raw.raw_<table>`; rates come first."""
    connection.execute("create schema if not exists staging")
    delivered = {
        row[0].removeprefix("raw_")
        for row in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        ).fetchall()
    }
    for table in sorted(tables, key=lambda table: table != "exchange_rates"):
        connection.execute(f"drop table if exists staging.base_{table}")
        if table in delivered:
            has_rates = bool(
                connection.execute(
                    "select 1 from duckdb_tables() where schema_name = 'staging'"
                    " and table_name = 'base_exchange_rates'"
                ).fetchone()
            )
            query = _rows(connection, table, has_rates)
            if table in EVENTS:
                query = _aggregated(table, query, as_of)
            connection.execute(f"create table staging.base_{table} as {query}")


def _rows(connection: duckdb.DuckDBPyConnection, table: str, has_rates: bool) -> str:
    """One row per raw row."""
    meta = contract()[table]
    columns: Mapping[str, Any] = meta["columns"]
    delivered = {
        row[0] for row in connection.execute(f"describe raw.raw_{table}").fetchall()
    }
    text = {
        column: (
            f"nullif(trim(cast({column} as varchar)), '')"
            if column in delivered
            else "cast(null as varchar)"
        )
        for column in [*columns, "updated_at"]
    }
    typed = {
        column: f"try_cast(raw_{column} as {TYPES[column_meta['type']]})"
        for column, column_meta in columns.items()
    }
    key = " || '|' || ".join(f"coalesce(raw_{column}, '')" for column in meta["key"])
    reasons = [
        *(
            f"when raw_{c} is null then 'missing_key'"
            for c in meta["key"]
            if columns[c].get("required")
        ),
        f"when row_number() over (partition by {key} order by raw_updated_at desc"
        f" nulls last, {', '.join(f'raw_{c}' for c in columns)}) > 1"
        " then 'duplicate_key'",
        *(
            f"when raw_{c} is null then 'missing_{c}'"
            for c, column_meta in columns.items()
            if column_meta.get("required")
        ),
        *(
            f"when raw_{c} is not null and {c} is null then 'unparseable_{c}'"
            for c in columns
        ),
    ]
    for column, column_meta in columns.items():
        if column_meta.get("accepted"):
            accepted = ", ".join(f"'{value}'" for value in column_meta["accepted"])
            reasons.append(f"when {column} not in ({accepted}) then 'invalid_{column}'")
        if "raw_" not in column_meta.get("invalid_when", "raw_"):
            reasons.append(
                f"when {column_meta['invalid_when']} then 'invalid_{column}'"
            )
    if "currency" in columns and table != "exchange_rates":
        known = (
            "select currency from staging.base_exchange_rates"
            " where rejection_reason is null"
            if has_rates
            else "select 'USD'"
        )
        reasons.append(
            f"when currency != 'USD' and currency not in ({known})"
            " then 'unknown_currency'"
        )
    first = meta["first_date"]
    json = ", ".join(f"'{column}', raw_{column}" for column in columns)
    return f"""
        with raw_text as (
            select {", ".join(f"{text[c]} as raw_{c}" for c in text)}
            from raw.raw_{table}
        ),
        typed as (
            select *, {", ".join(f"{typed[c]} as {c}" for c in columns)},
                try_cast(raw_updated_at as timestamp) as updated_at,
                {key} as row_key, try_cast(raw_{first} as timestamp) as first_date_at
            from raw_text
        ),
        reasoned as (
            select *, case {" ".join(reasons)} end as rejection_reason from typed
        )
        select {", ".join(columns)}, row_key,
            case when rejection_reason is not null
                then cast(json_object({json}) as varchar) end as raw_row,
            updated_at, first_date_at, rejection_reason
        from reasoned
    """


def _aggregated(table: str, rows: str, as_of: date) -> str:
    """Accepted events by account, user (, feature) and day; rejected ones singly."""
    moment = EVENTS[table]
    feature = "feature_key, " if table == "feature_events" else ""
    logins = (
        "count(session_minutes) as timed_logins,"
        " sum(session_minutes) as session_minutes,"
        if table == "logins"
        else ""
    )
    no_logins = (
        "null as timed_logins, null as session_minutes," if table == "logins" else ""
    )
    return f"""
        with rows_in as ({rows}),
        numbered as (
            select *, cast({moment} as date) as date_day,
                row_number() over (
                    partition by user_id, date_trunc('second', {moment})
                ) > 1 as is_repeated
            from rows_in where rejection_reason is null
        )
        select account_id, user_id, {feature} date_day, count(*) as row_count, {logins}
            min({moment}) as first_at, max({moment}) as last_at,
            max(updated_at) as last_updated_at,
            cast(bit_or(1 << hour({moment})) as integer) as hours_active,
            count_if(is_repeated and date_day > date '{as_of}' - 90) as repeated_rows,
            null as row_key, null as raw_row, null as rejection_reason
        from numbered group by all
        union all by name
        select account_id, user_id, {feature} null as date_day, 1 as row_count,
            {no_logins} {moment} as first_at, {moment} as last_at,
            updated_at as last_updated_at, 0 as hours_active, 0 as repeated_rows,
            row_key, raw_row, rejection_reason
        from rows_in where rejection_reason is not null
    """

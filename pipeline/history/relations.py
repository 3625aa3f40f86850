"""What models read of the history, copied into schema `raw` of a warehouse."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.console import display_path
from pipeline.hashes import short_hash
from pipeline.history.file import (
    ALIAS,
    TABLES,
    attached,
    columns_of,
    last_snapshot,
    read_last_snapshot,
)
from pipeline.sql import sql_text

# The last version of each day; names are not needed there.
ACCOUNT_HISTORY = """
    select
        account_id,
        industry,
        country,
        employees,
        acquisition_channel,
        csm_owner,
        segments,
        is_deleted,
        valid_from
    from (
        select
            *,
            row_number() over (
                partition by account_id, valid_from order by snapshot_number desc
            ) as version_rank
        from {source}
    ) as ranked
    where version_rank = 1
"""

# The last version of each day of what a subscription's items were sold for.
ITEM_HISTORY = """
    select
        subscription_id,
        subscription_item_id,
        plan,
        billing_interval,
        seats,
        is_ended,
        valid_from
    from (
        select
            *,
            row_number() over (
                partition by subscription_id, subscription_item_id, valid_from
                order by snapshot_number desc
            ) as version_rank
        from {source}
    ) as ranked
    where version_rank = 1
"""
# They are made again when a new version of this project reads other columns.
LAYOUT = short_hash((ACCOUNT_HISTORY + ITEM_HISTORY).encode())
NONE = f"{LAYOUT} none"
RELATIONS = ("account_history", "history_starts", "subscription_item_history")


def about_history(file: Path | None, origin: str) -> list[str]:
    """What to print before a build: whether there is a history, and is used.

    Raises:
        HistoryError: It cannot be read.
    """
    last = read_last_snapshot(file)
    if file is None or last is None:
        return []
    if last.origin != origin:
        return [
            f"The history in {display_path(file)} is of {last.origin}: not used for"
            f" data from {origin}."
        ]
    return [f"History: {display_path(file)}, last snapshot as of {last.as_of_date}."]


def create_history_relations(
    connection: duckdb.DuckDBPyConnection, file: Path | None, origin: str
) -> None:
    """Make the RELATIONS in schema `raw` what the history says.

    They are empty where there is no history, or it is of data from elsewhere. Nothing
    is done where they are as they should be.

    Args:
        connection: Of the warehouse.
        file: The history.
        origin: Where the warehouse's raw data comes from.

    Raises:
        HistoryError: The history cannot be read.
    """
    version = NONE
    if file is not None and file.exists():
        version = f"{LAYOUT} {file} {file.stat().st_mtime_ns} {origin}"
    if _version(connection) == version:
        return
    if file is None or version == NONE:
        _create(connection, version, has_history=False)
        return
    with attached(connection, file, read_only=True):
        last = last_snapshot(connection)
        has_history = last is not None and last.origin == origin
        _create(connection, version, has_history=has_history)


def _create(
    connection: duckdb.DuckDBPyConnection, version: str, *, has_history: bool
) -> None:
    sources = {
        table.name: f"{ALIAS}.{table.name}" if has_history else _empty(table.name)
        for table in TABLES
    }
    if has_history and "segments" not in columns_of(connection, "accounts_history"):
        kept = sources["accounts_history"]
        sources["accounts_history"] = (
            f"(select *, cast(null as varchar) as segments from {kept})"
        )
    versions = ACCOUNT_HISTORY.format(source=sources["accounts_history"])
    items = ITEM_HISTORY.format(source=sources["subscription_items_history"])
    starts = " union all ".join(
        f"select {sql_text(table.of_table)} as source_table,"
        f" min(valid_from) as history_from from {sources[table.name]}"
        " having min(valid_from) is not null"
        for table in TABLES
        if table.of_table != "subscriptions"  # their history is delivered
    )
    connection.execute("begin")
    try:
        connection.execute("create schema if not exists raw")
        connection.execute(f"create or replace table raw.account_history as {versions}")
        connection.execute(f"create or replace table raw.history_starts as {starts}")
        connection.execute(
            f"create or replace table raw.subscription_item_history as {items}"
        )
        connection.execute(
            f"comment on table raw.account_history is {sql_text(version)}"
        )
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _empty(name: str) -> str:
    (table,) = (one for one in TABLES if one.name == name)
    columns = {
        **dict.fromkeys(table.key, "varchar"),
        **table.columns,
        table.gone: "boolean",
        "valid_from": "date",
        "snapshot_number": "bigint",
    }
    cells = ", ".join(f"cast(null as {kind}) as {n}" for n, kind in columns.items())
    return f"(select {cells} where false) as {name}"


def _version(connection: duckdb.DuckDBPyConnection) -> str | None:
    """What the relations were made from; None where one of them is not there."""
    found = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables()"
            " where database_name = current_database() and schema_name = 'raw'"
            f" and table_name in ({', '.join(map(sql_text, RELATIONS))})"
        ).fetchall()
    )
    return found.get("account_history") if len(found) == len(RELATIONS) else None

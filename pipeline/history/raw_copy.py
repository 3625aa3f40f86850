"""Rows of a small file, copied into schema `raw` of a warehouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb

from pipeline.sql import sql_text


def copy_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    version: str,
    read: Callable[[], Sequence[Sequence[Any]]],
) -> None:
    """Replace a table of schema `raw`, unless it has this version already.

    Args:
        connection: Of the warehouse.
        table: Its name.
        columns: Their types by name.
        version: What identifies the rows; kept as the table's comment.
        read: Gives the rows.
    """
    found = connection.execute(
        "select comment from duckdb_tables()"
        " where database_name = current_database() and schema_name = 'raw'"
        " and table_name = ?",
        [table],
    ).fetchall()
    if found and found[0][0] == version:
        return
    rows = read()
    definition = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    marks = ", ".join("?" for _ in columns)
    connection.execute("begin")
    try:
        connection.execute("create schema if not exists raw")
        connection.execute(f"create or replace table raw.{table} ({definition})")
        if rows:
            connection.executemany(f"insert into raw.{table} values ({marks})", rows)
        connection.execute(f"comment on table raw.{table} is {sql_text(version)}")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise

"""Ids that two sources of one table both have.

Each row belongs to one source. Of two rows with one id, staging would keep the newer
and reject the other as a duplicate, whatever the two are.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from pipeline.raw.contract import raw_contract
from pipeline.raw.sources import sources_of_tables
from pipeline.sql import sql_name

SHOWN = 3


def shared_ids(database: Path, config: Mapping[str, Any]) -> list[str]:
    """A line for each two sources of a table that have an id in common.

    Args:
        database: A warehouse whose staging is built.
        config: The vars.
    """
    pairs = [
        (table, pair)
        for table, sources in sources_of_tables(config).items()
        for pair in combinations(sources, 2)
    ]
    if not pairs:
        return []
    lines = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for table, pair in pairs:
            key = raw_contract()[table].key[0]
            if count_and_ids := _in_both(connection, table, key, pair):
                lines.append(_line(table, key, pair, *count_and_ids))
    return lines


def _in_both(
    connection: duckdb.DuckDBPyConnection, table: str, key: str, pair: tuple[str, str]
) -> tuple[int, list[str]] | None:
    ids = " intersect ".join(
        f"select trim(cast({sql_name(key)} as varchar)) as id"
        f" from raw.{sql_name(f'{source}__{table}')}"
        for source in pair
    )
    row = connection.execute(
        f"select count(*), list(id order by id)[:{SHOWN}] from ({ids}) as shared"
        " where id <> ''"
    ).fetchone()
    return (row[0], row[1]) if row and row[0] else None


def _line(
    table: str, key: str, pair: tuple[str, str], count: int, ids: list[str]
) -> str:
    one, other = pair
    more = f" and {count - len(ids):,} more" if count > len(ids) else ""
    return (
        f"{table}: {key} {', '.join(ids)}{more} in {one} and in {other}. A row belongs"
        " to one source: leave it out of the other's tables, or name one of the two in"
        " var sources."
    )

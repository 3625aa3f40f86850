"""The last look before readers get a file: does any text in it hold an address?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.addresses import has_address
from pipeline.history.reported import TABLE as REPORTED
from pipeline.publish.published_file import FREE_TEXT, SCHEMA
from pipeline.sql import sql_name


@dataclass(frozen=True)
class Found:
    """E-mail addresses in a column of a mart, which must not be published."""

    mart: str
    column: str
    rows: int

    def __str__(self) -> str:
        """For a person; the addresses themselves are not repeated."""
        rows = f"{self.rows:,} row{'s' * (self.rows > 1)}"
        return f"{self.mart}.{self.column}: {rows}"


def addresses(published: Path, config: Mapping[str, Any]) -> list[Found]:
    """Text columns with e-mail addresses that no var lets through.

    Comments are the business of var publish_comments, owners of publish_owner_addresses
    and ids of address_ids; var gate_exceptions waives other columns by their name.
    """
    found = []
    with duckdb.connect(str(published), read_only=True) as connection:
        marts: dict[str, list[str]] = {}
        for mart, column in connection.execute(
            "select table_name, column_name from duckdb_columns()"
            " where schema_name = ? and data_type = 'VARCHAR'"
            " order by table_name, column_index",
            [SCHEMA],
        ).fetchall():
            if not _is_allowed(mart, column, config):
                marts.setdefault(mart, []).append(column)
        for mart, columns in marts.items():
            counts = ", ".join(
                f"count(*) filter (where {has_address(sql_name(column))})"
                for column in columns
            )
            row = connection.execute(
                f"select {counts} from {SCHEMA}.{sql_name(mart)}"
            ).fetchone()
            assert row is not None
            found += [
                Found(mart, column, rows)
                for column, rows in zip(columns, row, strict=True)
                if rows
            ]
    return found


def refusal(found: list[Found]) -> str:
    """What to print where the file may not be published."""
    lines = ["FAILED  The candidate holds e-mail addresses. Nothing was published."]
    lines += [f"  {one}" for one in found]
    lines.append(
        "Correct them at the source, or leave the rows out with var raw_filters; ids:"
        " var address_ids. If a column is meant to be published with them, add"
        f' "publish: addresses in {found[0].column}" to var gate_exceptions.'
    )
    return "\n".join(lines)


def _is_allowed(mart: str, column: str, config: Mapping[str, Any]) -> bool:
    """Whether a var says that the column may hold addresses."""
    # figures_reported.detail names accounts
    named = (mart, column) in {("rejected_rows", "row_key"), (REPORTED, "detail")}
    is_id = column.endswith("_id") or named
    is_owner = column in ("csm_owner", "note_author", "segment_value")
    return (
        (is_id and config["address_ids"] == "publish")
        or (is_owner and bool(config["publish_owner_addresses"]))
        or (column in FREE_TEXT.get(mart, ()) and bool(config["publish_comments"]))
        or f"publish: addresses in {column}" in config["gate_exceptions"]
    )

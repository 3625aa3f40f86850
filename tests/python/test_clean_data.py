"""Clean data, odd as it may be, loses no row: random data sets, all in one build."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.oracle import random_data
from tests.oracle.rows import TABLES, Table, read_csv_folder
from tests.python.test_bad_rows import build_from


def clean_data(folder: Path, seed: int) -> dict[str, Table]:
    """A random data set whose ids and currencies no other one has."""
    random_data.write(folder, seed, clean=True)
    tables = {}
    for table, rows in read_csv_folder(folder).items():
        assert isinstance(rows, Table)
        for row in rows:
            for name, cell in row.items():
                is_foreign = name == "currency" and cell != "USD"
                if cell and (name.endswith("_id") or is_foreign):
                    row[name] = f"{seed}-{cell.strip()}"
        tables[table] = rows
    return tables


# Validated events are counted by day.
ROW_COUNTS = {"logins": "row_count", "feature_events": "row_count"}


def can_be_combined(tables: dict[str, Table]) -> bool:
    """What is missing in one must not become wrong next to the others.

    Where others have accounts or users, or the moment of an answer, they are needed.
    """
    return (
        bool(tables.get("accounts"))
        and bool(tables.get("users"))
        and "responded_at" in tables["surveys"].columns
    )


def combine(data_sets: list[dict[str, Table]]) -> dict[str, Table]:
    """All of them as one. Of costs, and of USD rates, there can be only one's."""
    combined = {}
    for table, columns in TABLES.items():
        rows = [row for data_set in data_sets for row in data_set.get(table, ())]
        if table == "costs":
            rows = list(next(ds["costs"] for ds in data_sets if ds.get("costs")))
        if table == "exchange_rates":
            first = next(row for row in rows if row["currency"] == "USD")
            rows = [row for row in rows if row["currency"] != "USD" or row is first]
        names = [column.name for column in columns]
        combined[table] = Table(rows, [*names, "updated_at"])
    return combined


@pytest.mark.parametrize("number", [10, pytest.param(50, marks=pytest.mark.long)])
def test_clean_data_loses_no_row(tmp_path: Path, number: int) -> None:
    data_sets: list[dict[str, Table]] = []
    seed = 0
    while len(data_sets) < number:
        seed += 1
        tables = clean_data(tmp_path / f"{seed}", seed)
        if can_be_combined(tables):
            data_sets.append(tables)
    assert seed < 2 * number, "most data sets should be of use"

    raw = tmp_path / "raw"
    raw.mkdir()
    rows_in: Counter[str] = Counter()
    for table, rows in combine(data_sets).items():
        rows_in[table] = len(rows)
        with (raw / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(
                file, rows.columns, extrasaction="ignore", lineterminator="\n"
            )
            writer.writeheader()
            writer.writerows(rows)
    assert min(rows_in.values()) > number

    done = build_from(
        tmp_path,
        *("test", "--select", "staging", "+rejected_rows", "+data_quality_summary"),
        as_of="2025-01-31",
        config={},
    )
    assert done.returncode == 0, done.stdout[-6000:]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as found:
        rejected = found.execute(
            "select source_table, row_key, reason, raw_row from marts.rejected_rows"
        ).fetchall()
        accepted = dict(
            found.execute(
                "select source_table, accepted from marts.data_quality_summary"
            ).fetchall()
        )
        staged = {
            table: found.execute(
                f"select coalesce(sum({ROW_COUNTS.get(table, '1')}), 0)"
                f" from staging.base_{table} where rejection_reason is null"
            ).fetchall()[0][0]
            for table in TABLES
        }
    assert rejected == []
    assert staged == accepted == rows_in

"""Bad rows of every kind, each on its own ids, built at once: none is lost or wrong.

`tests/data/bad_rows.yml.txt` has the kinds (dbt would read every `.yml` in `tests/`).
They come in as CSV files and as Parquet files of text alone, the latter in the reverse
order, since the order of rows must not matter. A third way in, `independent`, is the
second implementation in plain Python: two readings of the rules that have to agree.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any

import duckdb
import pytest
import yaml

from pipeline.exit_codes import GATE_FAILED
from tests.oracle import rows as independent
from tests.python.conftest import ROOT, dbt, pipeline

pytestmark = pytest.mark.xdist_group("bad rows")  # of which one build has all

AS_OF = "2024-12-31"
TABLES = {
    table: [column.name for column in columns]
    for table, columns in independent.TABLES.items()
}
KEYS = {
    table: {column.name: column.kind for column in columns if column.is_key}
    for table, columns in independent.TABLES.items()
}
# What a reader of the contract takes for white space, the two oddest included.
WHITE_SPACE = " \t\n\r\v\f\u00a0\ufeff"
REDACTED = ("email", "comment", "risk_reason", "next_step")
MARTS = (
    "dim_accounts",
    "dim_users",
    "fct_subscription_periods",
    "fct_user_days",
    "nps_segments",
)
COUNTS = ("rejected_rows", "rejections_by_reason", "data_quality_summary")
# Columns that are delivered beside the contract: of a row's version, its deletion, and
# one that only the user's filter knows.
EXTRA = ("updated_at", "_fivetran_deleted", "is_test")
CONFIG: dict[str, object] = {
    "unknown_ids": "reject",
    "raw_filters": dict.fromkeys(TABLES, "coalesce(is_test, '') <> 'yes'"),
}
SET_ASIDE = {"filtered": {"is_test": "yes"}, "deleted_at_source": {EXTRA[1]: "true"}}
# Validated by day: their columns in staging.base_<table>, by those of the contract.
EVENTS = {"logins": "logged_in_at", "feature_events": "occurred_at"}

Cells = dict[str, "str | None"]


# ---- the corpus ------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A raw row, and what is to become of it."""

    table: str
    cells: Cells
    expected: str = "accepted"
    staging: Cells = field(default_factory=dict)

    def trimmed(self, column: str) -> str | None:
        return (self.cells.get(column) or "").strip(WHITE_SPACE) or None

    @property
    def row_key(self) -> str:
        return "|".join(self.trimmed(name) or "" for name in KEYS[self.table])

    @property
    def staging_key(self) -> tuple[str | None, ...]:
        """As staging has it: without the time that a date may carry."""
        return tuple(
            (self.staging.get(name) or self.trimmed(name) or "")[:10]
            if kind == "date"
            else self.trimmed(name)
            for name, kind in KEYS[self.table].items()
        )

    @property
    def raw_row(self) -> str:
        """What rejected_rows says of it, as sorted JSON; null where it is set aside."""
        if self.expected in SET_ASIDE:
            return "null"
        cells = {name: self.trimmed(name) for name in TABLES[self.table]}
        for name in REDACTED:
            if cells.get(name):
                cells[name] = "[redacted]"
        return json.dumps(cells, sort_keys=True)


@dataclass(frozen=True)
class Kind:
    """Some rows that belong together, and no other kind's."""

    name: str
    rows: list[Row]
    in_marts: dict[str, Cells]
    not_in_marts: dict[str, Cells]
    deviates: dict[str, str]


def filled(text: str, entry: dict[str, Any], number: int) -> str | None:
    """A scalar of the corpus with its placeholders filled in."""
    if text == "<missing>":
        return None
    month = f"{1995 + number // 12}-{number % 12 + 1:02d}-01"
    for placeholder, value in (
        ("<id>", entry["name"]),
        ("<month>", month),
        ("<text>", entry.get("text", "")),
    ):
        text = text.replace(placeholder, value)
    return text


def read_kind(
    entry: dict[str, Any], number: int, templates: dict[str, dict[str, str]]
) -> Kind:
    assert entry.keys() <= {
        *("name", "table", "text", "cells", "expected", "rows", "staging"),
        *("in_marts", "not_in_marts", "deviates"),
    }, entry
    given = entry.get("rows") or [
        {key: entry[key] for key in ("cells", "expected", "staging") if key in entry}
    ]
    tables = {row.get("table", entry["table"]) for row in given}
    added = []
    if "accounts" not in tables:
        added += ["accounts"] if "users" in tables else ["accounts", "users"]

    def fill(cells: dict[str, str]) -> Cells:
        return {name: filled(text, entry, number) for name, text in cells.items()}

    rows = []
    for row in [{"table": table} for table in added] + given:
        table = row.get("table", entry["table"])
        cells = row.get("cells", {})
        assert cells.keys() <= {*TABLES[table], *EXTRA}, (entry["name"], cells)
        rows.append(
            Row(
                table=table,
                cells=fill({**templates[table], **cells}),
                expected=row.get("expected", "accepted"),
                staging=fill(row.get("staging", {})),
            )
        )
    return Kind(
        name=entry["name"],
        rows=rows,
        in_marts={k: fill(v) for k, v in entry.get("in_marts", {}).items()},
        not_in_marts={k: fill(v) for k, v in entry.get("not_in_marts", {}).items()},
        deviates=entry.get("deviates", {}),
    )


def read_kinds() -> list[Kind]:
    text = (ROOT / "tests" / "data" / "bad_rows.yml.txt").read_text(encoding="utf-8")
    corpus = yaml.load(text, Loader=yaml.BaseLoader)  # all scalars stay text
    set_aside = [
        {"name": f"{reason}_in_{table}", "table": table, "cells": cells}
        | {"expected": reason}
        for reason, cells in SET_ASIDE.items()
        for table in TABLES
    ]
    return [
        read_kind(entry, number, corpus["templates"])
        for number, entry in enumerate(corpus["kinds"] + set_aside)
    ]


KINDS = read_kinds()
ALL_ROWS = [row for kind in KINDS for row in kind.rows]


# ---- building it -----------------------------------------------------------------


def write_csv(folder: Path, rows: Sequence[Row]) -> None:
    folder.mkdir()
    for table, names in TABLES.items():
        header = [*names, *EXTRA, "not_in_the_contract"]
        path = folder / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            for row in rows:
                if row.table == table:
                    writer.writerow([row.cells.get(name) or "" for name in header])


def write_parquet(folder: Path, rows: Sequence[Row]) -> None:
    folder.mkdir()
    with duckdb.connect() as connection:
        for table, names in TABLES.items():
            header = [*names, *EXTRA]
            columns = ", ".join(f"{name} varchar" for name in header)
            connection.execute(f"create table {table} ({columns})")
            connection.executemany(
                f"insert into {table} values ({', '.join('?' * len(header))})",
                [
                    [row.cells.get(name) for name in header]
                    for row in reversed(rows)
                    if row.table == table
                ],
            )
            connection.execute(f"copy {table} to '{folder / table}.parquet'")


@dataclass(frozen=True)
class Outcome:
    """What a build made of the rows, as text."""

    rejected: list[dict[str, str]]
    staged: dict[str, list[Cells]]
    marts: dict[str, list[Cells]]
    summary: dict[str, tuple[int, int, int]]
    by_reason: dict[tuple[str, str], int]


def read_outcome(database: Path, marts: Sequence[str] = MARTS) -> Outcome:
    with duckdb.connect(str(database), read_only=True) as connection:

        def as_text(relation: str) -> list[dict[str, Any]]:
            found = connection.execute(
                f"select cast(columns(*) as varchar) from {relation}"
            )
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        return Outcome(
            rejected=[
                {
                    **row,
                    "raw_row": json.dumps(
                        json.loads(row["raw_row"] or "null"), sort_keys=True
                    ),
                }
                for row in as_text("marts.rejected_rows")
            ],
            staged={
                table: as_text(
                    f"staging.stg_{table}"
                    if table not in EVENTS
                    else "(select * exclude (input_fingerprint)"
                    f" from staging.base_{table} where rejection_reason is null)"
                )
                for table in TABLES
            },
            marts={mart: as_text(f"marts.{mart}") for mart in marts},
            summary={
                row["source_table"]: (
                    int(row["rows_in"]),
                    int(row["accepted"]),
                    int(row["rejected"])
                    + int(row["filtered"])
                    + int(row["deleted_at_source"]),
                )
                for row in as_text("marts.data_quality_summary")
            },
            by_reason={
                (row["source_table"], row["reason"]): int(row["rejected_rows"])
                for row in as_text("marts.rejections_by_reason")
            },
        )


def build_from(
    folder: Path,
    *arguments: str,
    as_of: str = AS_OF,
    config: dict[str, object] = CONFIG,
) -> subprocess.CompletedProcess[str]:
    """`dbt build` over the tables in a folder's `raw`, without the unit tests."""
    return dbt(
        folder,
        *("build", "--exclude-resource-type", "unit_test", *arguments),
        environment={"RAW_LOCATION": str(folder / "raw"), "AS_OF_DATE": as_of},
        config=config,
    )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Every kind in one build per way in: the whole project from CSV, with its tests.

    From Parquet, only the validation of rows is tested. That too many are rejected is
    not what is tested here."""
    found = {}
    folder = tmp_path_factory.mktemp("rows")
    write_csv(folder / "raw", ALL_ROWS)
    done = build_from(folder, "--exclude", "rejections_within_limits")
    assert done.returncode == 0, done.stdout[-6000:]
    found["csv"] = read_outcome(folder / "warehouse.duckdb")

    folder = tmp_path_factory.mktemp("rows")
    write_parquet(folder / "raw", ALL_ROWS)
    done = build_from(
        folder, "test", "--select", "staging", *(f"+{mart}" for mart in COUNTS)
    )
    assert done.returncode == 0, done.stdout[-6000:]
    found["parquet"] = read_outcome(folder / "warehouse.duckdb", marts=())
    return found


# ---- each kind -------------------------------------------------------------------


def of_each_kind(*ways: str) -> list[Any]:
    """A test for every way and kind; a known deviation has to be there."""
    found = []
    for way in ways:
        for kind in KINDS:
            why = kind.deviates.get("independent" if way == "independent" else "dbt")
            marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
            found.append(pytest.param(way, kind, id=f"{way}-{kind.name}", marks=marks))
    return found


@pytest.mark.parametrize(("way", "kind"), of_each_kind("csv", "parquet"))
def test_kind(outcomes: dict[str, Outcome], way: str, kind: Kind) -> None:
    outcome = outcomes[way]

    raw_rows = {(row.table, row.row_key, row.raw_row) for row in kind.rows}
    rejected = Counter(
        (row["source_table"], row["row_key"], row["reason"], row["raw_row"])
        for row in outcome.rejected
        if (row["source_table"], row["row_key"], row["raw_row"]) in raw_rows
    )
    assert rejected == Counter(
        (row.table, row.row_key, row.expected, row.raw_row)
        for row in kind.rows
        if row.expected != "accepted"
    )

    for table in EVENTS:
        assert_events(
            [row for row in kind.rows if row.table == table], outcome.staged[table]
        )
    for table, key in {
        (row.table, row.staging_key): None
        for row in kind.rows
        if row.table not in EVENTS
    }:
        expected = [
            row
            for row in kind.rows
            if (row.table, row.staging_key, row.expected) == (table, key, "accepted")
        ]
        staged = [
            row
            for row in outcome.staged[table]
            if tuple(row[name] or None for name in KEYS[table]) == key
        ]
        assert len(staged) == len(expected), (table, key)
        for row in expected:
            found = {name: staged[0][name] for name in row.staging}
            assert found == row.staging

    if way != "csv":
        return  # the marts are made of the same staging: see below
    for mart, cells in kind.in_marts.items():
        assert len(with_cells(outcome.marts[mart], cells)) == 1, (mart, cells)
    for mart, cells in kind.not_in_marts.items():
        assert with_cells(outcome.marts[mart], cells) == []


def assert_events(rows: list[Row], days: list[Cells]) -> None:
    """Accepted events are counted under who did what, with their moment and minutes."""
    by = ("account_id", "user_id", "feature_key")

    def group(cells: Cells) -> tuple[str | None, ...]:
        return tuple(cells.get(name) for name in by)

    accepted = [row for row in rows if row.expected == "accepted"]
    counts = Counter(
        tuple(row.trimmed(name) if name in TABLES[row.table] else None for name in by)
        for row in accepted
    )
    for who in {group({n: row.trimmed(n) for n in by}) for row in rows}:
        found = [day for day in days if group(day) == who]
        assert sum(int(day["row_count"] or 0) for day in found) == counts[who], who
        for row in accepted:
            at = row.staging.get(EVENTS[row.table])
            assert at is None or at in [
                day[name] for day in found for name in ("first_at", "last_at")
            ]
            if "session_minutes" in row.staging:
                minutes = [day["session_minutes"] for day in found]
                assert row.staging["session_minutes"] in minutes


def with_cells(rows: list[Cells], cells: Cells) -> list[Cells]:
    return [row for row in rows if all(row[k] == v for k, v in cells.items())]


@pytest.mark.parametrize(("way", "kind"), of_each_kind("independent"))
def test_kind_where_computed_independently(way: str, kind: Kind) -> None:
    rows = kind.rows if kind is KINDS[0] else KINDS[0].rows + kind.rows
    accepted = independent.accept(
        {
            table: independent.Table(
                [row.cells for row in rows if row.table == table],
                [*names, *EXTRA],
            )
            for table, names in TABLES.items()
        },
        CONFIG,
    )
    rejected = Counter(
        (row.source_table, row.row_key, row.reason) for row in accepted.rejected
    )
    assert rejected == Counter(
        (row.table, row.row_key, row.expected)
        for row in kind.rows
        if row.expected != "accepted"
    )


# ---- all together ----------------------------------------------------------------


@pytest.mark.parametrize("way", ["csv", "parquet"])
def test_no_row_is_silent(outcomes: dict[str, Outcome], way: str) -> None:
    outcome = outcomes[way]
    written = Counter(row.table for row in ALL_ROWS)
    rejected = Counter(row["source_table"] for row in outcome.rejected)
    for table in TABLES:
        staged = sum(int(row.get("row_count") or 1) for row in outcome.staged[table])
        assert written[table] == staged + rejected[table]
        assert outcome.summary[table] == (written[table], staged, rejected[table])
    # what is rejected was written, and no row of it twice
    assert Counter(
        (row["source_table"], row["row_key"], row["raw_row"])
        for row in outcome.rejected
    ) <= Counter((row.table, row.row_key, row.raw_row) for row in ALL_ROWS)
    assert outcome.by_reason == Counter(
        (row["source_table"], row["reason"]) for row in outcome.rejected
    )


@pytest.mark.parametrize("way", ["csv", "parquet"])
def test_occurrences_count_up(outcomes: dict[str, Outcome], way: str) -> None:
    counted: dict[tuple[str, str, str], list[int]] = {}
    for row in outcomes[way].rejected:
        group = (row["source_table"], row["row_key"], row["reason"])
        counted.setdefault(group, []).append(int(row["occurrence"]))
    for occurrences in counted.values():
        assert sorted(occurrences) == list(range(1, len(occurrences) + 1))
    assert max(map(len, counted.values())) > 2


def test_csv_and_parquet_are_the_same(outcomes: dict[str, Outcome]) -> None:
    def in_some_order(rows: list[Any]) -> list[str]:
        return sorted(json.dumps(row, sort_keys=True) for row in rows)

    left, right = outcomes["csv"], outcomes["parquet"]
    assert in_some_order(left.rejected) == in_some_order(right.rejected)
    for table in TABLES:
        assert in_some_order(left.staged[table]) == in_some_order(right.staged[table])


# ---- does the corpus match its description ---------------------------------------


def reasons_of_the_contract() -> set[tuple[str, str]]:
    """Every (table, reason) that the closed list has room for."""
    found = set()
    for table, columns in independent.TABLES.items():
        found |= {(table, "missing_key"), (table, "duplicate_key")}
        for column in columns:
            if not (column.is_key or column.may_be_empty):
                found.add((table, f"missing_{column.name}"))
            if column.kind != "text":
                found.add((table, f"unparseable_{column.name}"))
            if column.kind not in ("text", "bool"):
                found.add((table, f"invalid_{column.name}"))
            if (table, column.name) in independent.ALLOWED:
                found.add((table, f"invalid_{column.name}"))
            if column.name in independent.ACCOUNT_COLUMNS and table != "accounts":
                found.add((table, "unknown_account"))
            if column.name == "user_id" and table != "users":
                found.add((table, "unknown_user"))
            if column.name == "currency" and table != "exchange_rates":
                found.add((table, "unknown_currency"))
    found |= {(table, reason) for table in TABLES for reason in SET_ASIDE}
    found |= {("accounts", "merged_account")}
    found |= {("account_aliases", "invalid_source")}
    found |= {("account_aliases", "invalid_account_id")}
    found -= {("account_aliases", "unknown_account")}
    found |= {("surveys", "missing_score"), ("surveys", "missing_responded_at")}
    found |= {("surveys", "invalid_question")}
    found |= {("subscriptions", "ends_before_start")}
    return found | {("subscriptions", "overlapping_period")}


def test_the_corpus_is_large_and_every_reason_is_in_it() -> None:
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names))
    assert len(names) >= 110
    hit = {(row.table, row.expected) for row in ALL_ROWS}
    assert hit == reasons_of_the_contract() | {(table, "accepted") for table in TABLES}


def test_the_documented_list_of_reasons_is_closed() -> None:
    text = (ROOT / "docs" / "rejections.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `([a-z_<>]+)` \|", text, flags=re.MULTILINE)
    patterns = {
        reason: re.compile(reason.replace("<column>", "[a-z_]+"))
        for reason in documented
    }
    hit = {row.expected for row in ALL_ROWS} - {"accepted"}
    for reason in hit:
        assert any(pattern.fullmatch(reason) for pattern in patterns.values()), reason
    for reason, pattern in patterns.items():
        assert any(pattern.fullmatch(found) for found in hit), reason


def test_kinds_do_not_disturb_each_other() -> None:
    owners: dict[tuple[object, ...], str] = {}
    for kind in KINDS:
        for row in kind.rows:
            traces: list[tuple[object, ...]] = [
                (row.table, "raw", row.row_key, row.raw_row)
            ]
            if all(row.staging_key):
                traces.append((row.table, *row.staging_key))
            for trace in traces:
                assert owners.setdefault(trace, kind.name) == kind.name, trace


# ---- too many --------------------------------------------------------------------


def a_few_rows(table: str, good: int, bad: dict[str, list[Cells]]) -> list[Row]:
    """Rows of a table: so many good ones, and for each reason the bad ones' cells."""
    template = next(row for row in KINDS[0].rows if row.table == table).cells
    key = next(iter(KEYS[table]))
    given: list[tuple[str, Cells]] = [("accepted", {})] * good + [
        (reason, cells) for reason, rows in bad.items() for cells in rows
    ]
    return [
        Row(table, {**template, key: f"{table}-{number}", **cells}, reason)
        for number, (reason, cells) in enumerate(given)
    ]


def test_too_many_rejected_rows_stop_the_build(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """More than 5% of a table's rows, and more than 10: both have to be exceeded."""
    others = [row for row in KINDS[0].rows if row.table not in ("logins", "surveys")]
    # 10 of 50 are many, but few; 11 of 220 are just 5%
    rows = [
        *others,
        *a_few_rows(
            "logins",
            40,
            {
                "missing_user_id": [{"user_id": None}] * 4,
                "invalid_session_minutes": [{"session_minutes": "-1"}] * 6,
            },
        ),
        *a_few_rows("surveys", 209, {"invalid_score": [{"score": "11"}] * 11}),
    ]
    folder = tmp_path_factory.mktemp("rows")
    write_csv(folder / "raw", rows)
    some = ("--indirect-selection", "cautious", "--select")
    done = build_from(folder, *some, *(f"+{mart}" for mart in COUNTS))
    assert done.returncode == 0, done.stdout[-6000:]
    assert "were rejected" not in done.stdout

    one_more = next(row.cells for row in rows if row.table == "logins")
    rows.append(Row("logins", {**one_more, "login_id": "x", "user_id": None}))
    rmtree(folder / "raw")
    write_csv(folder / "raw", rows)
    # the row is of a day that is final
    select = (*some, *(f"+{mart}" for mart in COUNTS))
    done = build_from(folder, "--full-refresh", *select)
    assert done.returncode != 0
    assert "rejections_within_limits" in done.stdout
    output = [line for line in done.stdout.splitlines() if "were rejected" in line]
    assert len(output) == 1, done.stdout[-6000:]
    for word in ("logins", "11 of 51", "(6)", "invalid_session_minutes"):
        assert word in output[0]
    assert "surveys" not in output[0]


# ---- as large as it gets ---------------------------------------------------------

LARGEST_AMOUNT = "99999999999999.9999"
LARGEST_RATE = "99999999999999.99999999"


@pytest.mark.long
@pytest.mark.parametrize("rate", ["1", LARGEST_RATE])
def test_the_largest_values_stop_the_build_before_any_mart(
    tmp_path: Path, rate: str
) -> None:
    """No rule rejects them, but their sums would not fit: the raw gate names them."""
    money = {"amount": LARGEST_AMOUNT, "currency": "XXL"}
    changes: dict[str, Cells] = {
        "exchange_rates": {"currency": "XXL", "rate_to_base": rate},
        "subscriptions": {**money, "billing_interval": "week"},
        "invoices": {**money, "status": "paid"},
        "costs": {**money, "date_month": "2024-02-01"},
    }
    rows = [
        Row(row.table, {**row.cells, **changes.get(row.table, {})})
        for row in KINDS[0].rows
    ]
    write_csv(tmp_path / "raw", rows)
    done = pipeline(
        "build",
        environment={
            "RAW_LOCATION": str(tmp_path / "raw"),
            "AS_OF_DATE": AS_OF,
            "DUCKDB_PATH": str(tmp_path / "warehouse.duckdb"),
        },
    )
    assert done.returncode == GATE_FAILED, done.stdout[-6000:]
    told = "".join(done.stdout.split())  # wrapped
    assert told.count("FAILEDtotalswithinrange") == 3, done.stdout[-6000:]
    for row in rows:
        if row.table in ("subscriptions", "invoices", "costs"):
            assert f"inUSD:{row.row_key}" in told, row.row_key
    assert "by var raw_filters" in " ".join(done.stdout.split())
    assert "no mart was built" in done.stdout

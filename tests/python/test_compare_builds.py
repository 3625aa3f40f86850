"""`python -m pipeline compare`: what differs between two builds."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from pipeline.compare_builds import compare_builds
from pipeline.project import InputError

KPIS = "create table marts.kpi_monthly as select * from (values {}) as t{}"
ROWS = "create table marts.a as select i, i % 3 as j from range(9) t(i)"
COLUMNS = "(metric, date_month, value)"


def build(file: Path, *statements: str) -> Path:
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts")
        connection.execute(ROWS)
        for statement in statements:
            connection.execute(statement)
    return file


def compared(before: Path, after: Path) -> tuple[int, str]:
    console = Console(file=io.StringIO(), width=200)
    code = compare_builds(console, before, after)
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue()


def test_equal_builds(tmp_path: Path) -> None:
    before = build(tmp_path / "before.duckdb")
    after = build(
        tmp_path / "it's after.duckdb",
        "create or replace table marts.a as from marts.a order by i desc",
    )
    assert compared(before, after) == (0, "All 1 marts are equal, row by row.\n")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("update marts.a set j = 7 where i < 2", ["a", "2", "2"]),
        ("delete from marts.a where i = 1", ["a", "1", "0"]),
        ("insert into marts.a values (1, 1)", ["a", "0", "1"]),
        ("update marts.a set j = null where i = 0", ["a", "1", "1"]),
        ("alter table marts.a add column k int", ["a", "0", "0", "+k"]),
        ("alter table marts.a drop column j", ["a", "0", "0", "-j"]),
        ("create table marts.b as select 1 as x", ["b", "no", "such", "mart", "0"]),
        ("alter table marts.a rename to b", ["a", "0", "no", "such", "mart"]),
    ],
)
def test_a_difference_is_shown(tmp_path: Path, change: str, says: list[str]) -> None:
    before = build(tmp_path / "before.duckdb")
    code, text = compared(before, build(tmp_path / "after.duckdb", change))
    assert code == 9
    rows = [line.replace("│", " ").split() for line in text.splitlines()]
    assert says in rows, text


def test_metrics_that_changed(tmp_path: Path) -> None:
    before = KPIS.format(
        "('nps', date '2024-01-01', 0.1e0 + 0.2e0), ('mau', date '2024-01-01', 5e0),"
        " ('old', date '2024-01-01', 1e0)",
        COLUMNS,
    )
    after = KPIS.format(
        "('nps', date '2024-01-01', 0.3e0), ('mau', date '2024-01-01', 6e0)", COLUMNS
    )
    one = build(tmp_path / "before.duckdb", before)
    code, text = compared(one, build(tmp_path / "after.duckdb", after))
    assert code == 9
    rows = [line.replace("│", " ").split() for line in text.splitlines()]
    assert ["mau", "2024-01", "5", "6"] in rows
    assert ["old", "2024-01", "1"] in rows
    assert not any(row[:1] == ["nps"] for row in rows), "the noise of doubles"


def test_what_is_no_build(tmp_path: Path) -> None:
    good = build(tmp_path / "good.duckdb")
    text = tmp_path / "text.duckdb"
    text.write_text("no database, but long enough to be read as one" * 100)
    with duckdb.connect(str(tmp_path / "empty.duckdb")):
        pass
    for file, says in (
        (tmp_path / "nowhere", "is not there"),
        (text, "cannot be opened"),
        (tmp_path / "empty.duckdb", "has no schema marts"),
    ):
        with pytest.raises(InputError, match=says):
            compare_builds(Console(file=io.StringIO()), good, file)

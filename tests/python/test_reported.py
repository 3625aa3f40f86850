"""What was reported of a closed month, what it is now, and why it changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.history.file import HistoryError
from pipeline.history.kept_rows import Row
from pipeline.history.reported import (
    COLUMNS,
    REPORTED,
    append_reported,
)
from pipeline.publish import causes, reported
from pipeline.publish.causes import Changes, RowChange, cause_of, row_changes
from pipeline.publish.erase import Subject, erased_copy
from pipeline.publish.paths import PublishPaths
from pipeline.publish.reported import Publication, changed_figures, write_into
from tests.python.conftest import make_reported_marts

HERE = "raw/"
JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)
END_OF_JULY = date(2026, 7, 31)


def values(rows: list[Row]) -> list[tuple[Any, ...]]:
    """Month, metric, value, value before, cause and detail."""
    at = [*COLUMNS].index
    names = ("date_month", "metric", "value", "previous_value", "cause", "detail")
    return [tuple(row[at(name)] for name in names) for row in rows]


def build(file: Path, metrics: list[tuple[date, str, float | None, bool]]) -> Path:
    """A build with nothing but the marts that matter here."""
    with duckdb.connect(str(file)) as connection:
        make_reported_marts(connection)
        connection.executemany(
            "insert into marts.kpi_monthly values (?, ?, ?, ?, null)", metrics
        )
    return file


def late(_metric: str, _month: date) -> tuple[str, str]:
    return "late_rows", "logins: 1 late row (A1 1)"


def publication(number: int, as_of: date = date(2026, 9, 20)) -> Publication:
    return Publication(number, f"build {number}", as_of)


def test_a_row_is_added_where_a_value_of_a_closed_month_changed(tmp_path: Path) -> None:
    first = build(
        tmp_path / "1.duckdb",
        [
            (JUNE, "mau", 10, True),
            (JUNE, "nps", None, True),
            (JULY, "mau", 0.3, True),
            (AUGUST, "mau", 7, False),
        ],
    )
    known = changed_figures(first, [], publication(1), late)
    assert values(known) == [
        (JUNE, "mau", 10, None, "first_report", None),
        (JUNE, "nps", None, None, "first_report", None),
        (JULY, "mau", 0.3, None, "first_report", None),
    ]
    second = build(
        tmp_path / "2.duckdb",
        [
            (JUNE, "mau", 11, True),
            (JUNE, "nps", 50, True),
            (JULY, "mau", 0.1 + 0.2, True),  # the same but for the last digit
            (AUGUST, "mau", 8, True),
        ],
    )
    new = changed_figures(second, known, publication(2), late)
    why = ("late_rows", "logins: 1 late row (A1 1)")
    assert values(new) == [
        (JUNE, "mau", 11, 10, *why),
        (JUNE, "nps", 50, None, *why),
        (AUGUST, "mau", 8, None, "first_report", None),
    ]
    # the last report counts, not the first; and a value that is gone is a change
    third = build(tmp_path / "3.duckdb", [(JUNE, "mau", 11, True)])
    gone = changed_figures(third, [*known, *new], publication(3), late)
    assert values(gone) == [
        (JUNE, "nps", None, 50, *why),
        (JULY, "mau", None, 0.3, *why),
        (AUGUST, "mau", None, 8, *why),
    ]


def test_the_marts_show_all_rows_and_the_first_values(tmp_path: Path) -> None:
    first = build(tmp_path / "1.duckdb", [(JUNE, "mau", 10, True)])
    known = changed_figures(first, [], publication(1), late)
    second = build(
        tmp_path / "2.duckdb", [(JUNE, "mau", 12, True), (AUGUST, "mau", 8, False)]
    )
    new = changed_figures(second, known, publication(2), late)
    write_into(second, [*known, *new])
    write_into(second, [*known, *new])  # a second time changes nothing
    with duckdb.connect(str(second), read_only=True) as connection:
        shown = connection.execute("from marts.figures_reported").fetchall()
        kpis = connection.execute(
            "select date_month, value, first_reported_value from marts.kpi_monthly"
        ).fetchall()
    assert shown == [*known, *new]
    assert kpis == [(JUNE, 12, 10), (AUGUST, 8, None)]


# -- the file --------------------------------------------------------------------------


def row(number: int, value: float) -> Row:
    at = date(2026, 9, 20)
    return (
        *(number, JUNE, "mau", None, at, value, None, None),
        *("first_report", None, f"build {number}"),
    )


def test_rows_are_added_and_those_of_other_data_are_apart(tmp_path: Path) -> None:
    file = tmp_path / "metrics.duckdb"
    assert REPORTED.read(file, HERE) == []
    append_reported(file, [row(1, 10)], HERE)
    append_reported(file, [row(2, 500)], "elsewhere/")
    append_reported(file, [row(3, 11)], HERE)
    assert REPORTED.read(file, HERE) == [row(1, 10), row(3, 11)]
    with duckdb.connect() as warehouse:
        REPORTED.copy_to_raw(warehouse, file, "elsewhere/")
        assert warehouse.execute("from raw.figures_reported").fetchall() == [
            row(2, 500)
        ]
        REPORTED.copy_to_raw(warehouse, file, "nowhere/")
        assert warehouse.execute("from raw.figures_reported").fetchall() == []


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "metrics.duckdb"
    file.write_text("hello" * 5000, "utf-8")
    with pytest.raises(HistoryError, match=r"metrics\.duckdb cannot be read: .*backup"):
        REPORTED.read(file, HERE)


def test_what_a_killed_publish_did_not_keep_is_taken_from_the_published_file(
    tmp_path: Path,
) -> None:
    paths = PublishPaths(tmp_path / "publish", tmp_path / "builds")
    paths.make()
    build(paths.published, [(JUNE, "mau", 11, True)])
    append_reported(paths.reported, [row(1, 10)], HERE)
    write_into(paths.published, [row(1, 10), row(2, 11)])
    known = reported.known_rows(paths, HERE, is_same_data=True)
    assert known == [row(1, 10), row(2, 11)]
    # they are of other data
    assert reported.known_rows(paths, HERE, is_same_data=False) == [row(1, 10)]
    metrics = reported.ReportedMetrics(paths, HERE, known, [row(3, 12)])
    assert metrics.keep() is None
    assert metrics.keep() is None
    kept = REPORTED.read(paths.reported, HERE)
    assert kept == [row(1, 10), row(2, 11), row(3, 12)]


def test_an_earlier_day_is_not_reported(tmp_path: Path) -> None:
    paths = PublishPaths(tmp_path / "publish", tmp_path / "builds")
    paths.make()
    append_reported(paths.reported, [row(1, 10)], HERE)
    candidate = build(tmp_path / "candidate.duckdb", [(JUNE, "mau", 99, True)])
    metrics = reported.ReportedMetrics.of(
        *(paths, candidate, None, {"origin": HERE, "rules": {}, "vars": {}}),
        publication(2, as_of=date(2026, 8, 31)),
    )
    assert metrics.new is None
    assert metrics.summary() == (
        "No metrics are recorded: the last ones were as of 2026-09-20."
    )
    assert metrics.keep() is None
    assert REPORTED.read(paths.reported, HERE) == [row(1, 10)]


# -- why -------------------------------------------------------------------------------

SUBSCRIPTIONS = (
    "create table staging.stg_subscriptions as"
    " select subscription_id, '' as subscription_item_id, account_id,"
    " cast(started_on as date) as started_on, amount"
    " from (values {rows}) as t (subscription_id, account_id, started_on, amount)"
)
LOGINS = (
    "create table staging.stg_login_days as"
    " select account_id, user_id, cast(date_day as date) as date_day, logins"
    " from (values {rows}) as t (account_id, user_id, date_day, logins)"
)


def staged(folder: Path, subscriptions: str, logins: str) -> Path:
    """A build's file; one of its models is a view, as dbt makes them."""
    folder.mkdir()
    file = folder / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema staging")
        connection.execute(SUBSCRIPTIONS.format(rows=subscriptions))
        connection.execute(LOGINS.format(rows=logins))
        connection.execute("alter table staging.stg_login_days rename to days")
        connection.execute(
            "create view staging.stg_login_days as from warehouse.staging.days"
        )
    return file


def test_rows_that_differ_between_two_builds(tmp_path: Path) -> None:
    before = staged(
        tmp_path / "before",
        "('same', 'A1', '2026-01-01', 10), ('moved', 'A2', '2026-01-01', 10),"
        " ('gone', 'A3', '2026-02-01', 10)",
        "('A1', 'u1', '2026-07-01', 2), ('A1', 'u2', '2026-07-01', 5)",
    )
    after = staged(
        tmp_path / "after",
        "('same', 'A1', '2026-01-01', 10), ('moved', 'A2', '2026-01-01', 11),"
        " ('new', 'A4', '2026-03-01', 10)",
        "('A1', 'u1', '2026-07-01', 5), ('A1', 'u2', '2026-07-01', 4),"
        " ('A2', 'u3', '2026-07-02', 7)",
    )
    found = row_changes(before, after)
    assert set(found) == {"stg_subscriptions", "stg_login_days"}
    assert set(found["stg_subscriptions"]) == {
        RowChange("corrected_rows", date(2026, 1, 1), "A2", 1),
        RowChange("deleted_rows", date(2026, 2, 1), "A3", 1),
        RowChange("late_rows", date(2026, 3, 1), "A4", 1),
    }
    assert set(found["stg_login_days"]) == {
        RowChange("late_rows", date(2026, 7, 1), "A1", 3),
        RowChange("deleted_rows", date(2026, 7, 1), "A1", 1),
        RowChange("late_rows", date(2026, 7, 2), "A2", 7),
    }


def change(
    kind: str, day: date, account: str | None = "A1", rows: int = 1
) -> RowChange:
    return RowChange(kind, day, account, rows)


IN_JULY, BEFORE, LATER = date(2026, 7, 9), date(2026, 1, 1), date(2026, 8, 2)


@pytest.mark.parametrize(
    ("rows", "rules", "cause", "detail"),
    [
        pytest.param(
            {"stg_login_days": [change("late_rows", IN_JULY, rows=3)]},
            [],
            "late_rows",
            "logins: 3 late rows (A1 3)",
            id="late rows",
        ),
        pytest.param(
            {
                "stg_subscriptions": [
                    change("corrected_rows", BEFORE, account)
                    for account in ("A1", "A1", "A2", "A3", "A4", "A5")
                ]
            },
            [],
            "corrected_rows",
            "subscriptions: 6 corrected rows (A1 2, A2 1, A3 1, 2 more accounts)",
            id="the accounts with most rows are named",
        ),
        pytest.param(
            {
                "stg_subscriptions": [change("deleted_rows", IN_JULY)],
                "stg_login_days": [change("late_rows", IN_JULY, "A2", 2)],
            },
            [],
            "several",
            "logins: 2 late rows (A2 2); subscriptions: 1 deleted row (A1 1)",
            id="the input with most rows comes first",
        ),
        pytest.param(
            {},
            ["models/marts/revenue/renewals.sql", "gross_margin"],
            "changed_rule",
            "changed: models/marts/revenue/renewals.sql, gross_margin",
            id="a rule",
        ),
        pytest.param(
            {"stg_costs": [change("late_rows", IN_JULY, None)]},
            ["gross_margin"],
            "several",
            "costs: 1 late row; changed: gross_margin",
            id="a rule and a row without an account",
        ),
        pytest.param(
            {"stg_subscriptions": [change("late_rows", LATER)]},
            [],
            "late_rows",
            "no row up to the month's end changed: days since then decide;"
            " subscriptions: 1 late row after the month",
            id="a row after the month",
        ),
        pytest.param(
            {"stg_login_days": [change("late_rows", BEFORE)]},
            [],
            "late_rows",
            "no row up to the month's end changed: days since then decide",
            id="an event long before the month counts no more",
        ),
        pytest.param(
            {"stg_invoices": [change("late_rows", IN_JULY)]},
            [],
            "late_rows",
            "no row up to the month's end changed: days since then decide",
            id="an input that the metric does not need",
        ),
    ],
)
def test_the_cause_is_what_the_metric_is_computed_from(
    rows: dict[str, list[RowChange]], rules: list[str], cause: str, detail: str
) -> None:
    models = {"stg_subscriptions", "stg_login_days", "stg_costs"}
    assert cause_of(models, END_OF_JULY, Changes(rows, rules)) == (cause, detail)


def test_without_the_build_before_the_cause_is_not_guessed() -> None:
    found = cause_of({"stg_login_days"}, END_OF_JULY, Changes(is_known=False))
    assert found == (
        "several",
        "the build before is not kept: its rows cannot be compared",
    )


def test_each_compared_model_is_one_of_the_project() -> None:
    models = Path(__file__).parents[2] / "models" / "staging"
    assert {*causes.STAGED} <= {path.stem for path in models.glob("*.sql")}


# -- erasure ---------------------------------------------------------------------------


def test_an_id_is_replaced_in_the_details(tmp_path: Path) -> None:
    file = tmp_path / "metrics.duckdb"
    detail = "logins: 5 late rows (A1 2, A10 1); surveys: 1 late row (A1 1)"
    rows = [(*row(1, 10)[:9], detail, "build 1")]
    append_reported(file, rows, HERE)
    with erased_copy(file, Subject("account", "A1", "forgotten-x")) as found:
        assert found
        copy, changes = found
        assert [change.rows for change in changes] == [1]
        [kept] = REPORTED.read(copy, HERE)
    assert kept[9] == (
        "logins: 5 late rows (forgotten-x 2, A10 1);"
        " surveys: 1 late row (forgotten-x 1)"
    )
    with erased_copy(file, Subject("account", "A2", "forgotten-x")) as found:
        assert found is None

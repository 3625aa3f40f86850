"""What agents get of the published file: the marts, and nothing beside them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.agents.answers import Answers, MistakeError
from pipeline.agents.worker import explained, run
from pipeline.publish.paths import PublishPaths
from pipeline.reader import Published
from tests.python.conftest import MAIN_JOB
from tests.python.probes import PROBES

pytestmark = pytest.mark.xdist_group(MAIN_JOB)


@pytest.fixture
def answers(published_demo: PublishPaths) -> Answers:
    return Answers(published_demo.published)


def select(paths: PublishPaths, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(paths.published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


# -- queries ---------------------------------------------------------------------------


def by_worker(file: Path, sql: str) -> Any:
    return run(file, sql, 10)


def by_reader(file: Path, sql: str) -> Any:
    with Published(file) as published:
        return published.query(sql).fetchall()


@pytest.mark.parametrize("ask", [by_worker, by_reader])
def test_probes_are_refused_and_tell_nothing(
    published_demo: PublishPaths, ask: Callable[[Path, str], Any]
) -> None:
    assert len(PROBES) > 100
    before = published_demo.published.read_bytes()
    passed = {}
    for sql in PROBES:
        try:
            passed[sql] = ask(published_demo.published, sql)
        except duckdb.Error as error:
            text = explained(error, published_demo.published)
            assert str(published_demo.readers) not in text, sql
            assert str(Path.home()) not in text or str(Path.home()) in sql, sql
    assert passed == {}
    assert published_demo.published.read_bytes() == before
    assert not Path("/tmp/x.csv").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from marts.monthly_churn",
        "select count(*) from monthly_churn",
        "select count(*) from warehouse.marts.monthly_churn",
        "from marts.kpi_monthly where metric = 'nps' order by date_month desc limit 3;",
        "with a as (select * from marts.kpi_monthly), b as (select * from a)"
        " select metric, count(*) from b group by all",
        "with recursive n as (select 1 as i union all select i + 1 from n where i < 5)"
        " select sum(i) from n",
        "select date_month, value, lag(value) over (order by date_month)"
        " from marts.kpi_monthly where metric = 'arr'",
        "select * from marts.dim_accounts as a left join marts.account_health as h"
        " using (account_id) where h.health_band = 'red' or h.health_band is null",
        "select unnest([1, 2]), i from range(3) as t(i)",
        "select (select max(arr) from marts.monthly_churn) as x, {'a': 1}.a",
        "select * from (values (1), (2)) as v(x) where x in (select 1)",
        "select median(current_mrr), quantile_cont(current_mrr, 0.9)"
        " from marts.customer_360",
        "select * from (pivot (select date_month, metric, value from marts.kpi_monthly)"
        " on metric in ('arr', 'nps') using first(value) group by date_month)",
        "(select 1) union all (select 2) intersect select 2",
        "select count(*) filter (where is_open) from account_alerts",
        "select * exclude (note) from marts.figures_as_of",
        "select current_date is not null",
    ],
)
def test_selects_run(published_demo: PublishPaths, sql: str) -> None:
    assert run(published_demo.published, sql, 5)["rows"]


def test_a_misspelt_mart_is_explained(published_demo: PublishPaths) -> None:
    with pytest.raises(duckdb.Error, match=r"no mart 'montly_churn'.*: monthly_churn"):
        by_reader(published_demo.published, "from marts.montly_churn")
    with pytest.raises(duckdb.Error, match=r"Published\.columns"):
        by_reader(published_demo.published, "describe marts.monthly_churn")


def test_a_query_has_limits(answers: Answers) -> None:
    answer = answers.query("select * from marts.fct_user_days", rows=7)
    assert len(answer["rows"]) == 7
    assert answer["is_cut"]
    assert answer["build"] == "20260920T000000000000Z"
    long = answers.query("select repeat('x', 1000000) from range(500)", rows=500)
    assert long["is_cut"]
    assert len(str(long)) < 300_000
    for sql, why in (
        ("select count(*) from range(100000000000) as a, range(100000) as b", "longer"),
        ("select length(repeat('x', 3000000000))", "memory"),
        ("select list(i) from range(1000000000) as t(i)", "memory"),
        ("select count(distinct i) from range(1000000000) as t(i)", "memory"),
    ):
        started = time.monotonic()
        with pytest.raises(MistakeError, match=rf"{why}.*select less|too much {why}"):
            answers.query(sql)
        assert time.monotonic() - started < 20, sql


def test_the_worker_has_none_of_the_servers_variables(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, str]] = []

    def run_worker(*_: Any, **options: Any) -> Any:
        given.append(options["env"])
        raise KeyboardInterrupt

    monkeypatch.setenv("MCP_TOKEN", "secret")
    monkeypatch.setattr("pipeline.agents.answers.subprocess.run", run_worker)
    with pytest.raises(KeyboardInterrupt):
        answers.query("select 1")
    assert given == [{"PYTHONUTF8": "1"}]


# -- tools -----------------------------------------------------------------------------


def test_every_metric_is_that_of_the_mart(
    answers: Answers, published_demo: PublishPaths
) -> None:
    expected: dict[str, list[tuple[str, float | None]]] = {}
    for metric, month, value in select(
        published_demo,
        "select metric, date_month::varchar, value from marts.kpi_monthly"
        " order by 1, 2",
    ):
        expected.setdefault(metric, []).append((month, value))
    listed = answers.list_metrics()["metrics"]
    assert {one["metric"] for one in listed} == {*expected}
    for metric, rows in expected.items():
        found = answers.metric_over_time(metric, months=120)
        assert found["metric"] == metric
        assert [(row["date_month"], row["value"]) for row in found["rows"]] == rows
        described = answers.describe_metric(metric)
        assert described["latest"][-1]["value"] == rows[-1][1]
        assert described["definition"]["formula"]


def test_a_metric_by_segment_is_that_of_the_mart(
    answers: Answers, published_demo: PublishPaths
) -> None:
    kinds = select(
        published_demo,
        "select distinct metric, segment_type from marts.retention_by_segment",
    )
    assert len(kinds) > 40
    for metric, segment_type in kinds:
        found = answers.metric_over_time(metric, 1, segment_type)
        assert [
            (row["segment_value"], row["value"]) for row in found["rows"]
        ] == select(
            published_demo,
            "select segment_value, value from marts.retention_by_segment as s where"
            f" metric = '{metric}' and segment_type = '{segment_type}' and date_month ="
            " (select max(date_month) from marts.retention_by_segment as l where"
            " l.metric = s.metric and l.segment_type = s.segment_type) order by 1",
        )
    one = answers.metric_over_time("churn_rate", 3, "plan", "team")
    assert {row["segment_value"] for row in one["rows"]} == {"team"}
    assert len(one["rows"]) == 3


def test_an_account_in_full(answers: Answers, published_demo: PublishPaths) -> None:
    found = answers.account("A0015")
    assert found["account"]["account_name"] == "Maple Foods 015"
    assert answers.account("maple foods 015") == found
    months = select(
        published_demo,
        "select date_month::varchar, mrr::double from marts.account_months"
        " where account_id = 'A0015' order by date_month desc limit 13",
    )
    assert [(row["date_month"], row["mrr"]) for row in found["months"]] == months
    assert found["movements"][0]["movement_type"] == "churn"
    assert "comment" not in str(found["nps_answers"])


def test_why_a_metric_moved(published_demo: PublishPaths, tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    shutil.copy(published_demo.published, file)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "insert into marts.figures_reported by name select 1 as publish_number,"
            " date '2026-08-01' as date_month, 'churn_rate' as metric,"
            " 'late_rows' as cause, 'logins: 3 late rows' as detail"
        )
    answers = Answers(file)
    found = answers.why_metric_moved("churn_rate", "2026-08")
    assert found["month"]["date_month"] == "2026-08-01"
    explained = found["explained_by"]
    reported = [row["detail"] for row in explained["reported_changes"]]
    assert "logins: 3 late rows" in reported
    lost = {
        row["movement_type"]: (row["accounts"], row["mrr_change"])
        for row in explained["movements"]
    }
    [expected] = select(
        published_demo,
        "select accounts, mrr_change::double from marts.mrr_movements_monthly"
        " where date_month = date '2026-08-01' and movement_type = 'churn'",
    )
    assert lost["churn"] == expected
    largest = explained["largest_movements"]
    assert [abs(row["mrr_change"]) for row in largest] == sorted(
        (abs(row["mrr_change"]) for row in largest), reverse=True
    )
    assert explained["churn_reasons"]
    assert {row["segment_type"] for row in explained["by_segment"]} == {
        *("plan", "industry", "csm_owner")
    }
    health = answers.why_metric_moved("health_score_mean")["explained_by"]
    assert "usage_points_lost" in health["largest_score_changes"][0]
    assert len(answers.why_metric_moved("nps")["explained_by"]["answers"]) == 2
    assert found["build"] == "not known"  # no manifest beside it


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda a: a.metric_over_time("churn"),
            "no metric 'churn'. There are: account_",
        ),
        (lambda a: a.metric_over_time("nps", 0), "months is 1 to 120"),
        (lambda a: a.metric_over_time("arr", 1, "plan"), "no metric by segment 'arr'"),
        (lambda a: a.metric_over_time("nps", 1, "colour"), "no segment_type 'colour'"),
        (lambda a: a.metric_over_time("nps", 1, "plan", "x"), "no segment_value 'x'"),
        (lambda a: a.why_metric_moved("nps", "August"), "expected 2026-08"),
        (lambda a: a.why_metric_moved("nps", "1999-01"), "no row for 1999-01-01"),
        (lambda a: a.describe_mart("users"), "There is no mart 'users'"),
        (lambda a: a.account("nobody"), "There is no account 'nobody'"),
        (lambda a: a.account("maple"), "Similar: A0015"),
        (lambda a: a.account("' or 1 = 1 --"), "There is no account"),
        (lambda a: a.query("select 1", 0), "rows is 1 to 1,000"),
        (lambda a: a.query("select 1 +"), "Syntax error"),
    ],
)
def test_a_mistake_is_explained(
    answers: Answers, ask: Callable[[Answers], object], message: str
) -> None:
    with pytest.raises(MistakeError) as raised:
        ask(answers)
    assert message in str(raised.value)


def test_a_new_publish_is_answered_from_one_build(
    published_demo: PublishPaths, tmp_path: Path
) -> None:
    file = tmp_path / "warehouse.duckdb"
    shutil.copy(published_demo.published, file)
    answers = Answers(file)
    rows = answers._rows
    swapped: list[str] = []

    def swap_after_the_definition(sql: str, *parameters: Any) -> Any:
        found = rows(sql, *parameters)
        if not swapped and sql.startswith("select * from marts.metric_catalogue"):
            swapped.append(sql)
            shutil.copy(file, tmp_path / "next.duckdb")
            with duckdb.connect(str(tmp_path / "next.duckdb")) as connection:
                connection.execute(
                    "update marts.metric_catalogue set label = 'new';"
                    "update marts.kpi_monthly set value = 7"
                )
            (tmp_path / "next.duckdb").replace(file)
        return found

    answers._rows = swap_after_the_definition  # type: ignore[method-assign]
    found = answers.metric_over_time("nps")
    assert swapped
    assert found["definition"]["label"] == "new"
    assert {row["value"] for row in found["rows"]} == {7}


def test_an_old_build_is_explained(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        connection.execute("create schema marts; create table marts.x as select 1 as a")
    with pytest.raises(MistakeError, match="older version"):
        Answers(tmp_path / "old.duckdb").list_metrics()
    with pytest.raises(MistakeError, match="make publish"):
        Answers(tmp_path / "none.duckdb").about()


def test_a_broken_file_is_reported_without_its_place(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    file.write_text("This is no database. " * 1000, "utf-8")
    with pytest.raises(MistakeError, match="not a valid DuckDB") as mistake:
        Answers(file).about()
    with pytest.raises(duckdb.Error, match="not a valid DuckDB") as error:
        run(file, "select 1", 1)
    for text in (str(mistake.value), explained(error.value, file)):
        assert str(tmp_path) not in text

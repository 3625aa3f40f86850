"""Every metric of the semantic layer is that of the marts, from the published file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import semantic_layer
from pipeline.publish.paths import PublishPaths
from tests.python.conftest import (  # the last two are fixtures
    MAIN_JOB,
    demo_database,  # noqa: F401
    published_demo,  # noqa: F401
)

pytestmark = [
    pytest.mark.semantic,
    pytest.mark.xdist_group(MAIN_JOB),
    pytest.mark.skipif(
        not (semantic_layer.PROGRAMS / "mf").exists(),
        reason=".venv-semantic is not installed: make test-semantic does it",
    ),
]

# Those that hold at a period's end: its last month is right for a quarter, too.
AT_THE_END = {
    *("mrr_at_end", "arr", "customers_at_end", "arpa", "ltv", "nrr_12m", "grr_12m"),
    *("mau", "stickiness", "health_score_mean", "red_accounts"),
}
Rows = list[dict[str, str]]
Ask = Callable[..., Rows]


@pytest.fixture(scope="module")
def ask(
    published_demo: PublishPaths,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """Asks mf, and returns the rows."""
    work = tmp_path_factory.mktemp("semantic")

    def ask(metrics: list[str], by: str) -> Rows:
        file = work / "rows.csv"
        file.unlink(missing_ok=True)
        arguments = ["query", "--metrics", ",".join(metrics), "--group-by", by]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PUBLISH_FOLDER", str(published_demo.readers))
            code = semantic_layer.query([*arguments, "--csv", str(file)], work)
        if code:
            raise ValueError("mf refused")
        with file.open(encoding="utf-8", newline="") as opened:
            return [*csv.DictReader(opened)]

    return ask


def number(text: str) -> float | None:
    return float(text) if text else None


def select(paths: PublishPaths, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(paths.published), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def metrics(published_demo: PublishPaths) -> list[str]:  # noqa: F811
    found = select(published_demo, "select metric from marts.metric_catalogue")
    return [name for (name,) in found]


def test_every_metric_and_month(
    ask: Ask,
    metrics: list[str],
    published_demo: PublishPaths,  # noqa: F811
) -> None:
    assert len(metrics) == 28
    found = {
        (metric, row["metric_time__month"][:10]): number(row[metric])
        for row in ask(metrics, "metric_time__month")
        for metric in metrics
    }
    expected = {
        (metric, month): value
        for metric, month, value in select(
            published_demo,
            "select metric, date_month::varchar, value from marts.kpi_monthly",
        )
    }
    assert len(expected) > 800
    wrong = {
        key: (found.get(key, "no row"), value)
        for key, value in expected.items()
        if found.get(key, "no row") != pytest.approx(value, rel=1e-9)
    }
    assert wrong == {}
    # Months that kpi_monthly does not have: before the first answer, after as_of_date.
    others = found.keys() - expected.keys()
    assert {key for key in others if found[key] is not None} == set()


def test_a_rate_of_a_month_is_not_one_of_a_quarter(
    ask: Ask,
    metrics: list[str],
    published_demo: PublishPaths,  # noqa: F811
) -> None:
    rows = ask([*metrics, "churned_mrr"], "metric_time__quarter")
    quarters = {row["metric_time__quarter"][:10]: row for row in rows}
    for metric in metrics:
        values = {q: number(row[metric]) for q, row in quarters.items()}
        months = select(
            published_demo,
            "select date_trunc('quarter', date_month)::date::varchar, count(*),"
            " max_by(value, date_month) from marts.kpi_monthly"
            f" where metric = '{metric}' group by 1",
        )
        if metric in AT_THE_END:
            assert values == {
                **dict.fromkeys(values),
                **{q: last and pytest.approx(last) for q, _, last in months},
            }, metric
        else:
            several = {q for q, count, _ in months if count > 1}
            assert len(several) > 5
            assert {q: values[q] for q in several} == dict.fromkeys(several), metric
    # What may be added is.
    added = select(
        published_demo,
        "select date_trunc('quarter', date_month)::date::varchar,"
        " sum(churned_mrr)::double from marts.monthly_churn group by 1",
    )
    assert {q: number(row["churned_mrr"]) for q, row in quarters.items() if q} == {
        **dict.fromkeys(quarters),
        **{q: pytest.approx(value) for q, value in added},
    }


@pytest.mark.parametrize("grain", ["quarter", "year"])
def test_quarters_and_years_are_those_of_churn_by_period(
    ask: Ask,
    published_demo: PublishPaths,  # noqa: F811
    grain: str,
) -> None:
    metric = f"{grain}ly_churn_rate"
    found = {
        row[f"metric_time__{grain}"][:10]: number(row[metric])
        for row in ask([metric], f"metric_time__{grain}")
    }
    expected = dict(
        select(
            published_demo,
            "select period_start::varchar, churn_rate from marts.churn_by_period"
            f" where period_grain = '{grain}'",
        )
    )
    assert len(expected) > 2
    assert found == {
        key: value and pytest.approx(value) for key, value in expected.items()
    }


def test_a_quarters_churn_by_month_is_refused(ask: Ask) -> None:
    with pytest.raises(ValueError, match="mf refused"):
        ask(["quarterly_churn_rate"], "metric_time__month")


def test_metrics_by_segment(
    ask: Ask,
    published_demo: PublishPaths,  # noqa: F811
) -> None:
    names = [
        name
        for (name,) in select(
            published_demo, "select distinct metric from marts.retention_by_segment"
        )
    ]
    assert len(names) == 10
    keys = ["metric_time__month", "segment__segment_type", "segment__segment_value"]
    rows = ask([f"segment_{name}" for name in names], ",".join(keys))
    found = {
        (name, row[keys[0]][:10], row[keys[1]], row[keys[2]]): number(
            row[f"segment_{name}"]
        )
        for row in rows
        for name in names
    }
    expected = {
        (*key, str(segment)): value
        for *key, segment, value in select(
            published_demo,
            "select metric, date_month::varchar, segment_type, segment_value, value"
            " from marts.retention_by_segment where segment_value is not null",
        )
    }
    assert len(expected) > 5_000
    wrong = {
        key: (found.get(key), value)
        for key, value in expected.items()
        if found.get(key) != pytest.approx(value, rel=1e-9)
    }
    assert wrong == {}
    # Without the segment there are many rows of a month.
    assert {row["segment_nps"] for row in ask(["segment_nps"], keys[0])} == {""}


def test_nothing_published_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.project import InputError

    monkeypatch.setenv("PUBLISH_FOLDER", str(tmp_path))
    with pytest.raises(InputError, match="publish first"):
        semantic_layer.query(["query"], tmp_path / "work")

"""The demo on Spark and on DuckDB: every mart, every column, every row."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline.spark import java_problem
from tests.python.conftest import ROOT
from tests.spark.build import Both, built
from tests.spark.compare import assert_same, differences, tables_of

NO_JAVA = java_problem()
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(bool(NO_JAVA), reason=NO_JAVA or ""),
]
ON_SPARK = ("--exclude-resource-type", "unit_test")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    return built(tmp_path_factory.mktemp("demo"))


def test_every_mart_is_equal(both: Both) -> None:
    models = [path.stem for path in (ROOT / "models" / "marts").rglob("*.sql")]
    assert {*tables_of(both.database, "marts")} == {*models}
    assert_same(both.database, both.tables, "marts", least=100_000)


@pytest.mark.parametrize(
    ("schema", "like"), [("staging", "base%"), ("intermediate", "%")]
)
def test_every_table_before_the_marts_is_equal(
    both: Both, schema: str, like: str
) -> None:
    assert_same(both.database, both.tables, schema, like, least=10_000)


def test_one_changed_row_on_spark_would_be_seen(both: Both, tmp_path: Path) -> None:
    mart = both.tables / "marts.db" / "monthly_churn"
    copy = tmp_path / "tables" / "marts.db" / "monthly_churn"
    shutil.copytree(mart, copy)
    (file,) = copy.glob("*.parquet")
    rows = f"read_parquet('{mart}/*.parquet')"
    duckdb.sql(
        "select * replace (case when date_month = (select max(date_month) from"
        f" {rows}) then mrr_at_end + 0.0001 else mrr_at_end end as mrr_at_end)"
        f" from {rows}"
    ).write_parquet(str(file))
    found = differences(both.database, tmp_path / "tables", "marts", ["monthly_churn"])
    assert len(found) == 1


def test_data_tests_pass_on_spark(both: Both) -> None:
    output = both.spark("test", *ON_SPARK)
    assert "ERROR=0" in output

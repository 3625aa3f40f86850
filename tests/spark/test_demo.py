"""The demo on Spark and on DuckDB: every mart, every column, every row."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import duckdb
import pytest

from pipeline.publish.published_file import marts_of, write
from pipeline.spark import java_problem
from tests.python.conftest import ROOT, run
from tests.spark.build import Both, built
from tests.spark.compare import (
    assert_same,
    differences,
    published_differences,
    row_count,
    tables_of,
)

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


# A publish fills them with what it reports, and when.
REPORTED, REPORTED_FIRST = "figures_reported", ("first_reported_value",)


def test_what_is_published_from_spark(both: Both, tmp_path: Path) -> None:
    """The marts of the other engine, which have passed both gates and all tests."""
    folder = tmp_path / "publish"
    done = run(
        *(sys.executable, "-m", "pipeline", "publish", "--from-spark"),
        "--no-dashboards",
        environment={
            "SPARK_FOLDER": str(both.folder / "spark"),
            "DUCKDB_PATH": str(tmp_path / "no build" / "warehouse.duckdb"),
            "PUBLISH_FOLDER": str(folder),
            "BUILDS_FOLDER": str(tmp_path / "builds"),
        },
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
    published = folder / "warehouse.duckdb"
    gates = json.loads((folder / "manifest.json").read_text("utf-8"))["gates"]
    assert {*gates} == {"raw", "marts"}
    assert all(gate["passed"] and gate["checks"] > 40 for gate in gates.values())
    assert row_count(published, "marts", [REPORTED]) > 100

    of_duckdb = tmp_path / "of_duckdb.duckdb"
    marts = marts_of(both.folder / "duckdb" / "target" / "manifest.json")
    write(both.database, of_duckdb, marts, with_comments=False)
    assert [mart.name for mart in marts] == tables_of(published, "marts")
    found = published_differences(
        of_duckdb,
        published,
        [mart.name for mart in marts if mart.name != REPORTED],
        without=REPORTED_FIRST,
    )
    assert found == [], "\n".join(map(str, found))

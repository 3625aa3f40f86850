"""Which of Spark's tables are taken for publishing; Spark is not needed for that."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import spark_tables
from pipeline.project import InputError, project_vars
from pipeline.spark_tables import SparkTables, fill, spark_day
from tests.python.conftest import settings_of

# The rows that Spark has of them, in wider types: it has no smaller ones.
MODELS = {
    "staging.base_logins": "select 'A1' as account_id, 3::bigint as logins,"
    " timestamptz '2024-05-01 23:30:00+00' as first_at, date '2024-05-01' as month",
    "marts.monthly": "select 'A1' as account_id, 10.25::decimal(38, 6) as mrr",
    "marts.none_yet": "select 'A1' as account_id where false",
}
DUCKDB = {
    "staging.base_logins": "account_id varchar, logins integer, first_at timestamp",
    "marts.monthly": "account_id varchar not null, mrr decimal(18, 4)",
    "marts.none_yet": "account_id varchar",
}
READS = {
    "staging.base_logins": ["raw.raw_logins"],
    "staging.stg_logins": ["staging.base_logins"],  # a view
    "marts.monthly": ["staging.stg_logins"],
    "marts.none_yet": [],
}


def manifest() -> Mapping[str, Any]:
    nodes = {}
    for name, parents in READS.items():
        schema, _, table = name.partition(".")
        kind = "table" if name in MODELS else "view"
        nodes[name] = {
            "resource_type": "model",
            "unique_id": name,
            "schema": schema,
            "name": table,
            "config": {"materialized": kind},
            "depends_on": {"nodes": parents},
        }
    source = {
        "resource_type": "source",
        "schema": "raw",
        "identifier": "raw_logins",
    }
    return {"nodes": nodes, "sources": {"raw.raw_logins": source}}


def write(folder: Path, query: str, at: int) -> None:
    """A table's folder, as if it had been written at that second."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "part-0.parquet"
    duckdb.sql(query).write_parquet(str(file))
    os.utime(file, (at, at))


@pytest.fixture
def built(tmp_path: Path) -> SparkTables:
    """Raw tables, and models built after them in their order."""
    tables = SparkTables(tmp_path / "spark")
    write(tables.raw("raw", "raw_logins"), "select 1 as id", 1_000)
    for at, (name, query) in enumerate(MODELS.items(), 1_001):
        write(tables.of(*name.split(".")), query, at)
    return tables


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """What DuckDB makes of the models without rows."""
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema staging; create schema marts")
        for name, columns in DUCKDB.items():
            connection.execute(f"create table {name} ({columns})")
    return file


def test_rows_have_the_types_of_duckdb(built: SparkTables, database: Path) -> None:
    assert fill(database, built, manifest()) == "3 tables, 2 rows."
    with duckdb.connect(str(database), read_only=True) as connection:
        logins = connection.execute("from staging.base_logins").fetchall()
        assert logins == [("A1", 3, datetime(2024, 5, 1, 23, 30))]
        assert connection.execute("from marts.monthly").fetchall() == [
            ("A1", Decimal("10.2500"))
        ]
        assert connection.execute("from marts.none_yet").fetchall() == []


def test_twice_gives_the_same_rows(built: SparkTables, database: Path) -> None:
    assert fill(database, built, manifest()) == fill(database, built, manifest())


def test_a_partitioned_table_without_rows(built: SparkTables, database: Path) -> None:
    (built.of("marts", "none_yet") / "part-0.parquet").unlink()
    assert fill(database, built, manifest()) == "3 tables, 2 rows."


def refusal(database: Path, tables: SparkTables) -> str:
    with pytest.raises(InputError) as raised:
        fill(database, tables, manifest())
    return str(raised.value)


def test_a_table_that_is_missing(built: SparkTables, database: Path) -> None:
    built.of("marts", "monthly").rename(built.folder / "elsewhere")
    assert refusal(database, built).startswith("marts.monthly: not among Spark's")


def test_a_table_that_is_being_written(built: SparkTables, database: Path) -> None:
    (built.of("marts", "monthly") / "_temporary").mkdir()
    assert "marts.monthly: Spark is writing" in refusal(database, built)


def test_a_table_of_another_format(built: SparkTables, database: Path) -> None:
    (built.of("marts", "monthly") / "_delta_log").mkdir()
    assert "marts.monthly: not a plain folder" in refusal(database, built)


@pytest.mark.parametrize("newer", ["raw.raw_logins", "staging.base_logins"])
def test_a_build_that_stopped_halfway(
    newer: str, built: SparkTables, database: Path
) -> None:
    schema, table = newer.split(".")
    where = built.raw if schema == "raw" else built.of
    file = where(schema, table) / "part-0.parquet"
    os.utime(file, (2_000, 2_000))
    stale = "staging.base_logins" if schema == "raw" else "marts.monthly"
    assert refusal(database, built).startswith(f"{stale}: older than a table that it")


def test_a_table_of_another_version(built: SparkTables, database: Path) -> None:
    write(built.of("marts", "monthly"), "select 'A1' as account_id", 1_002)
    assert refusal(database, built).startswith("marts.monthly: Spark's table lacks mrr")


def test_a_table_that_changes_meanwhile(
    built: SparkTables, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = spark_tables._take

    def slow(connection: Any, schema: str, table: str, folder: Path) -> int:
        rows = take(connection, schema, table, folder)
        file = folder / "part-0.parquet"
        if table == "monthly":
            os.utime(file, (time.time(), time.time()))
        return rows

    monkeypatch.setattr(spark_tables, "_take", slow)
    assert refusal(database, built).startswith("monthly: written by Spark while")


def test_a_value_that_does_not_fit(built: SparkTables, database: Path) -> None:
    write(
        built.of("marts", "monthly"),
        "select null as account_id, 10.25::decimal(38, 6) as mrr",
        1_002,
    )
    with pytest.raises(duckdb.ConstraintException):
        fill(database, built, manifest())


# -- as of which day -------------------------------------------------------------------


@pytest.fixture
def dated(built: SparkTables) -> SparkTables:
    day = "select date '2026-09-19' as as_of_date"
    write(built.of("marts", "figures_as_of"), day, 2_000)
    write(built.raw("raw", "raw_origin"), "select 'demo/data' as origin", 1_000)
    return built


def test_the_day_is_that_of_spark(dated: SparkTables) -> None:
    settings = settings_of({"SPARK_FOLDER": str(dated.folder)})
    assert spark_day(project_vars(), settings) == date(2026, 9, 19)


def test_another_day_is_refused(dated: SparkTables) -> None:
    settings = settings_of(
        {"SPARK_FOLDER": str(dated.folder), "AS_OF_DATE": "2026-09-20"}
    )
    with pytest.raises(InputError, match="as of 2026-09-19, the given"):
        spark_day(project_vars(), settings)


def test_other_raw_data_is_refused(dated: SparkTables) -> None:
    settings = settings_of(
        {"SPARK_FOLDER": str(dated.folder), "RAW_LOCATION": "elsewhere"}
    )
    with pytest.raises(InputError, match="built from demo/data, but the settings name"):
        spark_day(project_vars(), settings)


def test_no_tables(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no table of Spark: SPARK_FOLDER"):
        spark_day(project_vars(), settings_of({"SPARK_FOLDER": str(tmp_path)}))

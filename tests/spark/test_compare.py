"""The comparison of two engines finds what it is for; Spark is not needed for that."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.spark.compare import differences, tables_of

ROWS = """
select * from (values
    ('A1', date '2024-01-31', timestamp '2024-01-31 10:00:00', 10.2500, 0.1e0, 3),
    ('A2', null, null, null, null, null),
    ('A2', null, null, null, 0.3, null)
) as rows (account_id, date_day, first_at, mrr, rate, logins)
"""


def compared(folder: Path, spark: str) -> list[str]:
    """The messages for a table of ROWS, and Spark's rows as this query has them."""
    database = folder / "warehouse.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"create schema marts; create table marts.m as {ROWS}")
        files = folder / "tables" / "marts.db" / "m"
        files.mkdir(parents=True, exist_ok=True)
        connection.execute(
            "copy (select * replace (first_at at time zone 'UTC' as first_at)"
            f" from ({spark})) to '{files}/part-0.parquet'"
        )
    assert tables_of(database, "marts") == ["m"]
    return [
        one.message for one in differences(database, folder / "tables", "marts", ["m"])
    ]


def test_equal_rows_in_another_order(tmp_path: Path) -> None:
    assert compared(tmp_path, f"from ({ROWS}) order by all desc") == []
    tiny = f"select * replace (rate * (1 + 1e-12) as rate) from ({ROWS})"
    assert compared(tmp_path, tiny) == []


@pytest.mark.parametrize(
    "spark",
    [
        f"from ({ROWS}) where account_id <> 'A1'",
        f"from ({ROWS}) union all from ({ROWS}) where account_id = 'A1'",
        f"select * replace (rate * (1 + 1e-8) as rate) from ({ROWS})",
        f"select * replace (coalesce(rate, 0) as rate) from ({ROWS})",
        f"select * replace ('nan'::double as rate) from ({ROWS})",
        f"select * replace ((mrr + 0.0001)::decimal(6, 4) as mrr) from ({ROWS})",
        f"select * replace (account_id || ' ' as account_id) from ({ROWS})",
        f"select * replace (first_at + interval 1 second as first_at) from ({ROWS})",
        f"select * replace (date_day + 1 as date_day) from ({ROWS})",
        f"select * replace (logins::bigint as logins) from ({ROWS})",
        f"select *, 1 as one_more from ({ROWS})",
        f"select * exclude (mrr) from ({ROWS})",
    ],
)
def test_a_difference_is_found(tmp_path: Path, spark: str) -> None:
    assert len(compared(tmp_path, spark)) == 1


def test_a_table_that_spark_lacks(tmp_path: Path) -> None:
    compared(tmp_path, ROWS)
    database = tmp_path / "warehouse.duckdb"
    (one,) = differences(database, tmp_path / "nowhere", "marts", ["m"])
    assert str(one) == "m: Spark has no such table"

"""Every mart, row by row, compared with values computed without any of the SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.oracle import random_data
from tests.oracle.compare import MARTS, NOT_YET, compare
from tests.oracle.entities import RenewalModel, context
from tests.oracle.rows import accept, read_csv_folder
from tests.python.conftest import ROOT, build

DEMO_AS_OF = date(2026, 9, 20)
OPTIONAL = [
    "accounts",
    "users",
    "feature_events",
    "support_tickets",
    "invoices",
    "referrals",
    "costs",
    "exchange_rates",
]


def marts_and_columns(database: Path) -> dict[str, set[str]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        found: dict[str, set[str]] = {}
        for mart, column in connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'marts'"
        ).fetchall():
            found.setdefault(mart, set()).add(column)
    return found


def renewal_models(database: Path) -> tuple[RenewalModel, ...]:
    """The fitted models that the database was built with: given, not computed."""
    coefficients: dict[date, dict[str, float]] = {}
    covariances: dict[date, dict[tuple[str, str], float]] = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for trained_to, feature, value in connection.execute(
            "select trained_to, feature, coefficient from raw.renewal_coefficients"
        ).fetchall():
            coefficients.setdefault(trained_to, {})[feature] = value
        for trained_to, one, other, value in connection.execute(
            "select trained_to, feature, other_feature, covariance"
            " from raw.renewal_covariances"
        ).fetchall():
            covariances.setdefault(trained_to, {})[one, other] = value
    return tuple(
        RenewalModel(day, coefficients[day], covariances[day]) for day in coefficients
    )


def differences(
    database: Path,
    raw: Mapping[str, list[dict[str, str | None]]],
    as_of: date,
    timezone: str = "UTC",
    only: str | None = None,
    config: Mapping[str, Any] | None = None,
) -> list[str]:
    """What is not the same in the marts that there are; each has its own metrics."""
    ctx = context(accept(dict(raw), config), as_of, timezone, config)
    ctx.renewal_models = renewal_models(database)
    found = []
    compared = 0
    for mart, columns in marts_and_columns(database).items():
        if only not in (None, mart):
            continue
        if mart in NOT_YET:
            print(f"{mart} is not compared: {NOT_YET[mart]}")
            continue
        assert mart in MARTS, f"{mart} is in no independent computation"
        function, keys = MARTS[mart]
        rows = [
            {name: value for name, value in row.items() if name in columns}
            for row in function(ctx)
        ]
        compared += len(rows)
        found += compare(database, mart, rows, keys)
    assert compared > (0 if only else 100), "there was nothing to compare"
    return found


def test_demo(demo_database: Path) -> None:
    raw = read_csv_folder(ROOT / "demo" / "data")
    assert differences(demo_database, raw, DEMO_AS_OF) == []


def test_a_planted_fault_is_seen(demo_database: Path, tmp_path: Path) -> None:
    faulty = tmp_path / "warehouse.duckdb"
    faulty.write_bytes(demo_database.read_bytes())
    with duckdb.connect(str(faulty)) as connection:
        connection.execute(
            "update marts.monthly_churn set churned_customers = churned_customers + 1"
            " where date_month = date '2026-05-01'"
        )
    raw = read_csv_folder(ROOT / "demo" / "data")
    found = differences(faulty, raw, DEMO_AS_OF, only="monthly_churn")
    assert len(found) == 1
    assert "monthly_churn.churned_customers" in found[0]
    assert "2026-05-01" in found[0]


@pytest.mark.long  # test_missing_sources leaves out more
def test_required_tables_alone(tmp_path: Path) -> None:
    # Without exchange rates only the base currency is known: many rows are rejected.
    database = build(
        tmp_path,
        config={"absent_tables": OPTIONAL, "max_rejection_rate": 1},
        with_tests=False,
    )
    raw = read_csv_folder(ROOT / "demo" / "data")
    required = {table: rows for table, rows in raw.items() if table not in OPTIONAL}
    assert set(required) == {"subscriptions", "logins", "surveys"}
    assert differences(database, required, DEMO_AS_OF) == []


def test_foreign_export(tmp_path: Path) -> None:
    export = ROOT / "tests" / "data" / "foreign_export"
    database = build(
        tmp_path,
        environment={"RAW_LOCATION": str(export), "AS_OF_DATE": "2024-12-31"},
        with_tests=False,
    )
    as_csv = tmp_path / "csv"
    as_csv.mkdir()
    for file in export.glob("*.parquet"):
        duckdb.sql(f"copy (from '{file}') to '{as_csv / file.stem}.csv'")
    raw = read_csv_folder(as_csv)
    assert differences(database, raw, date(2024, 12, 31)) == []
    with duckdb.connect(str(database), read_only=True) as connection:
        reasons = connection.execute(
            "select source_table, reason from marts.rejections_by_reason"
        ).fetchall()
    assert set(reasons) == {
        ("subscriptions", "ends_before_start"),
        ("logins", "duplicate_key"),
        ("feature_events", "duplicate_key"),
    }


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=[pytest.mark.long] if seed > 1 else [])
        for seed in range(1, 21)
    ],
)
def test_messy_data(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    story = random_data.write(folder, seed)
    config = json.loads(story["config"])
    database = build(
        tmp_path,
        environment={"RAW_LOCATION": str(folder), "AS_OF_DATE": story["as_of"]},
        config={
            **config,
            "reporting_timezone": story["timezone"],
            "max_rejection_rate": 1,
        },
    )
    raw = read_csv_folder(folder)
    as_of = date.fromisoformat(story["as_of"])
    assert differences(database, raw, as_of, story["timezone"], config=config) == []

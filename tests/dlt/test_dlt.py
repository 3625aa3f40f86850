"""From a mock of Stripe's API, landed by dlt, to the rows of Fivetran's files."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import duckdb
import pytest

from tests.dlt.mock_stripe import served
from tests.python.conftest import ROOT, dbt, run

PYTHON = ROOT / ".venv-dlt" / "bin" / "python"
DATA = ROOT / "tests" / "data" / "sources"
# dlt has today's state: these two depend on when it was seen, and on its versions
UNKNOWN = {"sub_13", "sub_21"}

pytestmark = [
    pytest.mark.dlt,
    pytest.mark.skipif(
        not PYTHON.exists(), reason=".venv-dlt is not installed: make test-dlt does it"
    ),
]


def test_stripe_landed_by_dlt_gives_the_same_subscriptions(tmp_path: Path) -> None:
    file = tmp_path / "landed.duckdb"
    with served(DATA / "stripe") as url:
        script = str(ROOT / "tests" / "dlt" / "land_stripe.py")
        environment = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false"}
        done = run(str(PYTHON), script, url, str(file), environment=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema raw")
        for table, columns in {
            "logins": "login_id, user_id, account_id, logged_in_at",
            "surveys": "response_id, survey_type, question, account_id, sent_at",
        }.items():
            empty = ", ".join(f"'' as {name}" for name in columns.split(", "))
            connection.execute(
                f"create table raw.{table} as select {empty} where false"
            )
        connection.execute(
            "create table raw.exchange_rates as select * from (values"
            " ('JPY', '2026-01-01', '0.01'), ('KWD', '2026-01-01', '3.25'))"
            " as rates (currency, rate_date, rate_to_base)"
        )
    done = dbt(
        tmp_path,
        "build",
        *("--exclude-resource-type", "unit_test"),
        environment={"RAW_DATABASE": str(file), "AS_OF_DATE": "2026-07-31"},
        config={
            "sources": {
                "subscriptions": "stripe",
                "invoices": "stripe",
                "accounts": "stripe",
            },
            "source_settings": {"stripe": {"loader": "dlt"}},
        },
    )
    assert done.returncode == 0, done.stdout[-6000:]
    with (DATA / "expected" / "stripe__subscriptions.csv").open() as opened:
        columns, *rows = csv.reader(opened)
    expected = sorted(tuple(row) for row in rows if row[0] not in UNKNOWN)
    texts = ", ".join(f"coalesce(cast({name} as varchar), '')" for name in columns)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as found:
        query = f"select {texts} from raw.raw_subscriptions"
        rows = [row for row in found.execute(query).fetchall() if row[0] not in UNKNOWN]
        last = found.execute(
            "select mrr_at_end from marts.monthly_churn"
            " where date_month = date '2026-06-01'"
        ).fetchone()
    assert sorted(rows) == expected
    assert last is not None and last[0] > 600

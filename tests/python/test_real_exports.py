"""Shapes in which real exports come, each with values that were worked out by hand."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from tests.python.conftest import ROOT, dbt

EXPORTS = ROOT / "tests" / "data" / "real_exports"
AS_OF = "2024-12-31"


@dataclass(frozen=True)
class Case:
    """An export, the setting that reads it, and what queries have to return."""

    name: str
    export: str
    checks: dict[str, list[tuple[object, ...]]]
    config: dict[str, object] = field(default_factory=dict)
    change: Callable[[Path], None] | None = None
    as_of: str = AS_OF
    is_long: bool = True


def with_column(table: str, name: str, values: list[str]) -> Callable[[Path], None]:
    """Adds a column to a table of an export."""

    def change(folder: Path) -> None:
        path = folder / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert len(rows) == len(values)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*header, name])
            writer.writerows(
                [*row, value] for row, value in zip(rows, values, strict=True)
            )

    return change


def renamed(table: str, before: str, after: str) -> Callable[[Path], None]:
    """Renames a column of an export."""

    def change(folder: Path) -> None:
        path = folder / f"{table}.csv"
        header, rest = path.read_text(encoding="utf-8").split("\n", 1)
        names = [after if name == before else name for name in header.split(",")]
        assert after in names
        path.write_text(",".join(names) + "\n" + rest, encoding="utf-8")

    return change


REJECTED = (
    "select row_key, reason from marts.rejected_rows"
    " where source_table = 'subscriptions'"
)
SUMMARY = (
    "select rows_in, accepted, rejected, filtered, deleted_at_source, rejection_rate"
    " from marts.data_quality_summary where source_table = 'subscriptions'"
)
CUSTOMERS = (
    "select customers_at_end, cast(mrr_at_end as double) from marts.monthly_churn"
    " where date_month = date '2024-12-01'"
)
MAY = (
    "select customers_at_start, customers_at_end, churned_customers,"
    " new_and_lost_customers from marts.monthly_churn"
    " where date_month = date '2024-05-01'"
)
MAY_VARIANT = (
    "select churned_customers, base_customers from marts.churn_variants"
    " where date_month = date '2024-05-01' and churn_rule = 'include_new_and_lost'"
)
MAU = (
    "select mau from marts.active_users where date_day in"
    " (date '2024-10-31', date '2024-12-31') order by date_day"
)
MONTHS = (
    "select strftime(date_month, '%m'), cast(mrr_at_end as double),"
    " cast(expansion_mrr as double) from marts.monthly_churn"
    " where date_month in (date '2024-01-01', date '2024-05-01', date '2024-06-01')"
    " order by 1"
)

CASES = [
    Case(
        "two_items_without_ids",
        "02-two-items-from-one-day",
        {
            "select distinct cast(mrr_at_end as double) from marts.monthly_churn"
            " where date_month >= date '2024-01-01'": [(20.0,)],
            REJECTED: [("02-S||2024-01-01", "duplicate_key")],
        },
    ),
    Case(
        "two_items_with_ids",
        "02-two-items-from-one-day",
        {
            "select distinct cast(mrr_at_end as double) from marts.monthly_churn"
            " where date_month >= date '2024-01-01'": [(120.0,)],
            REJECTED: [],
            "select subscription_item_id, cast(mrr as double)"
            " from marts.fct_subscription_periods order by 1": [
                ("a", 100.0),
                ("b", 20.0),
            ],
        },
        change=with_column("subscriptions", "subscription_item_id", ["a", "b"]),
        is_long=False,
    ),
    Case(
        "deleted_at_the_source",
        "04-deleted-at-the-source",
        {
            CUSTOMERS: [(1, 100.0)],
            "select account_id from marts.dim_accounts": [("04-A",)],
            SUMMARY: [(2, 1, 0, 0, 1, 0.0)],
            REJECTED: [("04-S2||2024-02-01", "deleted_at_source")],
        },
        is_long=False,
    ),
    Case(
        "a_column_of_the_application",
        "04-deleted-at-the-source",
        {CUSTOMERS: [(2, 200.0)]},
        change=renamed("subscriptions", "_fivetran_deleted", "is_deleted"),
    ),
    Case(
        "a_soft_delete_column_by_var",
        "04-deleted-at-the-source",
        {CUSTOMERS: [(1, 100.0)]},
        change=renamed("subscriptions", "_fivetran_deleted", "_dlt_deleted"),
        config={"soft_delete_columns": ["_dlt_deleted"]},
    ),
    Case(
        "never_active",
        "05-never-active",
        {MAY: [(1, 1, 0, 1)], MAY_VARIANT: [(1, 1)]},
    ),
    Case(
        "never_active_and_filtered",
        "05-never-active",
        {
            MAY: [(1, 1, 0, 0)],
            MAY_VARIANT: [(0, 1)],
            "select distinct cohort_month, cohort_customers"
            " from marts.cohort_retention": [("2024-01-01", 1)],
            "select account_id from marts.dim_accounts": [("05-A",)],
            SUMMARY: [(2, 1, 0, 1, 0, 0.0)],
            REJECTED: [("05-S2||2024-05-03", "filtered")],
        },
        config={"raw_filters": {"subscriptions": "status = 'active'"}},
    ),
    Case(
        "users_deleted_after_they_left",
        "08-users-deleted-after-they-left",
        {
            MAU: [(107,), (97,)],
            "select count(*), count_if(is_inferred) from marts.dim_users": [(110, 10)],
            "select inferred_ids from marts.data_quality_summary"
            " where source_table = 'users'": [(10,)],
            "select sum(provisioned_users), sum(active_users)"
            " from marts.account_activity where date_month in"
            " (date '2024-10-01', date '2024-12-01') group by date_month"
            " order by date_month": [(110, 110), (100, 100)],
        },
        is_long=False,
    ),
    Case(
        "users_deleted_and_rejected",
        "08-users-deleted-after-they-left",
        {
            MAU: [(97,), (97,)],
            "select reason, rejected_rows from marts.rejections_by_reason": [
                ("unknown_user", 10)
            ],
        },
        config={"unknown_ids": "reject"},
    ),
    Case(
        "a_history_table",
        "12-a-history-table",
        {
            MONTHS: [("01", 50.0, 0.0), ("05", 50.0, 0.0), ("06", 80.0, 30.0)],
            REJECTED: [],
            "select cast(history_from as varchar) from marts.data_quality_summary"
            " where source_table = 'subscriptions'": [("2024-01-01",)],
        },
        config={
            "raw_columns": {
                "subscriptions": {"started_on": "valid_from", "ended_on": "valid_to"}
            }
        },
    ),
    Case(
        "a_pause",
        "13-a-pause",
        {
            "select strftime(date_month, '%m'), churned_customers,"
            " reactivated_customers, cast(mrr_at_end as double)"
            " from marts.monthly_churn where date_month in"
            " (date '2024-05-01', date '2024-07-01') order by 1": [
                ("05", 1, 0, 0.0),
                ("07", 0, 1, 100.0),
            ],
            "select strftime(date_month, '%m'), churn_reason, is_voluntary,"
            " churned_customers, cast(churned_mrr as double)"
            " from marts.churn_reasons": [("05", "paused", None, 1, 100.0)],
        },
    ),
    Case(
        "a_two_year_term",
        "14-a-two-year-term",
        {
            "select * from marts.renewals where due > 0 or open > 0": [],
            "select * from marts.renewal_calendar": [],
            CUSTOMERS: [(1, 100.0)],
        },
        change=with_column("subscriptions", "term_months", ["24"]),
    ),
    Case(
        "a_two_year_term_that_comes_up",
        "14-a-two-year-term",
        {
            "select cast(due_on as varchar), cast(mrr as double), is_cancel_scheduled"
            " from marts.renewal_calendar": [("2025-11-15", 100.0, False)],
        },
        change=with_column("subscriptions", "term_months", ["24"]),
        as_of="2025-08-20",
    ),
    Case(
        "a_scheduled_cancellation",
        "20-cancellation-that-is-scheduled",
        {
            "select account_id, cast(due_on as varchar), cast(mrr as double),"
            " is_cancel_scheduled from marts.renewal_calendar order by 1": [
                ("20-A", "2025-02-01", 100.0, True),
                ("20-B", "2025-02-01", 100.0, False),
            ],
            "select alert_id, severity, is_open, cast(mrr_at_risk as double)"
            " from marts.account_alerts where is_open and alert_type in"
            " ('cancellation_scheduled', 'renewal_at_risk')": [
                ("20-A|cancellation_scheduled|2024-11-03", "high", True, 100.0)
            ],
            "select account_id, health_band, health_score from marts.account_health"
            " where date_month = date '2024-12-01' order by 1": [
                ("20-A", "red", 22),
                ("20-B", None, None),
            ],
            CUSTOMERS: [(2, 200.0)],
        },
        is_long=False,
    ),
]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=[pytest.mark.long] * case.is_long)
        for case in CASES
    ],
)
def test_a_real_export(case: Case, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(EXPORTS / case.export, raw)
    if case.change:
        case.change(raw)
    done = dbt(
        tmp_path,
        *("build", "--resource-type", "model", "--resource-type", "seed"),
        environment={"RAW_LOCATION": str(raw), "AS_OF_DATE": case.as_of},
        config=case.config,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as built:
        for query, expected in case.checks.items():
            rows = built.execute(query).fetchall()
            found = [
                tuple(str(v) if hasattr(v, "isoformat") else v for v in row)
                for row in rows
            ]
            assert found == expected, query

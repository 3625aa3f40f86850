"""kpi_monthly computes nothing: each value is a value of its mart."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from pipeline.project import project_vars
from tests.python.conftest import ROOT

AS_OF = project_vars()["demo_as_of_date"]

# A mart with the metric as a column, or a query of one.
MARTS = {
    **dict.fromkeys(
        [
            *("mrr_at_end", "arr", "customers_at_end", "churn_rate"),
            *("gross_mrr_churn_rate", "net_mrr_churn_rate", "quick_ratio"),
        ],
        "monthly_churn",
    ),
    "nrr_12m": "(select date_month, nrr as nrr_12m from marts.revenue_retention"
    " where months_back = 12)",
    "grr_12m": "(select date_month, grr as grr_12m from marts.revenue_retention"
    " where months_back = 12)",
    "renewal_rate": "(select * from marts.renewals"
    f" where date_month <= date '{AS_OF}')",
    "conversion_rate": "trial_conversion",
    **dict.fromkeys(
        ["arpa", "ltv", "cac", "ltv_to_cac", "ltv_to_crc"], "unit_economics"
    ),
    **dict.fromkeys(
        ["mau", "stickiness"],
        "(select date_trunc('month', date_day)::date as date_month, *"
        " from marts.active_users where date_day = last_day(date_day)"
        f" or date_day = date '{AS_OF}')",
    ),
    **dict.fromkeys(["adoption_rate", "account_adoption_rate"], "product_adoption"),
    "login_ratio": "activity_monthly",
    "median_days": "(select signup_month as date_month, median_days"
    " from marts.time_to_value)",
    "nps": "(select * from marts.nps_monthly where period_type = 'month')",
    "cli": "customer_loyalty_index",
    "csat_rate": "csat_monthly",
    "referral_rate": "referrals_monthly",
    **dict.fromkeys(["health_score_mean", "red_accounts"], "health_monthly"),
}
WITH_INTERVAL = {"churn_rate", "conversion_rate", "adoption_rate", "nps"}


def catalogue() -> list[str]:
    file = ROOT / "seeds" / "reference" / "metric_catalogue.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return [row["metric"] for row in csv.DictReader(lines)]


def test_every_value_is_its_marts(demo_database: Path) -> None:
    assert set(MARTS) == set(catalogue())
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        for metric, mart in MARTS.items():
            source = mart if mart.startswith("(") else f"marts.{mart}"
            bounds = [
                f"{metric}_{side}" if metric in WITH_INTERVAL else "null"
                for side in ("lower", "upper")
            ]
            expected = connection.execute(
                f"select date_month, cast({metric} as double), {', '.join(bounds)}"
                f" from {source} order by 1"
            ).fetchall()
            found = connection.execute(
                "select date_month, value, lower, upper from marts.kpi_monthly"
                " where metric = ? order by 1",
                [metric],
            ).fetchall()
            assert len(expected) > 5, metric
            assert found == expected, metric

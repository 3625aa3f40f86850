"""Without a table the project builds, and what needs the table is null, not zero."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.oracle.rows import read_csv_folder
from tests.python.conftest import ROOT, build
from tests.python.test_oracle import DEMO_AS_OF, differences

# What is missing: a table, or the answers in one that has to be there.
ANSWERS = "answers"
NULL = {
    "feature_events": {
        "fct_user_days": ["core_events", "events"],
        "account_activity": ["features_used", "core_events"],
        "time_to_value": [
            *("reached_value", "not_yet", "median_days", "p75_days"),
            *("share_within_7_days", "share_within_30_days"),
        ],
        "onboarding_engagement": ["points_earned", "onboarding_score", "is_stalled"],
        "customer_360": ["features_used"],
    },
    ANSWERS: {
        "account_health": ["nps_score", "nps_points_lost"],
        "nps_monthly": ["nps", "nps_lower", "nps_upper", "promoter_share"],
        "customer_loyalty_index": ["cli", "cli_change", "product_quality"],
        "csat_monthly": ["csat_rate", "mean_score"],
        "customer_360": ["latest_nps_score", "nps_segment", "latest_csat"],
    },
    "invoices": {
        "account_health": ["billing_score", "billing_points_lost"],
        "customer_lifetime_value": ["invoiced_to_date"],
        "customer_360": ["overdue_invoices"],
    },
    "support_tickets": {
        "account_health": ["support_score", "support_points_lost"],
        "customer_360": ["open_tickets"],
    },
    "users": {"dim_users": ["role"]},
}
EMPTY = {
    "feature_events": [
        *("product_adoption", "feature_adoption", "feature_adoption_by_segment"),
    ],
    ANSWERS: ["nps_segments"],
}
NO_ALERTS = {
    "feature_events": "onboarding_stalled",
    ANSWERS: "detractor",
    "invoices": "invoice_overdue",
}
COMPONENT = {ANSWERS: "nps", "invoices": "billing", "support_tickets": "support"}
WEIGHTS = {"usage": 40, "billing": 30, "support": 20, "nps": 10}
MIN_COVERAGE = 0.4  # of the weights; with less there is no score (rule 60)


def demo_without(missing: list[str], folder: Path) -> Path:
    """The demo's extracts as a user would have them who lacks some."""
    folder.mkdir()
    for file in (ROOT / "demo" / "data").glob("*.csv"):
        table = file.name.removesuffix(".csv")
        if table not in missing:
            shutil.copy(file, folder / f"{table}.csv")
    if ANSWERS in missing:
        file = folder / "surveys.csv"
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        with file.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, rows[0].keys())
            writer.writeheader()
            unanswered = {"score": "", "responded_at": "", "comment": ""}
            writer.writerows({**row, **unanswered} for row in rows)
    return folder


@pytest.mark.parametrize(
    "missing",
    [
        *(pytest.param([one], id=one, marks=pytest.mark.long) for one in NULL),
        pytest.param(list(NULL), id="all of them"),
    ],
)
def test_metrics_of_a_missing_source_are_null(
    tmp_path: Path, missing: list[str]
) -> None:
    raw = demo_without(missing, tmp_path / "raw")
    database = build(
        tmp_path,
        environment={"RAW_LOCATION": str(raw), "AS_OF_DATE": str(DEMO_AS_OF)},
    )
    assert differences(database, read_csv_folder(raw), DEMO_AS_OF) == []

    with duckdb.connect(str(database), read_only=True) as connection:

        def value(query: str) -> object:
            found = connection.execute(query).fetchone()
            return found[0] if found else None

        for source in missing:
            for mart, columns in NULL[source].items():
                assert value(f"select count(*) from marts.{mart}") != 0, mart
                for column in columns:
                    known = value(f"select count({column}) from marts.{mart}")
                    assert known == 0, f"{mart}.{column}"
            for mart in EMPTY.get(source, []):
                assert value(f"select count(*) from marts.{mart}") == 0, mart
            if source in NO_ALERTS:
                kind = NO_ALERTS[source]
                raised = "select count(*) from marts.account_alerts where alert_type = "
                assert value(f"{raised}'{kind}'") == 0, kind

        # The available components are reweighted.
        there = [
            name
            for name in WEIGHTS
            if name not in [COMPONENT.get(source) for source in missing]
        ]
        weight = " + ".join(
            f"case when {name}_score is null then 0 else {WEIGHTS[name]} end"
            for name in WEIGHTS
        )
        weighted = " + ".join(
            f"{WEIGHTS[name]} * coalesce({name}_score, 0)" for name in WEIGHTS
        )
        best = sum(WEIGHTS[name] for name in there) / 100
        assert value("select max(score_coverage) from marts.account_health") == best
        assert (
            value(
                "select count(*) from marts.account_health"
                f" where abs(score_coverage - ({weight}) / 100) > 1e-9"
                f" or abs(health_score_exact * ({weight}) - ({weighted})) > 0.01"
                f" or (health_score is null) <> (({weight}) < {100 * MIN_COVERAGE})"
            )
            == 0
        )
        assert value("select count(health_score) from marts.account_health") != 0
        assert value("select sum(provisioned_users) from marts.account_activity") != 0

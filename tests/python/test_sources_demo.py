"""The demo from its tools equals the demo from the contract's tables, mart by mart.

All that Stripe, HubSpot, Zendesk, Segment and Delighted cannot know is listed here,
with the reason. An entry that is no longer needed fails, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from demo.tools import generate
from tests.python.conftest import ROOT, dbt
from tests.python.naming import identity_differences

pytestmark = [pytest.mark.xdist_group("sources demo")]

EVERY = "*"  # column
UNANSWERED = "Delighted has no surveys that were not answered"
NO_CLI = "Delighted does not ask the three questions of the CLI"
SESSIONS = "a login event does not say how long the session took"
OWN_IDS = "an item has an id of its own, and a gap starts another subscription"
REJECTED = "rows that staging rejects were not made for the tools"
COMPARED = "only sources have ids to match and invoices to compare with"
# Columns by mart that differ, and why. EVERY: its rows are not compared.
UNKNOWN: dict[str, dict[str, str]] = {
    "account_activity": {"session_minutes_mean": SESSIONS},
    "churn_reasons": {
        "churn_reason": "Stripe's feedback has no word for business_closure: other"
    },
    "customer_loyalty_index": {EVERY: NO_CLI},
    "data_quality_summary": {EVERY: f"{REJECTED}; {NO_CLI}"},
    "fct_subscription_periods": {
        "subscription_id": OWN_IDS,
        "subscription_item_id": OWN_IDS,
    },
    "fct_user_days": {"session_minutes": SESSIONS},
    "figures_as_of": {EVERY: "it names tables without rows"},
    "identity_coverage": {EVERY: COMPARED},
    "kpi_monthly": {EVERY: f"{NO_CLI}: its other rows are compared below"},
    "kpi_values": {EVERY: f"{NO_CLI}: kpi_monthly has its rows"},
    "mrr_reconciliation": {EVERY: COMPARED},
    "mrr_reconciliation_monthly": {EVERY: COMPARED},
    "nps_monthly": {
        "surveys_sent": UNANSWERED,
        "surveys_answered": UNANSWERED,
        "response_rate": UNANSWERED,
    },
    "rejected_rows": {EVERY: REJECTED},
    "rejections_by_reason": {EVERY: REJECTED},
    "renewal_calendar": {
        "subscription_id": OWN_IDS,
        "subscription_item_id": OWN_IDS,
    },
    "renewal_forecast": {"subscription_id": OWN_IDS},
    "unmatched_ids": {EVERY: COMPARED},
}


@pytest.fixture(scope="module")
def built_from(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The database of the demo from its tools, and the folder of their tables."""
    folder = tmp_path_factory.mktemp("sources_demo")
    generate(folder / "raw")
    config = yaml.safe_load((ROOT / "demo" / "sources.yml").read_text("utf-8"))
    config["raw_location"] = str(folder / "raw")
    place = folder / "built"
    place.mkdir()
    done = dbt(
        place, "build", "--exclude-resource-type", "unit_test", "test", config=config
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return place / "warehouse.duckdb", folder / "raw"


@pytest.fixture(scope="module")
def both(
    demo_database: Path, built_from: tuple[Path, Path]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both demos: `contract` from the contract's tables, `tools` from its tools."""
    tools, _ = built_from
    with duckdb.connect() as connection:
        connection.execute(f"attach '{demo_database}' as contract (read_only)")
        connection.execute(f"attach '{tools}' as tools (read_only)")
        yield connection


def marts(both: duckdb.DuckDBPyConnection) -> list[str]:
    rows = both.execute(
        "select table_name from duckdb_tables()"
        " where database_name = 'contract' and schema_name = 'marts' order by 1"
    ).fetchall()
    return [name for (name,) in rows]


def columns(both: duckdb.DuckDBPyConnection, mart: str) -> dict[str, str]:
    rows = both.execute(
        "select column_name, data_type from duckdb_columns()"
        " where database_name = 'contract' and schema_name = 'marts'"
        " and table_name = ?",
        [mart],
    ).fetchall()
    return {
        name: f"round({name}, 9)" if type_ in ("DOUBLE", "FLOAT") else name
        for name, type_ in rows
    }


def differing(
    both: duckdb.DuckDBPyConnection, mart: str, selected: str, where: str = "true"
) -> int:
    """Rows of either side that the other one does not have."""
    total = 0
    for one, other in (("contract", "tools"), ("tools", "contract")):
        query = (
            f"select count(*) from (select {selected} from {one}.marts.{mart}"
            f" where {where} except all select {selected} from {other}.marts.{mart}"
            f" where {where})"
        )
        row = both.execute(query).fetchone()
        total += row[0] if row else 0
    return total


def test_every_mart_is_equal_but_for_what_the_tools_cannot_know(
    both: duckdb.DuckDBPyConnection,
) -> None:
    names = marts(both)
    assert len(names) > 45
    wrong = {}
    for mart in names:
        unknown = UNKNOWN.get(mart, {})
        if EVERY in unknown:
            continue
        kept = [sql for name, sql in columns(both, mart).items() if name not in unknown]
        if count := differing(both, mart, ", ".join(kept)):
            wrong[mart] = count
    assert wrong == {}


def test_what_is_listed_does_differ(both: duckdb.DuckDBPyConnection) -> None:
    assert {*UNKNOWN} - {*marts(both)} == set()
    equal = [
        f"{mart}.{name}"
        for mart, unknown in UNKNOWN.items()
        for name in unknown
        if not differing(
            both,
            mart,
            ", ".join(columns(both, mart).values())
            if name == EVERY
            else columns(both, mart)[name],
        )
    ]
    assert equal == [], "remove them from UNKNOWN"


def test_the_metrics_of_each_month_are_equal(both: duckdb.DuckDBPyConnection) -> None:
    selected = ", ".join(columns(both, "kpi_monthly").values())
    assert differing(both, "kpi_monthly", selected, "metric <> 'cli'") == 0


def test_ids_are_matched_as_worked_out_without_sql(
    both: duckdb.DuckDBPyConnection, built_from: tuple[Path, Path]
) -> None:
    database, raw = built_from
    config = yaml.safe_load((ROOT / "demo" / "sources.yml").read_text("utf-8"))
    as_of = date.fromisoformat(config["as_of_date"])
    found, compared = identity_differences(database, raw, as_of, config)
    assert found == []
    assert compared >= len({*config["sources"].values()})


def test_almost_all_mrr_is_explained_by_paid_invoices(
    both: duckdb.DuckDBPyConnection,
) -> None:
    row = both.execute(
        "select min(share_explained), count(*)"
        " from tools.marts.mrr_reconciliation_monthly where is_complete_month"
    ).fetchone()
    assert row is not None
    assert row[1] == 32
    assert row[0] > 0.95

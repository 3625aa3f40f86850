"""Every model keeps the rules of CONTRIBUTING.md; each check has seen its fault."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.metrics import catalogued
from tests.project import model_rules as rules
from tests.python.conftest import MAIN_JOB, ROOT

Check = Callable[[dict[str, Any]], list[str]]


def metrics_without_unit_test(manifest: dict[str, Any]) -> list[str]:
    metrics = {m.name: (m.mart, m.column) for m in catalogued(manifest)}
    assert len(metrics) > 20
    return rules.without_unit_test(manifest, metrics)


CHECKS: list[Check] = [
    *(rules.forbidden_edges, rules.unused_exceptions, rules.wrong_places),
    *(rules.without_grain, rules.undescribed_columns, rules.without_contract),
    *(rules.without_primary_key, rules.yaml_elsewhere, rules.beyond_marts),
    *(rules.wrong_readers_of_raw_events, metrics_without_unit_test),
]


def name_of(value: object) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_models_keep_the_rules(manifest: dict[str, Any], check: Check) -> None:
    assert len(rules.models(manifest)) > 90
    assert check(manifest) == []


# -- what each check finds -------------------------------------------------------------


def node(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = manifest["nodes"][f"model.customer_success.{name}"]
    return found


def read(manifest: dict[str, Any], model: str, *parents: str) -> None:
    node(manifest, model)["depends_on"]["nodes"] += [
        parent if "." in parent else f"model.customer_success.{parent}"
        for parent in parents
    ]


RAW = "source.customer_success.raw.raw_"
FAULTS: list[tuple[Check, Callable[[dict[str, Any]], object]]] = [
    *(
        (rules.forbidden_edges, lambda m, pair=pair: read(m, *pair))
        for pair in [
            ("base_invoices", f"{RAW}costs"),  # another raw table
            ("base_accounts", "base_users"),
            ("stg_invoices", "stg_accounts"),
            ("stg_invoices", "base_costs"),
            ("stg_invoices", "int_accounts"),  # upward
            ("int_invoices", "base_invoices"),  # rejected rows, too
            ("int_invoices", "dim_accounts"),  # upward
            ("int_invoices", f"{RAW}invoices"),
            ("int_invoices", "source_account_ids"),  # only what is about sources
            ("source_account_ids", "stg_invoices"),  # upward
            ("dim_accounts", "stg_accounts"),
            ("dim_accounts", "dim_users"),
            ("monthly_churn", "stg_subscriptions"),
            ("monthly_churn", "nps_monthly"),  # another subject
            ("figures_as_of", "base_logins"),
            ("kpi_monthly", "stg_surveys"),
        ]
    ),
    (
        rules.unused_exceptions,
        lambda m: node(m, "rejected_rows")["depends_on"].update(nodes=[]),
    ),
    (
        rules.unused_exceptions,
        lambda m: node(m, "customer_360")["depends_on"].update(nodes=[]),
    ),
    (rules.wrong_places, lambda m: node(m, "stg_costs").update(name="int_costs_new")),
    (rules.wrong_places, lambda m: node(m, "nps_monthly").update(name="fct_nps")),
    (rules.wrong_places, lambda m: node(m, "int_costs").update(schema="marts")),
    (rules.without_grain, lambda m: node(m, "int_costs").update(description="Costs.")),
    (rules.without_grain, lambda m: node(m, "int_costs").update(raw_code="select 1")),
    (rules.undescribed_columns, lambda m: node(m, "stg_costs").update(columns={})),
    (
        rules.undescribed_columns,
        lambda m: node(m, "stg_costs")["columns"]["amount"].update(description=" "),
    ),
    (
        rules.without_contract,
        lambda m: node(m, "monthly_churn")["contract"].update(enforced=False),
    ),
    (
        rules.without_primary_key,
        lambda m: [
            n.update(attached_node="")
            for n in m["nodes"].values()
            if str(n.get("attached_node")).endswith(".base_costs")
        ],
    ),
    (rules.yaml_elsewhere, lambda m: node(m, "stg_costs").update(patch_path=None)),
    (
        rules.yaml_elsewhere,
        lambda m: next(rules.unit_tests_of(m, "monthly_churn")).update(
            original_file_path="models/marts/revenue/all.yml"
        ),
    ),
    (
        rules.beyond_marts,
        lambda m: next(iter(m["exposures"].values()))["depends_on"].update(
            nodes=["model.customer_success.int_accounts"]
        ),
    ),
    (
        rules.wrong_readers_of_raw_events,
        lambda m: read(m, "data_quality_summary", f"{RAW}logins"),
    ),
    (
        rules.wrong_readers_of_raw_events,
        lambda m: node(m, "base_feature_events")["depends_on"].update(nodes=[]),
    ),
    (
        metrics_without_unit_test,
        lambda m: [
            test["expect"].update(rows=[{"date_month": "2024-01-01"}])
            for test in rules.unit_tests_of(m, "nps_monthly")
        ],
    ),
]


@pytest.mark.parametrize(("check", "plant"), FAULTS)
def test_a_planted_fault_is_seen(
    manifest: dict[str, Any], check: Check, plant: Callable[[dict[str, Any]], object]
) -> None:
    faulty = copy.deepcopy(
        {
            part: manifest[part]
            for part in ("nodes", "sources", "unit_tests", "exposures", "metadata")
        }
    )
    plant(faulty)
    assert check(faulty) != []


# -- what a manifest does not know -----------------------------------------------------


def test_no_sql_names_a_raw_table() -> None:
    # A table that is named in a text is in no depends_on: raw_table() is the only way.
    folders = ("models", "macros", "tests/singular", "tests/generic", "analyses")
    named = {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*.sql")
        if "raw.raw_" in (text := path.read_text("utf-8")) or "source('raw'" in text
    }
    # raw_origin is one row about where the tables come from; aliases are both
    # delivered and derived
    assert named == {
        "macros/staging/raw_table.sql",
        "macros/staging/raw_origin.sql",
        "models/sources/raw/raw_account_aliases.sql",
    }


@pytest.mark.xdist_group(MAIN_JOB)
def test_the_columns_that_are_described_are_those_that_are_built(
    manifest: dict[str, Any], demo_database: Path
) -> None:
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        built = connection.execute(
            "select table_schema || '.' || table_name, list(column_name)"
            " from information_schema.columns"
            " where (table_schema in ('staging', 'intermediate', 'marts')"
            # of schema raw only what is about sources is a model here
            " or table_schema = 'raw' and table_name like 'source\\_%' escape '\\')"
            " group by all"
        ).fetchall()
    stored = {  # the rows that a test returned
        f"{node['schema']}.{node['alias']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node["config"]["store_failures"]
    }
    built = [(table, columns) for table, columns in built if table not in stored]
    described = {
        f"{model.node['schema']}.{model.name}": {*model.node["columns"]}
        for model in rules.models(manifest)
    }
    wrong = {
        table: sorted({*columns} ^ described.get(table, set()))
        for table, columns in built
        if {*columns} != described.get(table, set())
    }
    assert wrong == {}, "built or described, not both"
    assert len(built) == len(described)

"""The rules for models as functions of dbt's manifest that return what is wrong.

The layers and what each may read are in CONTRIBUTING.md, *Layers*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Manifest = Mapping[str, Any]

# What the base models of other tables read, to validate ids and currencies.
LOOKUPS = {
    "base_accounts": {"stg_account_aliases"},
    "base_users": {"stg_account_aliases", "base_accounts"},
    "base_account_aliases": set[str](),
}
ALL_LOOKUPS = {
    *("stg_account_aliases", "stg_exchange_rates", "base_accounts", "base_users"),
}
# Models past staging that read base models, and why: they are about rejected rows, too.
READ_BASE_MODELS = {
    "rejected_rows": "lists what was not accepted",
    "rejections_by_reason": "counts what was not accepted",
    "data_quality_summary": "counts what was delivered and what was accepted",
    "int_available_sources": "a source whose rows are all set aside is delivered",
}
# Models past staging that read models of sources, and why: they are about the sources.
READ_SOURCE_MODELS = {
    "int_source_ids": "counts the ids that each source names, as it writes them",
    "int_reported_mrr": "compares MRR with what a source's invoices bill",
}
# Marts that read staging, and why.
READ_STAGING = {
    "figures_reported": "shows what publishes reported: there is nothing to compute",
}
# Marts that repeat metrics that other subjects publish, and why. No other reads across.
REPEAT_METRICS = {
    "kpi_values": "one row per month and metric of metric_catalogue",
    "customer_360": "one row per account with what all subjects publish of it",
    "account_months": "the same, of each month",
    "csm_book": "one row per manager with what all subjects publish of the accounts",
}
# Staging models named for what they hold, not for their raw table.
OF_ANOTHER_NAME = {
    "stg_login_days": "base_logins",
    "stg_feature_days": "base_feature_events",
    "stg_accounts_set_aside": "base_accounts",
    "stg_users_set_aside": "base_users",
    "stg_account_history": "account_history",
    "stg_history_starts": "history_starts",
    "stg_figures_reported": "figures_reported",
    "stg_renewal_coefficients": "renewal_coefficients",
    "stg_renewal_covariances": "renewal_covariances",
}
# The only nodes that may read raw events: each reads millions of rows.
READ_RAW_EVENTS = {
    "raw_logins": {"base_logins", "event_days_are_complete"},
    "raw_feature_events": {"base_feature_events", "event_days_are_complete"},
}


@dataclass(frozen=True)
class Model:
    """A model, and what it reads as (kind, name)."""

    name: str
    layer: str  # base, staging, intermediate, or the subject of a mart
    path: str
    reads: frozenset[tuple[str, str]]
    node: Mapping[str, Any]


def layer_of(path: str) -> str:
    """The layer that a model's file is in, or its subject."""
    parts = path.split("/")[1:-1]
    if parts == ["staging", "base"]:
        return "base"
    if parts[:1] == ["sources"]:
        return "sources"
    return parts[-1] if parts[:1] == ["marts"] else "/".join(parts)


def models(manifest: Manifest) -> list[Model]:
    """All models by name."""
    nodes = manifest["nodes"]

    def kind(unique_id: str) -> tuple[str, str]:
        if unique_id.startswith("source."):
            return "raw", manifest["sources"][unique_id]["name"]
        node = nodes[unique_id]
        if node["resource_type"] != "model":
            return node["resource_type"], node["name"]
        return layer_of(node["original_file_path"]), node["name"]

    return sorted(
        (
            Model(
                name=node["name"],
                layer=layer_of(node["original_file_path"]),
                path=node["original_file_path"],
                reads=frozenset(map(kind, node["depends_on"]["nodes"])),
                node=node,
            )
            for node in nodes.values()
            if node["resource_type"] == "model"
        ),
        key=lambda model: model.name,
    )


def may_read(model: Model, kind: str, name: str) -> bool:
    """Whether this edge is one of those that CONTRIBUTING.md allows."""
    match model.layer:
        case "sources":
            return kind in {"raw", "sources", "seed"} or name == "stg_account_aliases"
        case "base":
            table = model.name.removeprefix("base_")
            lookups = LOOKUPS.get(model.name, ALL_LOOKUPS)
            is_raw = kind in {"raw", "sources"} and name == f"raw_{table}"
            return is_raw or name in lookups
        case "staging":
            own = f"base_{model.name.removeprefix('stg_')}"
            return name == OF_ANOTHER_NAME.get(model.name, own)
        case "intermediate":
            if kind == "base":
                return model.name in READ_BASE_MODELS
            if kind == "sources":
                return model.name in READ_SOURCE_MODELS
            return kind in {"staging", "intermediate", "seed"}
        case "core":
            return kind in {"intermediate", "seed"}
        case subject:
            if kind == "staging" and model.name in READ_STAGING:
                return True
            if kind in {"base", "staging"}:
                return model.name in READ_BASE_MODELS
            if model.name in REPEAT_METRICS and kind != "raw":
                return True
            return kind in {"intermediate", "core", "seed", subject}


def forbidden_edges(manifest: Manifest) -> list[str]:
    """Models that read what their layer may not."""
    return [
        f"{model.name} ({model.layer}) reads {name} ({kind})"
        for model in models(manifest)
        for kind, name in sorted(model.reads)
        if not may_read(model, kind, name)
    ]


def unused_exceptions(manifest: Manifest) -> list[str]:
    """Exceptions that no model needs any more: remove them above."""
    found = {model.name: model for model in models(manifest)}
    reads_base = {n for n, m in found.items() if {"base"} & {k for k, _ in m.reads}}
    reads_sources = {
        n for n, m in found.items() if "sources" in {k for k, _ in m.reads}
    }
    reads_staging = {
        n for n, m in found.items() if "staging" in {k for k, _ in m.reads}
    }
    reads_across = {
        name
        for name, model in found.items()
        if model.path.startswith("models/marts")
        and {kind for kind, _ in model.reads}
        - {"base", "staging", "intermediate", "core", "seed", model.layer}
    }
    return sorted(
        ({*READ_BASE_MODELS} - reads_base)
        | ({*READ_SOURCE_MODELS} - reads_sources)
        | ({*READ_STAGING} - reads_staging)
        | ({*REPEAT_METRICS} - reads_across)
        | ({*OF_ANOTHER_NAME, *LOOKUPS} - {*found})
    )


def wrong_places(manifest: Manifest) -> list[str]:
    """Models whose folder, prefix and schema do not agree."""
    prefixes = {
        "base": ("base_",),
        "staging": ("stg_",),
        "intermediate": ("int_",),
        "core": ("dim_", "fct_"),
    }
    every_prefix = tuple(p for of_layer in prefixes.values() for p in of_layer)
    wrong = []
    for model in models(manifest):
        wanted = prefixes.get(model.layer)
        is_named = (
            model.name.startswith(wanted)
            if wanted
            else not model.name.startswith(every_prefix)
        )
        if not is_named:
            wrong.append(f"{model.name}: its prefix does not belong in {model.path}")
        folder = model.path.split("/")[1]
        if model.node["schema"] != {"sources": "raw"}.get(folder, folder):
            wrong.append(f"{model.name}: schema {model.node['schema']}, {model.path}")
    return wrong


def without_grain(manifest: Manifest) -> list[str]:
    """Models whose description or first comment does not begin with the grain."""
    wrong = []
    for model in models(manifest):
        if not re.match(r"(?:One|A single) row\b", model.node["description"]):
            wrong.append(f"{model.name}: its description does not begin with One row")
        if not model.node["raw_code"].startswith("-- Grain: "):
            wrong.append(f"{model.name}: its SQL does not begin with -- Grain: ")
    return wrong


def undescribed_columns(manifest: Manifest) -> list[str]:
    """Columns in a YAML without a text, models without columns."""
    wrong = []
    for model in models(manifest):
        if has_columns_of_contract(model):
            continue
        columns = model.node["columns"]
        wrong += [f"{model.name}: no columns"] if not columns else []
        wrong += [
            f"{model.name}.{name}"
            for name, column in columns.items()
            if len(column["description"].strip()) < 5
        ]
    return wrong


def without_contract(manifest: Manifest) -> list[str]:
    """Marts whose columns and types dbt does not enforce."""
    return [
        model.name
        for model in models(manifest)
        if model.path.startswith("models/marts/")
        and not model.node["contract"]["enforced"]
    ]


def without_primary_key(manifest: Manifest) -> list[str]:
    """Models whose grain no test proves."""
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "primary_key"
    }
    return [
        model.name
        for model in models(manifest)
        if model.node["unique_id"] not in tested and not has_columns_of_contract(model)
    ]


def has_columns_of_contract(model: Model) -> bool:
    """Whether it is a raw table: its columns and key are in staging's sources.yml."""
    return model.layer == "sources" and model.name.startswith("raw_")


def yaml_elsewhere(manifest: Manifest) -> list[str]:
    """Models and unit tests that are described in another file than <model>.yml."""
    wrong = []
    for model in models(manifest):
        own = model.path.removesuffix(".sql") + ".yml"
        patch = (model.node["patch_path"] or "").partition("://")[2]
        if patch != own:
            wrong.append(f"{model.name}: {patch or 'no YAML'} instead of {own}")
        wrong += [
            f"{model.name}: unit test {test['name']} is in {test['original_file_path']}"
            for test in unit_tests_of(manifest, model.name)
            if test["original_file_path"] not in {own, *SHARED_UNIT_TESTS}
        ]
    return wrong


# Unit tests of a chain of models, or of a rule that several of them follow.
SHARED_UNIT_TESTS = {
    "models/intermediate/health_rules.yml",
    "models/intermediate/revenue_rules.yml",
}


def unit_tests_of(manifest: Manifest, model: str) -> Iterator[dict[str, Any]]:
    """The unit tests of a model."""
    for test in manifest["unit_tests"].values():
        if test["model"] == model:
            yield test


# Marts that only select, and the model that defines their metrics: both have the test.
DEFINED_IN = {"monthly_churn": "churn_by_period"}


def without_unit_test(
    manifest: Manifest, metrics: Mapping[str, tuple[str, str]]
) -> list[str]:
    """Metrics, by mart and column, whose value no unit test expects."""
    return [
        f"{metric}: no unit test of {model} expects {column}"
        for metric, (mart, column) in metrics.items()
        for model in {mart, DEFINED_IN.get(mart, mart)}
        if not any(
            expects(test["expect"]["rows"], column)
            for test in unit_tests_of(manifest, model)
        )
    ]


def expects(rows: Any, column: str) -> bool:
    """Whether the expected rows have the column."""
    if isinstance(rows, str):
        return re.search(rf"\b{column}\b", rows.split("\n", 1)[0]) is not None
    return any(column in row for row in rows or ())


def wrong_readers_of_raw_events(manifest: Manifest) -> list[str]:
    """Nodes that read a table of raw events beyond those that may, and the reverse."""
    readers: dict[str, set[str]] = {table: set() for table in READ_RAW_EVENTS}
    for node in manifest["nodes"].values():
        for unique_id in node.get("depends_on", {}).get("nodes", ()):
            table = unique_id.split(".")[-1]
            if unique_id.startswith("source.") and table in readers:
                readers[table].add(node["name"])
    return [
        f"{table}: {name}"
        for table, allowed in READ_RAW_EVENTS.items()
        for name in sorted(readers[table] ^ allowed)
    ]


def beyond_marts(manifest: Manifest) -> list[str]:
    """Dashboards that read anything but marts, or seeds published with them."""
    layers = {m.node["unique_id"]: m.path for m in models(manifest)}
    layers |= {
        unique_id: "models/marts/"
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "seed" and node["meta"].get("is_published")
    }
    return [
        f"{exposure['name']} reads {unique_id}"
        for exposure in manifest["exposures"].values()
        for unique_id in exposure["depends_on"]["nodes"]
        if not layers.get(unique_id, "").startswith("models/marts/")
    ]

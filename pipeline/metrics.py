"""Generate docs/metrics.md from the catalogue and the models' metadata.

Also generates models/overview.md, the front page of dbt's documentation.

A metric is described once: its formula in `seeds/reference/metric_catalogue.csv`, its
meaning with its column. The column is found in dbt's manifest: the one with that name
(or with meta `metric`) in a mart that `kpi_values` reads.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from pipeline.dbt_run import run_dbt
from pipeline.project import ROOT, InputError

PAGE = ROOT / "docs" / "metrics.md"
OVERVIEW = ROOT / "models" / "overview.md"
CATALOGUE = ROOT / "seeds" / "reference" / "metric_catalogue.csv"
PHASES = {
    "onboarding": "Onboarding: do new customers arrive?",
    "retention": "Retention: do they stay, and well?",
    "expansion": "Expansion: do they grow?",
}
STRATEGIES = {
    "stability": "stability",
    "product_market_fit": "product-market fit",
    "profitability": "profitability",
}
UNITS = {
    "currency": "Money, in the base currency",
    "ratio": "A ratio: 0.05 is 5%",
    "count": "A count",
    "points": "Points",
    "days": "Days",
}
SUBJECTS = ["core", "revenue", "engagement", "sentiment", "health", "company"]

HEAD = """\
# The metrics

*Written by `make metrics` from `seeds/reference/metric_catalogue.csv` and the models'
own descriptions; edit them there.*

Every metric is a row per month in `marts.kpi_monthly`, next to the value of the month
before, and comes from the mart named with it. A metric is null, never 0, where there is
nothing to compute it from: no customers at the start, no answers, a source not
provided. The open month is computed as of `as_of_date` and has
`is_complete_month = false`. The unit tests in the mart's `.yml` file, next to the
model, show how a metric is computed, case by case.
"""

OVERVIEW_HEAD = """\
{# Written by `make metrics` from seeds/reference/metric_catalogue.csv. #}
{% docs __overview__ %}
# Customer-success warehouse

From raw subscriptions, logins and surveys to metrics that people act on. Data flows one
way:

| layer | one model is | schema |
| --- | --- | --- |
| raw | a table as delivered: nothing is changed | `raw` |
| staging | a raw table, typed and validated; invalid rows are rejected | `staging` |
| intermediate | one business step: the MRR ledger, user days, health | `intermediate` |
| marts | what people read, under an enforced contract | `marts` |
| exposures | a dashboard over the marts; it selects and computes nothing | |

Each model's description begins with its grain. The graph (at the lower right) shows
what a metric is built from, and which dashboards use it.

## The metrics

Each is a row per month of [kpi_monthly](#!/model/model.customer_success.kpi_monthly),
drawn from the mart named with it.

| metric | what it is | mart |
| --- | --- | --- |
"""


@dataclass(frozen=True)
class Metric:
    """A row of the catalogue, and its column."""

    name: str
    label: str
    journey_phase: str
    strategy: str
    unit: str
    direction: str
    formula: str
    mart: str
    column: str
    rows: str  # which rows of the mart; empty where all
    meaning: str


def project_manifest(console: Console) -> dict[str, Any]:
    """The dbt manifest of the project: models, columns, descriptions.

    Raises:
        InputError: dbt cannot parse the project; its own message was printed.
    """
    with TemporaryDirectory() as folder:
        artifacts = Path(folder)
        if not run_dbt(
            console,
            "parse",
            database=artifacts / "warehouse.duckdb",
            artifacts=artifacts,
        ):
            raise InputError("dbt could not parse the project.")
        manifest = (artifacts / "manifest.json").read_text(encoding="utf-8")
    return dict(json.loads(manifest))


def page(manifest: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    metrics = catalogued(manifest)
    parts = [HEAD]
    for phase, title in PHASES.items():
        parts.append(f"## {title}\n")
        parts += [described(m) for m in metrics if m.journey_phase == phase]
    parts.append("## All marts\n")
    parts.append("The grain of each mart.\n")
    parts += [mart_table(manifest, subject) for subject in SUBJECTS]
    return "\n".join(parts)


def overview(manifest: Mapping[str, Any]) -> str:
    """The front page of dbt's documentation as Markdown."""
    rows = [
        f"| {metric.label} | {metric.formula} |"
        f" [{metric.mart}](#!/model/model.customer_success.{metric.mart}) |"
        for metric in catalogued(manifest)
    ]
    return OVERVIEW_HEAD + "\n".join([*rows, "{% enddocs %}", ""])


def catalogued(manifest: Mapping[str, Any]) -> list[Metric]:
    """All metrics of the catalogue with their columns, in catalogue order.

    Raises:
        InputError: A metric matches no column, or several, of the marts that
            `kpi_values` reads.
    """
    columns = metric_columns(manifest)
    with CATALOGUE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    metrics = []
    for row in rows:
        name = row.pop("metric")
        found = columns.get(name, [])
        if len(found) != 1:
            raise InputError(
                f"Metric {name} of {CATALOGUE.name} is a column of {len(found)} marts"
                " that kpi_values reads; expected one. Give the column that name, or "
                f"`config: {{meta: {{metric: {name}}}}}`."
            )
        [(mart, column)] = found
        metrics.append(
            Metric(
                name=name,
                **row,
                mart=mart,
                column=column["name"],
                rows=column["meta"].get("metric_rows", ""),
                meaning=column["description"],
            )
        )
    return metrics


def metric_columns(
    manifest: Mapping[str, Any],
) -> dict[str, list[tuple[str, Mapping[str, Any]]]]:
    """Mart and column by metric name."""
    nodes = manifest["nodes"]
    columns: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    [kpi] = [node for node in marts(manifest) if node["name"] == "kpi_values"]
    for parent in kpi["depends_on"]["nodes"]:
        node = nodes[parent]
        if node["schema"] != "marts":
            continue
        for column in node["columns"].values():
            metric = column["meta"].get("metric", column["name"])
            columns.setdefault(metric, []).append((node["name"], column))
    return columns


def marts(manifest: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The models of schema `marts`, by name."""
    found = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]
    return sorted(found, key=lambda node: str(node["name"]))


def described(metric: Metric) -> str:
    """A metric's section."""
    rows = f" where {metric.rows}" if metric.rows else ""
    better = {"up": "more is better", "down": "less is better"}[metric.direction]
    return "\n".join(
        [
            f"### {metric.label} (`{metric.name}`)",
            "",
            f"{metric.formula}. {UNITS[metric.unit]}; {better}. Theme:"
            f" {STRATEGIES[metric.strategy]}.",
            "",
            f"`{metric.mart}.{metric.column}`{rows}: {one_line(metric.meaning)}",
            "",
        ]
    )


def mart_table(manifest: Mapping[str, Any], subject: str) -> str:
    """The marts of a subject, each with its grain."""
    of_subject = [node for node in marts(manifest) if node["fqn"][2] == subject]
    lines = [f"| {subject} | |", "| --- | --- |"]
    for node in of_subject:
        grain = one_line(node["description"]).split(". ")[0].rstrip(".")
        lines.append(f"| `{node['name']}` | {grain}. |")
    return "\n".join([*lines, ""])


def one_line(text: str) -> str:
    """A description without its line breaks."""
    return " ".join(text.split())

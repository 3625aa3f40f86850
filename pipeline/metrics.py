"""The page of metrics, docs/metrics.md, from the catalogue and the models' metadata.

And the front page of dbt's documentation, models/overview.md, which lists them, too.

A metric's text stands once: its formula in `seeds/reference/metric_catalogue.csv`, its
meaning beside its column. Which column that is, dbt's manifest says: the one of that
name (or whose meta says `metric`) in a mart that `kpi_monthly` reads.
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
    "ratio": "A ratio: 0.05 is 5 %",
    "count": "A count",
    "points": "Points",
    "days": "Days",
}
SUBJECTS = ["core", "revenue", "engagement", "sentiment", "health", "company"]

HEAD = """\
# The metrics

*Written by `make metrics` from `seeds/reference/metric_catalogue.csv` and the models'
own descriptions; change it there.*

Every metric here is a row per month in `marts.kpi_monthly`, with the month before
beside it, drawn from the mart that is named with it. A figure is null, never 0, where
it has no base: no customers at the start, no answer, a table that is not delivered. The
open month stands as of `as_of_date` and says `is_complete_month = false`. How a metric
is worked out, case by case, is in its mart's unit tests: the `.yml` file beside the
model.
"""

OVERVIEW_HEAD = """\
{# Written by `make metrics` from seeds/reference/metric_catalogue.csv. #}
{% docs __overview__ %}
# Customer-success warehouse

Raw subscriptions, logins and surveys in, figures people act on out. Data flows one way:

| layer | one model is | schema |
| --- | --- | --- |
| raw | a table as delivered: nothing is changed | `raw` |
| staging | a raw table, typed; rows that break a rule are set apart | `staging` |
| intermediate | one business step: the MRR ledger, user days, health | `intermediate` |
| marts | what people read, under an enforced contract | `marts` |
| exposures | a board over the marts; it selects, and computes nothing | |

Each model's description begins with its grain. The graph (at the lower right) shows
what a figure is made of, and which boards it reaches.

## The metrics

Each is a row per month of [kpi_monthly](#!/model/model.customer_success.kpi_monthly),
drawn from the mart named with it.

| metric | what it is | mart |
| --- | --- | --- |
"""


@dataclass(frozen=True)
class Metric:
    """A row of the catalogue, and the column that it is."""

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
    """What dbt knows of the project: models, columns, descriptions.

    Raises:
        InputError: dbt cannot parse the project; it has said why.
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
    parts.append("One row per what? That is the first thing to know of a table.\n")
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
    """Every metric of the catalogue with its column, in the catalogue's order.

    Raises:
        InputError: A metric is no column, or several, of the marts of `kpi_monthly`.
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
                " that kpi_monthly reads; expected one. Name the column so, or give it "
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
    """By the metric that a column is named for: mart and column."""
    nodes = manifest["nodes"]
    columns: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    [kpi] = [node for node in marts(manifest) if node["name"] == "kpi_monthly"]
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
            f"{metric.formula}. {UNITS[metric.unit]}; {better}; it is about"
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

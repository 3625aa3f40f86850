"""Tiles: headline metrics of a month, with trend and target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from pipeline.dashboards.site.reading import Row, grouped
from pipeline.dashboards.site.source import MONTHS, Source, floats, latest

# Of the start page and of the company.
HEADLINES = ("mrr_at_end", "nrr_12m", "churn_rate", "nps", "mau", "red_accounts")
# Above the charts that dct draws, by page.
ABOVE_CHARTS = {
    "onboarding-and-adoption": (
        *("median_days", "conversion_rate", "adoption_rate"),
        *("account_adoption_rate", "login_ratio"),
    ),
}
# Those that retention_by_segment has, too.
BY_SEGMENT = (
    *("churn_rate", "gross_mrr_churn_rate", "grr_12m", "ltv", "nps", "nrr_12m"),
)


def tiles(
    source: Source, metrics: Sequence[str], months: Iterable[date] | None = None
) -> dict[date, list[Row]]:
    """The tiles of some months, by default the latest; one without a value says so."""
    headlines = source.build.rows("headlines")
    if months is None:
        months = sorted({row["date_month"] for row in headlines}, reverse=True)[:MONTHS]
    catalogue = {row["metric"]: row for row in source.build.rows("catalogue")}
    by_metric = grouped(headlines, "metric")
    targets = {
        (row["date_month"], row["metric"]): row for row in source.build.rows("targets")
    }
    nps = source.build.rows("nps") if "nps" in metrics else []
    nps = [row for row in nps if row["period_type"] == "trailing_90_days"]
    return {
        month: [
            {
                **_tile(by_metric.get(metric, []), nps, metric, month),
                "about": catalogue[metric],
                "target": targets.get((month, metric)),
            }
            for metric in metrics
        ]
        for month in months
    }


def by_month(source: Source, metrics: Sequence[str]) -> dict[str, Any]:
    """The tiles of the latest months, to choose from."""
    found = tiles(source, metrics)
    return {"months": [*found], "tiles": found}


def _tile(of_metric: list[Row], nps: list[Row], metric: str, month: date) -> Row:
    rows = [row for row in of_metric if row["date_month"] <= month]
    tile: Row = {"key": metric, "now": _of(rows, month)}
    key = "value"
    if metric == "nps":
        # One number everywhere: the 90 days to the month's end.
        rows, key = [row for row in nps if row["date_month"] <= month], "nps"
        tile["of_90_days"] = _of(rows, month)
    tile["trend"] = floats(latest(rows), key)
    tile["first_month"] = latest(rows)[0]["date_month"] if rows else None
    return tile


def _of(rows: list[Row], month: date) -> Row | None:
    return next((row for row in rows if row["date_month"] == month), None)

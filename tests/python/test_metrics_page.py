"""docs/metrics.md matches the models' metadata."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from pipeline import metrics
from pipeline.project import InputError

pytestmark = pytest.mark.xdist_group("metrics page")  # of one parse


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return metrics.project_manifest(Console(quiet=True))


def test_the_page_is_up_to_date(manifest: dict[str, Any]) -> None:
    written = metrics.PAGE.read_text(encoding="utf-8")
    assert written == metrics.page(manifest), "run `make metrics`"
    written = metrics.OVERVIEW.read_text(encoding="utf-8")
    assert written == metrics.overview(manifest), "run `make metrics`"


def test_every_metric_and_mart_is_on_the_page(manifest: dict[str, Any]) -> None:
    page = metrics.page(manifest)
    found = metrics.catalogued(manifest)
    assert len(found) > 25
    assert {m.name for m in found if f"(`{m.name}`)" not in page} == set()
    assert [
        m["name"] for m in metrics.marts(manifest) if f"`{m['name']}`" not in page
    ] == []
    by_name = {metric.name: metric for metric in found}
    assert (by_name["nrr_12m"].mart, by_name["nrr_12m"].column) == (
        "revenue_retention",
        "nrr",
    )
    assert by_name["churn_rate"].mart == "monthly_churn"


def test_a_metric_without_its_column_is_named(manifest: dict[str, Any]) -> None:
    node = manifest["nodes"]["model.customer_success.csat_monthly"]
    column = node["columns"].pop("csat_rate")
    try:
        with pytest.raises(InputError, match="csat_rate of metric_catalogue"):
            metrics.page(manifest)
    finally:
        node["columns"]["csat_rate"] = column

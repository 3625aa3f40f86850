"""The pages: their names, titles and order, and which of them dct draws."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from pipeline.dashboards.dbt_charts import DASHBOARDS
from pipeline.project import ROOT

EXPOSURES = ROOT / "models" / "exposures.yml"
# In reading order, in the navigation of every page.
PAGES = (
    "index",
    "accounts",
    "book",
    "company",
    "movements",
    "cohorts",
    "segments",
    "forecast",
    "onboarding-and-adoption",
    "voice",
    "reported",
    "data-quality",
)
# Those that this project draws itself, from charts/pages/.
OWN = tuple(name for name in PAGES if name not in DASHBOARDS)
# Files beside the pages, and the folder of the gates' reports.
DOWNLOADS = ("rows-to-fix.csv", "unmatched-ids.csv")
REPORTS = "gates"


def exposure_name(page: str) -> str:
    """The name of a page's exposure in dbt: it has no hyphens."""
    return "dashboard_" + page.replace("-", "_")


@cache
def exposures() -> dict[str, dict[str, Any]]:
    """The exposures of models/exposures.yml, by name."""
    read = yaml.safe_load(EXPOSURES.read_text(encoding="utf-8"))
    return {exposure["name"]: exposure for exposure in read["exposures"]}


def title(page: str) -> str:
    """A page's title."""
    return str(exposures()[exposure_name(page)]["label"])


def description(page: str) -> str:
    """What a page is for, in a sentence."""
    text = str(exposures()[exposure_name(page)]["description"])
    return " ".join(text.split())

"""The dbt Charts (`dct`) command: its path, its environment, its findings."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.environment import extended
from pipeline.project import ROOT

CHARTS = ROOT / "charts"
# Those that dct draws; `catalogue` has all pages.
DASHBOARDS = ("onboarding-and-adoption",)
COMMAND = Path(sys.executable).with_name("dct")
NOT_INSTALLED = (
    "dbt Charts is not installed: it needs Python 3.11 to 3.13, and this is "
    f"{sys.version_info.major}.{sys.version_info.minor}. "
    "Remove .venv, and set it up with such a Python."
)
EMPTY = "WARN-QUERY-RETURNED-ZERO-ROWS"
# Findings about the day's data, not the dashboard: no rows, or too many, too long or
# too many equal values to draw. They are reported, and fail only with --strict. A
# mostly null y axis is not among them: that is how dct reports a missing column.
OF_THE_DATA = frozenset(
    {
        EMPTY,
        "WARN-AXIS-LABEL-COLLISION",
        "WARN-BAR-BAND-WIDTH-TOO-NARROW",
        "WARN-BAR-GROUPED-SERIES-COINCIDE",
        "WARN-CALLOUT-TEXT-TRUNCATED",
        "WARN-ENDPOINT-LABEL-GAP-OVERFLOW",
        "WARN-ENDPOINT-LABEL-RAIL-OVERFLOW",
        "WARN-ENDPOINT-LABEL-RAIL-TIED",
        "WARN-KPI-ALIGN-OVERFLOW",
        "WARN-KPI-SUPPORT-TRUNCATED",
        "WARN-LAYER-DATA-OUTSIDE-DOMAIN",
        "WARN-LAYERED-CHART-SHARED-Y-AXIS-SCALE-MISMATCH",
        "WARN-LAYOUT-MIN-EXCEEDS-HEIGHT",
        "WARN-LEGEND-POSITION-WIDTH-FALLBACK",
        "WARN-PLOT-HEIGHT-BELOW-MINIMUM",
        "WARN-PLOT-WIDTH-BELOW-MINIMUM",
        "WARN-SERIES-LABEL-TRUNCATED",
        "WARN-SERIES-LABELS-REPEAT-WORD",
        "WARN-STATIC-PAGINATION-CAPPED",
        "WARN-SUPPORT-TABLE-CELL-OVERFLOW",
        "WARN-TABLE-COLUMNS-OVERFLOW",
        "WARN-TABLE-CRAMPED",
        "WARN-TABLE-PAGE-SQUEEZED",
        "WARN-TABLE-TEXT-TRUNCATED",
        "WARN-TEMPORAL-SINGLE-POINT",
        "WARN-TOO-MANY-COLOR-CATEGORIES",
        "WARN-TOO-MANY-X-CATEGORIES",
        "WARN-VALUE-LABELS-CROWD-WIDTH",
        "WARN-WIDE-MEASURE-LABEL-COLLISION",
    }
)


@dataclass(frozen=True)
class Finding:
    """A finding that dct reports about a dashboard.

    Attributes:
        level: `error` or `warning`.
        code: dct's code.
        dashboard: The dashboard's name; empty where it is not about one.
        message: dct's text.
    """

    level: str
    code: str
    dashboard: str
    message: str

    def fails(self, strict: bool) -> bool:
        """Whether the finding fails the render."""
        return strict or self.level == "error" or self.code not in OF_THE_DATA

    def __str__(self) -> str:
        """One line of text for display."""
        return f"{self.dashboard or 'charts'}: {self.message} [{self.code}]"


def installed() -> bool:
    """Whether dashboards can be rendered here."""
    return COMMAND.exists()


def environment(database: Path) -> dict[str, str]:
    """The environment of dct: the file it reads, without telemetry."""
    return extended(BOARDS_DATABASE=str(database), DO_NOT_TRACK="1")


def findings(diagnostics: str) -> list[Finding]:
    """Parse the output of `--diagnostics-json`; other lines are kept as warnings.

    A line that is not JSON is not skipped: it may be a crash.
    """
    found = []
    for line in filter(None, map(str.strip, diagnostics.splitlines())):
        try:
            reported = json.loads(line)
        except ValueError:
            if not line.startswith("Rendered "):
                found.append(Finding("warning", "unreadable", "", line))
            continue
        file = (reported.get("range") or {}).get("file") or reported.get("path") or ""
        name = Path(file).stem if file.startswith("charts/") else ""
        found.append(
            Finding(reported["level"], reported["code"], name, reported["message"])
        )
    return found

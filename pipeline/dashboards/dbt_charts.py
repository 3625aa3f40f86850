"""dbt Charts (`dct`) as a command: where it is, what it reads, what it must not do."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.project import ROOT

CHARTS = ROOT / "charts"
# In the order in which people go through them.
BOARDS = ("company", "accounts", "data-quality", "onboarding-and-adoption", "voice")
COMMAND = Path(sys.executable).with_name("dct")
NOT_INSTALLED = (
    "dbt Charts is not installed: it needs Python 3.11 to 3.13, and this is "
    f"{sys.version_info.major}.{sys.version_info.minor}. "
    "Remove .venv, and set it up with such a Python."
)
# Always right here: a colour is pinned to a band without accounts, too.
IGNORED_WARNING = "WARN-CATEGORY-COLOR-PIN-UNSEEN"
EMPTY = "WARN-QUERY-RETURNED-ZERO-ROWS"
# About the day's data, not about the dashboard: no rows, or more, longer or more equal
# ones than there is room to draw. They are reported, and fail with --strict only. A y
# that is mostly null is not among them: that is how dct reports a missing column.
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
    """Something that dct reports about a dashboard.

    Attributes:
        level: `error` or `warning`.
        code: dct's code.
        board: The dashboard's name; empty where it is about none.
        message: dct's text.
    """

    level: str
    code: str
    board: str
    message: str

    def fails(self, strict: bool) -> bool:
        """Whether the dashboard must not be shown like this."""
        return strict or self.level == "error" or self.code not in OF_THE_DATA

    def __str__(self) -> str:
        """A line for people."""
        return f"{self.board or 'charts'}: {self.message} [{self.code}]"


def installed() -> bool:
    """Whether dashboards can be rendered here."""
    return COMMAND.exists()


def environment(database: Path) -> dict[str, str]:
    """The environment of dct: the file that it reads, and no telemetry."""
    return {**os.environ, "BOARDS_DATABASE": str(database), "DO_NOT_TRACK": "1"}


def findings(diagnostics: str) -> list[Finding]:
    """What `--diagnostics-json` printed; other lines are kept as warnings.

    A line that is no JSON is not skipped: it may be a crash.
    """
    found = []
    for line in filter(None, map(str.strip, diagnostics.splitlines())):
        try:
            said = json.loads(line)
        except ValueError:
            if not line.startswith("Rendered "):
                found.append(Finding("warning", "unreadable", "", line))
            continue
        file = (said.get("range") or {}).get("file") or said.get("path") or ""
        name = Path(file).stem if file.startswith("charts/") else ""
        found.append(Finding(said["level"], said["code"], name, said["message"]))
    return found

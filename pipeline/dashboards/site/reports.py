"""The gates' own reports (Data Docs): every check with what it found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.publish import manifest as manifests
from quality import pages
from quality.results import Gate, GateResult

FOLDER = "quality"  # in the folder of a publish's artifacts
FILES = (
    *("index.html", *(f"{gate}.html" for gate in pages.GATES)),
    *(f"{gate}.json" for gate in pages.GATES),
)


def reports_of(folder: Path, manifest: Mapping[str, Any]) -> dict[Gate, GateResult]:
    """The results in a folder of reports, if they say what a build's gates said.

    Args:
        folder: Where the last publish, or an audit, wrote them.
        manifest: Of the build.

    Returns:
        The result of each gate; empty where there is no report, or one of other data.
    """
    found: dict[Gate, GateResult] = {}
    for gate, said in manifest.get("gates", {}).items():
        try:
            text = (folder / f"{gate}.json").read_text(encoding="utf-8")
            written = json.loads(text)
            result = GateResult.from_dict(written)
            is_same = manifests.said(result) == said
            if not is_same or written["as_of_date"] != manifest["as_of_date"]:
                return {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}  # none, not readable from here, or of another version
        found[gate] = result
    return found


def write(reports: Mapping[Gate, GateResult], folder: Path, as_of: date) -> None:
    """Write the reports, with their index, without places of this machine."""
    for result in reports.values():
        pages.write(replace(result, docs=None), folder, as_of)

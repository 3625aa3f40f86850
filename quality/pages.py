"""A gate's result as an offline HTML page, and an index of both gates."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from quality.results import GateResult

TEMPLATES = Path(__file__).parent / "templates"
GATES = ("raw", "marts")


def write(result: GateResult, folder: Path, as_of_date: date) -> None:
    """Write `<gate>.json`, `<gate>.html` and `index.html`, replacing older ones."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {**result.as_dict(), "as_of_date": as_of_date.isoformat()}
    (folder / f"{result.gate}.json").write_text(
        json.dumps(found, indent=2) + "\n", encoding="utf-8"
    )
    _write(folder / f"{result.gate}.html", "gate.html", gate=found)
    gates = {gate: _read(folder / f"{gate}.json") for gate in GATES}
    _write(folder / "index.html", "index.html", gates=gates)


def _read(file: Path) -> dict[str, Any] | None:
    """The other gate's result, where it has run with this version."""
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if "as_of_date" in found else None


def _write(file: Path, template: str, **values: Any) -> None:
    page = _environment().get_template(template).render(**values)
    file.write_text(page + "\n", encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

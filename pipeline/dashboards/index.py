"""The page that links the boards, and tells what they show: as of when, judged how."""

from __future__ import annotations

from html import escape
from pathlib import Path

import yaml

from pipeline.dashboards.dbt_charts import BOARDS
from pipeline.project import ROOT
from pipeline.publish.manifest import Manifest

EXPOSURES = ROOT / "models" / "exposures.yml"

STYLE = """\
body { font: 16px/1.5 Inter, system-ui, sans-serif; color: #1f1f1f;
       max-width: 60rem; margin: 3rem auto; padding: 0 1.5rem; }
h1, h2 { font-family: 'Source Serif 4', Georgia, serif; font-weight: 600; }
a { color: #1f4e79; }
table { border-collapse: collapse; }
td, th { text-align: left; padding: .25rem 1.5rem .25rem 0; vertical-align: top;
         border-bottom: 1px solid #e5e5e5; font-weight: 400; }
.passed { color: #00733f; } .failed { color: #94001e; }
dt { margin-top: .75rem; font-size: 1.1rem; } dd { margin: 0; color: #4a4a4a; }
"""


def page(manifest: Manifest, charts: Path) -> str:
    """The index page of a published build.

    Args:
        manifest: Its manifest.
        charts: Folder of the boards.
    """
    built = manifest["built_at"].replace("T", " ").replace("+00:00", " UTC")
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><title>Boards</title>',
        # Without it a browser asks for one.
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head><body>',
        "<h1>Boards</h1>",
        f"<p>Figures as of <b>{escape(manifest['as_of_date'])}</b>. "
        f"Build {escape(manifest['build_id'])}, of {escape(built)}.</p>",
        "<dl>",
        *(_board(name, charts) for name in BOARDS),
        "</dl>",
        "<h2>What the gates found</h2>",
        _gates(manifest),
        "<h2>The last complete month</h2>",
        _headlines(manifest),
        "<p>Filters work in the interactive boards: <code>make serve</code>.</p>",
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def title(name: str, charts: Path) -> str:
    """A board's title."""
    board = yaml.safe_load((charts / f"{name}.yml").read_text(encoding="utf-8"))
    return str(board["title"])


def _board(name: str, charts: Path) -> str:
    exposures = yaml.safe_load(EXPOSURES.read_text(encoding="utf-8"))["exposures"]
    [said] = [e for e in exposures if e["name"] == exposure_name(name)]
    return (
        f'<dt><a href="{name}.html">{escape(title(name, charts))}</a></dt>'
        f"<dd>{escape(' '.join(said['description'].split()))}</dd>"
    )


def exposure_name(board: str) -> str:
    """What dbt calls a board: its names have no hyphens."""
    return "board_" + board.replace("-", "_")


def _gates(manifest: Manifest) -> str:
    rows = []
    for gate, result in manifest["gates"].items():
        word = "passed" if result["passed"] else "failed"
        mark = "✓" if result["passed"] else "✗"
        lines = [*result["failed"], *result["warnings"]]
        told = "<br>".join(escape(line) for line in lines) or "nothing to tell"
        rows.append(
            f'<tr><th>{escape(gate)} gate</th><td class="{word}">{mark} {word}</td>'
            f"<td>{len(result['warnings'])} warnings</td><td>{told}</td></tr>"
        )
    return f"<table>{''.join(rows)}</table>"


def _headlines(manifest: Manifest) -> str:
    rows = [
        f"<tr><th>{escape(figure)}</th><td>{escape(value)}</td></tr>"
        for figure, value in manifest["headlines"].items()
    ]
    return f"<table>{''.join(rows)}</table>"

"""The index page: links to the dashboards, their as-of date and the gate results."""

from __future__ import annotations

from html import escape
from pathlib import Path

import yaml

from pipeline.dashboards.dbt_charts import DASHBOARDS
from pipeline.dashboards.navigation import VIEWPORT, title
from pipeline.project import ROOT
from pipeline.publish.manifest import Manifest

EXPOSURES = ROOT / "models" / "exposures.yml"

STYLE = """\
body { font: 16px/1.5 Inter, system-ui, sans-serif; color: #1f1f1f;
       max-width: 60rem; margin: 3rem auto; padding: 0 1.5rem; }
h1, h2 { font-family: 'Source Serif 4', Georgia, serif; font-weight: 600; }
a { color: #1f4e79; }
table { border-collapse: collapse; }
@media (max-width: 600px) { body { margin: 1rem auto; padding: 0 1rem; }
         table { display: block; overflow-x: auto; } }
td, th { text-align: left; padding: .25rem 1.5rem .25rem 0; vertical-align: top;
         border-bottom: 1px solid #e5e5e5; font-weight: 400; }
.passed { color: #00733f; } .failed { color: #94001e; }
dt { margin-top: .75rem; font-size: 1.1rem; } dd { margin: 0; color: #4a4a4a; }
"""


def page(manifest: Manifest, charts: Path, link: str = "{name}.html") -> str:
    """The index page of a published build.

    Args:
        manifest: Its manifest.
        charts: Folder of the dashboards.
        link: URL of a dashboard; `{name}` is its name.
    """
    built = manifest["built_at"].replace("T", " ").replace("+00:00", " UTC")
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><title>Dashboards</title>',
        VIEWPORT,
        # Without it the browser requests an icon.
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head><body>',
        "<h1>Dashboards</h1>",
        f"<p>Metrics as of <b>{escape(manifest['as_of_date'])}</b>. "
        f"Build {escape(manifest['build_id'])}, of {escape(built)}.</p>",
        "<dl>",
        *(_dashboard(name, charts, link.format(name=name)) for name in DASHBOARDS),
        "</dl>",
        "<h2>Results of the gates</h2>",
        _gates(manifest),
        *_comparison(manifest),
        "<h2>The last complete month</h2>",
        _headlines(manifest),
        *(
            []
            if link.startswith("/")
            else ["<p>With filters, on this machine: <code>make serve</code>.</p>"]
        ),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _dashboard(name: str, charts: Path, address: str) -> str:
    exposures = yaml.safe_load(EXPOSURES.read_text(encoding="utf-8"))["exposures"]
    [found] = [e for e in exposures if e["name"] == exposure_name(name)]
    return (
        f'<dt><a href="{address}">{escape(title(name, charts))}</a></dt>'
        f"<dd>{escape(' '.join(found['description'].split()))}</dd>"
    )


def exposure_name(dashboard: str) -> str:
    """The name of a dashboard's exposure in dbt: it has no hyphens."""
    return "dashboard_" + dashboard.replace("-", "_")


def _gates(manifest: Manifest) -> str:
    rows = []
    for gate, result in manifest["gates"].items():
        word = "passed" if result["passed"] else "failed"
        mark = "✓" if result["passed"] else "✗"
        lines = [*result["failed"], *result["warnings"]]
        report = "<br>".join(escape(line) for line in lines) or "nothing to report"
        rows.append(
            f'<tr><th>{escape(gate)} gate</th><td class="{word}">{mark} {word}</td>'
            f"<td>{len(result['warnings'])} warnings</td><td>{report}</td></tr>"
        )
    return f"<table>{''.join(rows)}</table>"


def _comparison(manifest: Manifest) -> list[str]:
    """Differences from the previous build, where they were compared."""
    found = manifest.get("comparison") or {}
    if not found.get("with"):
        return []
    lines = [*found["stops"], *found["changed_rule"], *found["warnings"]]
    accepted = " Its differences were accepted." if found["accepted"] else ""
    return [
        "<h2>Compared with the previous build</h2>",
        f"<p>Compared with build {escape(found['with'])}.{accepted}</p>",
        "<ul>",
        *(f"<li>{escape(line)}</li>" for line in lines or ["nothing to report"]),
        "</ul>",
    ]


def _headlines(manifest: Manifest) -> str:
    rows = [
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in manifest["headlines"].items()
    ]
    return f"<table>{''.join(rows)}</table>"

"""Dashboards over the published file (docs/dashboards.md).

`render` renders charts/*.yml as self-contained pages, and with `site` those of
charts/pages; `catalogue` lists all pages, `navigation` links them, `folders` replaces
the output folder; `serve` runs the interactive dashboards; `lineage` lists the marts
that a dashboard reads.
"""

from pipeline.dashboards.render import render, render_after_publish
from pipeline.dashboards.serve import serve

__all__ = ["render", "render_after_publish", "serve"]

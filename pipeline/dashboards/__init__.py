"""Dashboards: what people look at, over the published file (docs/dashboards.md).

`render` makes self-contained pages of charts/*.yml, `index` the one that links them,
`navigation` the links between them, `folders` replaces the folder they are in; `serve`
runs the interactive ones; `lineage` lists the marts that a dashboard reads.
"""

from pipeline.dashboards.render import render, render_after_publish
from pipeline.dashboards.serve import serve

__all__ = ["render", "render_after_publish", "serve"]

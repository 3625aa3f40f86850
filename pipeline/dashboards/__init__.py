"""Boards: what people look at, over the published file (docs/boards.md).

`render` makes self-contained pages of charts/*.yml and `index` the one that links them;
`serve` runs the interactive ones; `reads` tells which marts a board's queries read.
"""

from pipeline.dashboards.render import BOARDS_FAILED, render, render_after_publish
from pipeline.dashboards.serve import serve

__all__ = ["BOARDS_FAILED", "render", "render_after_publish", "serve"]

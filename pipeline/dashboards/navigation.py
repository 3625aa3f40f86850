"""Links between the pages, and a layout for phones.

dct draws one page for each dashboard, without links and for wide screens. This is
written for the pages of dbt Charts 0.10: if they change, it fails, and so do the tests.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import yaml

from pipeline.dashboards.dbt_charts import DASHBOARDS

VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
# On a narrow screen the chart keeps its size and scrolls sideways: scaled to the width
# of a phone, its text would be three pixels high.
STYLE = """\
<style>
.pages { font: 15px/1.4 Inter, system-ui, sans-serif; padding: .75rem 1rem;
         display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.pages a { color: #1f4e79; padding: .25rem 0; } .pages b { padding: .25rem 0; }
@media (max-width: 800px) {
  .dbt-charts-svg-container { overflow-x: auto; }
  .dbt-charts-svg-container > svg { width: 1400px; }
}
</style>
"""


def title(name: str, charts: Path) -> str:
    """A dashboard's title."""
    dashboard = yaml.safe_load((charts / f"{name}.yml").read_text(encoding="utf-8"))
    return str(dashboard["title"])


def bar(current: str, charts: Path) -> str:
    """Links to the index and to the other pages."""
    links = ['<a href="index.html">All dashboards</a>']
    for name in DASHBOARDS:
        text = escape(title(name, charts))
        links.append(
            f'<b aria-current="page">{text}</b>'
            if name == current
            else f'<a href="{name}.html">{text}</a>'
        )
    return f'<nav class="pages">{"".join(links)}</nav>'


def add(page: Path, name: str, charts: Path) -> None:
    """Add the links and the viewport to a page rendered by dct.

    Raises:
        OSError: The page has no head or body to add them to.
    """
    text = page.read_text(encoding="utf-8")
    start = text.find("<body")
    end = text.find(">", start) + 1
    if "</head>" not in text[:start] or not end:
        raise OSError(f"{page.name} is not a page as rendered by dbt Charts 0.10.")
    head, body = text[:start], text[end:]
    viewport = "" if 'name="viewport"' in head else VIEWPORT
    head = head.replace("</head>", f"{viewport}{STYLE}</head>", 1)
    page.write_text(head + text[start:end] + bar(name, charts) + body, encoding="utf-8")

"""What every page has: links to the others, as-of date, build, data-quality state.

dct draws one page for each dashboard, without links and for wide screens. Adding them
is written for the pages of dbt Charts 0.10: if they change, it fails, and so do the
tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote

from pipeline.dashboards.catalogue import PAGES, title
from pipeline.dashboards.dbt_charts import DASHBOARDS
from pipeline.project import ROOT

ASSETS = ROOT / "charts" / "pages" / "assets"
VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
# On a narrow screen the chart keeps its size and scrolls sideways: scaled to the width
# of a phone, its text would be three pixels high. It has one set of colours: in dark
# mode they are inverted, and keep their hue. On paper it is as wide as the page.
STYLE = """\
.above-charts { max-width: 87rem; margin: 0 auto; padding: .5rem 1.25rem 0; }
@media (max-width: 800px) {
  .dbt-charts-svg-container { overflow-x: auto; }
  .dbt-charts-svg-container > svg { width: 1400px; }
}
@media screen and (prefers-color-scheme: dark) {
  .dbt-charts-svg-container > svg { filter: invert(.9) hue-rotate(180deg); }
}
@media print {
  .dbt-charts-svg-container > svg { width: 100%; height: auto; }
}
"""


@dataclass(frozen=True)
class Links:
    """Addresses of the pages.

    Attributes:
        up: What leads from a page to the folder of the start page: `` or `../`.
        served: Whether the pages are served, where dct's have addresses of their own.
    """

    up: str = ""
    served: bool = False

    def page(self, name: str) -> str:
        """The address of a page."""
        if self.served:
            if name == "index":
                return "/"
            return f"/{name}/" if name in DASHBOARDS else f"/{name}.html"
        return f"{self.up}{name}.html"

    def account(self, file_name: str) -> str:
        """The address of an account's page."""
        return f"{'/' if self.served else self.up}account/{file_name}.html"

    def asset(self, name: str) -> str:
        """The address of a file that pages share."""
        return self.file(f"assets/{name}")

    def file(self, path: str) -> str:
        """The address of another file beside the pages."""
        return f"{'/' if self.served else self.up}{path}"


@dataclass(frozen=True)
class State:
    """What the pages are of.

    Attributes:
        as_of_date: The last day that counts; empty where no build can be read.
        build_id: The published build.
        quality: The state of its data, in a few words.
        is_good: Whether nothing is wrong with the data.
    """

    as_of_date: str
    build_id: str
    quality: str
    is_good: bool


def bar(current: str, state: State, links: Links) -> str:
    """Links to all pages, and what they are of.

    Args:
        current: The page that it is for; empty on an account's page.
        state: What the pages are of.
        links: Their addresses.
    """
    items = []
    for name in PAGES:
        here = ' aria-current="page"' if name == current else ""
        address = escape(links.page(name))
        items.append(f'<a href="{address}"{here}>{escape(title(name))}</a>')
    mark = "✓" if state.is_good else "⚠"
    return (
        '<header class="site-header">'
        f'<nav class="pages" aria-label="Dashboards">{"".join(items)}</nav>'
        f'<p class="build">As of <b>{escape(state.as_of_date)}</b>'
        f" · build {escape(state.build_id)}"
        f' · <a href="{escape(links.page("data-quality"))}">'
        f"{mark} {escape(state.quality)}</a></p></header>"
    )


def with_account_links(text: str, address: Callable[[str], str | None]) -> str:
    """A page drawn by dct, whose links to accounts lead to their pages.

    Args:
        text: The page; its dashboard links the accounts as `/account/<id>`.
        address: An account's page by its id; None where it has none, and no link.
    """

    def linked(found: re.Match[str]) -> str:
        leads_to = address(unquote(unescape(found[1])))
        return f'<a href="{escape(leads_to)}"' if leads_to else "<a"

    return re.sub(r'<a href="/account/([^"]*)"', linked, text)


def add(text: str, name: str, state: State, links: Links, above: str = "") -> str:
    """A page drawn by dct, with the links, the viewport and what is above its charts.

    Args:
        text: The page.
        name: Its name.
        state: What the pages are of.
        links: Addresses of the pages, and of the files that they share.
        above: HTML of this project: the page's tiles.

    Raises:
        OSError: The page has no head or body to add them to.
    """
    start = text.find("<body")
    end = text.find(">", start) + 1
    if "</head>" not in text[:start] or not end:
        raise OSError(f"{name}.html is not a page as rendered by dbt Charts 0.10.")
    head, body = text[:start], text[end:]
    viewport = "" if 'name="viewport"' in head else VIEWPORT
    style = (ASSETS / "navigation.css").read_text(encoding="utf-8")
    shared = (
        f'<link rel="stylesheet" href="{escape(links.asset("site.css"))}">'
        f'<script src="{escape(links.asset("site.js"))}" defer></script>'
    )
    added = f"{viewport}<style>\n{style}{STYLE}</style>{shared}\n</head>"
    head = head.replace("</head>", added, 1)
    if "lang=" not in head[: head.find("<head")]:
        head = head.replace("<html", '<html lang="en"', 1)
    heading = f'<h1 class="for-readers">{escape(title(name))}</h1>'
    return head + text[start:end] + bar(name, state, links) + heading + above + body


def add_to_file(
    page: Path,
    name: str,
    state: State,
    address: Callable[[str], str | None],
    above: str = "",
) -> None:
    """Add the links, and what is above its charts, to a rendered page.

    Raises:
        OSError: It is not a page as dct renders it.
    """
    text = add(page.read_text(encoding="utf-8"), name, state, Links(), above)
    page.write_text(with_account_links(text, address), encoding="utf-8")

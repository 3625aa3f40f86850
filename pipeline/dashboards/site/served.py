"""The pages of what is published now, one at a time, for a server."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.dashboards.catalogue import DOWNLOADS, OWN, REPORTS
from pipeline.dashboards.navigation import (
    ASSETS,
    Links,
    State,
    add,
    with_account_links,
)
from pipeline.dashboards.site import reports
from pipeline.dashboards.site.changes import previous_file
from pipeline.dashboards.site.pages import Site
from pipeline.dashboards.site.reading import Build, ReadingError
from pipeline.publish.paths import PublishPaths
from pipeline.sealed import Identity

TYPES = {".css": "text/css", ".js": "text/javascript"}
TYPES_OF_REPORTS = {".html": "text/html", ".json": "application/json"}
UNKNOWN = State("not known", "not known", "nothing is published", is_good=False)


@dataclass(frozen=True)
class Answer:
    """What a browser gets.

    Attributes:
        content: The page, or a file that pages share.
        media_type: Its type.
        status: 200, 404, or 503: nothing can be shown now.
        is_download: Whether it is to be saved, not shown.
    """

    content: str
    media_type: str = "text/html"
    status: int = 200
    is_download: bool = False


class Served:
    """Pages of the published build; a new publish is picked up by the next request."""

    def __init__(self, paths: PublishPaths) -> None:
        """Nothing is opened yet.

        Args:
            paths: Where builds are published.
        """
        self.paths = paths
        self._build = Build(paths.published)
        self._reports = paths.artifacts / reports.FOLDER
        self._site: Site | None = None
        self._seen: Identity | None = None
        self._lock = threading.RLock()

    def page(self, path: str) -> Answer:
        """The answer to a path below the root, such as `forecast.html`."""
        folder, _, name = path.rpartition("/")
        stem, suffix = Path(name).stem, Path(name).suffix
        try:
            if folder == "assets" and suffix in TYPES and (ASSETS / name).is_file():
                return Answer((ASSETS / name).read_text("utf-8"), TYPES[suffix])
            if path == "" or (not folder and suffix == ".html" and stem in OWN):
                with self._lock:
                    return Answer(self.site().page(stem or "index"))
            if path in DOWNLOADS:
                with self._lock:
                    text = self.site().download(path)
                return Answer(text, "text/csv", is_download=True)
            # A publish that failed since then wrote others in their place.
            if folder == REPORTS and name in reports.FILES and self._has_reports():
                text = (self._reports / name).read_text("utf-8")
                return Answer(text, TYPES_OF_REPORTS[suffix])
            if folder == "account" and suffix == ".html":
                with self._lock:
                    page = self.site().account(stem)
                if page is not None:
                    return Answer(page)
                return _message("This account is not in the published build.", 404)
        except (FileNotFoundError, ReadingError) as error:
            return _message(str(error), 503)
        return _message("There is no such page.", 404)

    def site(self) -> Site:
        """The pages of the build that is published now."""
        identity = self._build.published.identity()
        if self._site is None or identity != self._seen:
            manifest = self._build.manifest()
            before = previous_file(self.paths, str(manifest.get("build_id", "")))
            if self._site and self._site.before:
                self._site.before.close()
            self._site = Site(
                self._build,
                Build(before) if before else None,
                served=True,
                reports=reports.reports_of(self._reports, manifest),
            )
            self._seen = identity
        return self._site

    def _has_reports(self) -> bool:
        manifest = self._build.manifest()
        return bool(reports.reports_of(self._reports, manifest))

    def with_navigation(self, text: str, name: str) -> str:
        """A page drawn by dct, with the head that every page has."""
        links = Links(served=True)
        with self._lock:
            try:
                site = self.site()
                above = site.above_charts(name)
            except (FileNotFoundError, ReadingError) as error:
                return add(text, name, replace(UNKNOWN, quality=str(error)), links)
            linked = with_account_links(text, site.address)
            return add(linked, name, site.state, links, above)


def _message(text: str, status: int) -> Answer:
    from markupsafe import escape

    page = (
        '<!doctype html><html lang="en"><title>Dashboards</title>'
        f'<p>{escape(text)}</p><p><a href="/">Start page</a></p></html>'
    )
    return Answer(page, status=status)

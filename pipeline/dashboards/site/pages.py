"""The pages: a template each, over the rows of a build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.dashboards import navigation
from pipeline.dashboards.catalogue import description, title
from pipeline.dashboards.navigation import Links
from pipeline.dashboards.site import accounts, formats
from pipeline.dashboards.site.contents import CONTENTS, trends
from pipeline.dashboards.site.downloads import download
from pipeline.dashboards.site.drawings import sparkline
from pipeline.dashboards.site.overviews import PERIODS, USUAL_PERIOD
from pipeline.dashboards.site.reading import PAGES, Build, state_of
from pipeline.dashboards.site.source import Source
from pipeline.dashboards.site.tiles import ABOVE_CHARTS, BY_SEGMENT, by_month
from quality.results import Gate, GateResult

MOST_ROWS = 20  # of a list, before one asks for more
MOST_CALLS = 10  # on the start page
ABOUT_GATES = {
    "raw": "Checks what came in, before marts are built: a failure stops the build.",
    "marts": "Checks the marts, before publishing: a failure stops the publish.",
}


@cache
def environment() -> Environment:
    """The templates; everything from data is escaped."""
    made = Environment(
        loader=FileSystemLoader(PAGES / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(formats.FILTERS)
    made.globals.update(
        spark=sparkline,
        MOST_ROWS=MOST_ROWS,
        MOST_CALLS=MOST_CALLS,
        AS_MEANT=formats.AS_MEANT,
        BY_SEGMENT=BY_SEGMENT,
        PERIODS=PERIODS,
        USUAL_PERIOD=USUAL_PERIOD,
        ABOUT_GATES=ABOUT_GATES,
        title_of=title,
        description_of=description,
    )
    return made


class Site:
    """All pages of one build."""

    def __init__(
        self,
        build: Build,
        before: Build | None,
        *,
        served: bool = False,
        reports: Mapping[Gate, GateResult] | None = None,
    ) -> None:
        """Read what all pages share.

        Args:
            build: The published build.
            before: The publish before it, if it is kept.
            served: Whether every account has a page, and dct's pages are served.
            reports: What the gates' reports hold, if they are of this build.
        """
        self.build = build
        self.before = before
        self.served = served
        self.reports = reports or {}
        [self.as_of] = build.rows("as_of")
        self.state = state_of(build, self.as_of)
        self._source = Source(build, before, self.as_of, bool(reports))
        self.accounts = (
            accounts.all_accounts(build) if served else accounts.with_a_page(build)
        )
        self._names = {
            account: accounts.file_name(account) for account in self.accounts
        }
        self._named = {name: account for account, name in self._names.items()}

    def page(self, name: str) -> str:
        """A page by name."""
        return self._render(
            name, name, Links(served=self.served), CONTENTS[name](self._source)
        )

    def above_charts(self, name: str) -> str:
        """What is above the charts of a page that dct draws: its tiles."""
        links = Links(served=self.served)
        return self._render(
            "above-charts", name, links, by_month(self._source, ABOVE_CHARTS[name])
        )

    def download(self, name: str) -> str:
        """A file beside the pages, as CSV."""
        return download(self.build, name)

    def account(self, name: str) -> str | None:
        """The page of an account by the name of its file; None where there is none."""
        if name not in self._named:
            return None
        chosen = [self._named[name]]
        return next((html for _, html in self.account_pages(chosen)), None)

    def account_pages(self, chosen: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The pages of some accounts, each with the name of its file."""
        links = Links("../", self.served)
        for content in accounts.contents(self.build, [*chosen]):
            name = self._names[content["account"]["account_id"]]
            yield name, self._render("account", "", links, content | trends(content))

    def address(self, account_id: str, links: Links | None = None) -> str | None:
        """The address of an account's page; None where it has none.

        Args:
            account_id: The account.
            links: Addresses from where the link is; by default from the start page.
        """
        name = self._names.get(account_id)
        return (links or Links(served=self.served)).account(name) if name else None

    def _render(
        self, template: str, current: str, links: Links, content: dict[str, Any]
    ) -> str:
        return (
            environment()
            .get_template(f"{template}.html")
            .render(
                **content,
                as_of=self.as_of,
                currency=self.as_of["base_currency"],
                state=self.state,
                links=links,
                served=self.served,
                name=current,
                navigation=navigation.bar(current, self.state, links),
                account_link=lambda account: self.address(account, links),
            )
        )

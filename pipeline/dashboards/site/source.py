"""What pages are made from: a build, the one before it, and columns to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.dashboards.site.reading import Build, Row

MONTHS = 13


@dataclass(frozen=True)
class Source:
    """What pages are made from.

    Attributes:
        build: The published build.
        before: The publish before it, if it is kept.
        as_of: The row of figures_as_of.
        has_reports: Whether the gates' reports are beside the pages.
    """

    build: Build
    before: Build | None
    as_of: Row
    has_reports: bool = False

    @property
    def month(self) -> date:
        """The latest complete month."""
        month: date = self.as_of["latest_complete_month"]
        return month


def floats(rows: Sequence[Row], key: str) -> list[float | None]:
    """A column of rows, to draw."""
    return [None if row[key] is None else float(row[key]) for row in rows]


def latest(rows: Sequence[Row], months: int = MONTHS) -> list[Row]:
    """The last rows of rows by month."""
    return [*rows[-months:]]

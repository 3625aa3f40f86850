"""A random data set in the making, and the ways in which its moments are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from .arithmetic import last_day, month_of
from .rows import TABLES

Cells = dict[str, str]


@dataclass
class World:
    """A data set in the making."""

    random: Random
    as_of: date
    start: date
    clean: bool
    rates_from: dict[str, date] = field(default_factory=dict)
    tables: dict[str, list[Cells]] = field(default_factory=dict)
    accounts: list[str] = field(default_factory=list)
    internal: list[str] = field(default_factory=list)
    users: list[tuple[str, str]] = field(default_factory=list)  # user, own account
    config: dict[str, Any] = field(default_factory=dict)  # the vars it wants
    extra_columns: dict[str, list[str]] = field(default_factory=dict)

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.random.random() < share

    def day(self, first: date | None = None, last: date | None = None) -> date:
        """A day between the start and as_of, or the two given; often a month's edge."""
        low, high = first or self.start, last or self.as_of
        if low > high:
            return low
        day = low + timedelta(days=self.random.randint(0, (high - low).days))
        if self.chance(0.25):
            edge = self.random.choice((month_of(day), last_day(day)))
            return min(max(edge, low), high)
        return day

    def moment(self, day: date) -> datetime:
        """A moment of a day; often close to midnight."""
        if self.chance(0.2):
            clock = self.random.choice((time(0, 0), time(23, 59, 59), time(23, 30)))
            return datetime.combine(day, clock)
        return datetime.combine(day, time()) + timedelta(
            seconds=self.random.randint(0, 86399)
        )

    def add(self, table: str, **cells: object) -> Cells:
        """A row; columns not given are empty."""
        row = {column.name: "" for column in TABLES[table]}
        row.update({k: "" if v is None else str(v) for k, v in cells.items()})
        self.tables.setdefault(table, []).append(row)
        return row

    def number(self, table: str) -> int:
        """The next number for an id."""
        return len(self.tables.get(table, [])) + 1


def spelt(world: World, moment: datetime) -> str:
    """A moment in UTC, in one of the ways in which it may be written."""
    ways: list[Callable[[], str]] = [
        lambda: moment.isoformat(sep=" "),
        lambda: moment.isoformat(),
        lambda: moment.isoformat() + "Z",
        lambda: moment.isoformat(sep=" ") + ".000",
        lambda: (moment + timedelta(hours=5, minutes=30)).isoformat() + "+05:30",
        lambda: (moment - timedelta(hours=8)).isoformat() + "-08:00",
        lambda: (moment - timedelta(hours=5)).isoformat(sep=" ") + " -0500",
        lambda: (moment - timedelta(hours=5)).isoformat(sep=" ") + "-05",
        lambda: (moment + timedelta(hours=1)).isoformat() + " +01:00",
        lambda: moment.isoformat(sep=" ") + " UTC",
        lambda: moment.isoformat() + "UTC",
        lambda: "\ufeff" + moment.isoformat(sep=" ") + "\u00a0",
        lambda: "  " + moment.isoformat(sep=" ") + " ",
    ]
    if moment.second == 0:
        ways.append(lambda: moment.strftime("%Y-%m-%dT%H:%M"))
        if moment.hour < 10:
            ways.append(lambda: f"{moment:%Y-%m-%d} {moment.hour}:{moment.minute:02d}")
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        ways.append(lambda: moment.date().isoformat())
        ways.append(lambda: f"{moment.date() - timedelta(days=1)}T24:00")
    if world.chance(0.6):
        return ways[0]()
    return world.random.choice(ways)()


def spelt_day(world: World, day: date | None) -> str:
    """A date; now and then with a time to be cut off, or with spaces."""
    if day is None:
        return ""
    if world.chance(0.04):
        before = day - timedelta(days=1)
        written = (
            *(f"{day} 23:59:59", f"{day}T10:00", f" {day} "),
            *(f"{day} 08:00:00 UTC", f"{before} 19:30:00 -0500", f"{day}T00:30+0030"),
        )
        return world.random.choice(written)
    return day.isoformat()

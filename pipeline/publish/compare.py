"""Compare a candidate with the published build.

The gates check a build in isolation; they cannot see that half of the subscriptions are
missing, or that all amounts are now in cents. A comparison with the last published
build can. Which metrics are compared, how far each may differ and why is data:
`comparison.yml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from math import exp, isclose, log
from pathlib import Path
from statistics import median
from typing import Any, Literal

import duckdb
import yaml

from pipeline.sql import sql_name, sql_text

CHECKS = Path(__file__).with_name("comparison.yml")
DEVIATIONS_TO_STOP = 6
DEVIATIONS_TO_WARN = 3
HISTORY = 24  # recent changes that define what is usual
NORMAL = 1.4826  # a median absolute deviation times this is a standard deviation
ONE_DAY = timedelta(days=1)
MEMBERS_NAMED = 3
ITEMS_LOOKED_INTO = 60

Severity = Literal["stop", "warning"]
Check = Mapping[str, Any]


@dataclass(frozen=True)
class Item:
    """One compared value: of a month, of a segment, or both."""

    where: str
    before: float
    after: float
    change: float  # relative, or in points of a share
    severity: Severity | None
    period: date | None = None
    segment: str = ""


@dataclass(frozen=True)
class Difference:
    """A difference beyond the limits of a check.

    Attributes:
        check: Its name in `comparison.yml`.
        severity: `stop`: not published without acceptance. `warning`: reported.
        text: The value that differs most, and the number of others.
        reason: The reason for the limit.
        members: Accounts or users that changed most.
    """

    check: str
    severity: Severity
    text: str
    reason: str
    members: Sequence[str] = ()

    def __str__(self) -> str:
        """One line of text for display."""
        most = f" Changed most: {'; '.join(self.members)}." if self.members else ""
        return f"{self.text}.{most} ({self.check}: {self.reason})"


@dataclass
class Comparison:
    """What differs between a candidate and the published build."""

    differences: list[Difference] = field(default_factory=list)
    changed_rule: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def of(self, severity: Severity) -> list[Difference]:
        """The differences of a severity."""
        return [d for d in self.differences if d.severity == severity]

    @property
    def stops(self) -> bool:
        """Whether publishing needs acceptance."""
        return bool(self.of("stop") or self.changed_rule)


@cache
def checks() -> Mapping[str, Any]:
    """The content of `comparison.yml`."""
    return dict(yaml.safe_load(CHECKS.read_text(encoding="utf-8")))


def compare(
    before: Path,
    candidate: Path,
    *,
    late_arrival_days: int,
    private: Path | None = None,
    exceptions: Iterable[str] = (),
    rules_changed: bool = False,
) -> Comparison:
    """Compare two published files.

    Args:
        before: The file that is published.
        candidate: The file that would replace it.
        late_arrival_days: A month that ended fewer days before the as-of date of the
            published build is not closed.
        private: The complete file from which the candidate was made.
        exceptions: Names of checks, as `publish: <check>`, whose stops are warnings.
        rules_changed: Whether models, macros, seeds or vars changed between the two;
            then any difference in a closed month is listed.
    """
    with duckdb.connect() as connection:
        files = {"before": before, "candidate": candidate, "private": private}
        for name, file in files.items():
            if file is None:
                continue
            connection.execute(f"attach {sql_text(file)} as {name} (read_only)")
        run = _Run(connection, late_arrival_days, rules_changed)
        if run.is_comparable:
            run.all()
            if private:
                for check in checks()["private"]:
                    run.row_by_row(check, "private")
    excepted = set(exceptions)
    run.found.differences = [
        Difference(d.check, "warning", d.text, d.reason, d.members)
        if f"publish: {d.check}" in excepted
        else d
        for d in run.found.differences
    ]
    return run.found


class _Run:
    """One comparison, and the state its checks share."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        late_arrival_days: int,
        rules_changed: bool,
    ) -> None:
        self.connection = connection
        self.rules_changed = rules_changed
        self.largest = 0.0  # largest member of the last item examined
        self.found = Comparison()
        as_of = [
            self.rows(side, "select as_of_date as value from marts.figures_as_of")
            for side in ("before", "candidate")
        ]
        self.is_comparable = all(as_of)
        if not self.is_comparable:
            self.found.skipped.append("everything: there is no as-of date in a file")
            return
        self.as_of_before, self.as_of_after = (rows[0][0] for rows in as_of if rows)
        earliest = min(self.as_of_before, self.as_of_after)
        self.closed_until = earliest - timedelta(days=late_arrival_days)
        self.elapsed = max((self.as_of_after - self.as_of_before).days, 0)
        # The candidate is as of an earlier day: only the months of both can be
        # compared.
        self.is_earlier = self.as_of_after < self.as_of_before

    def all(self) -> None:
        """Run every check."""
        for check in checks()["closed_months"]:
            self.closed_months(check)
        if self.rules_changed:
            self.kpis(checks()["kpis"])
        if self.is_earlier:
            return
        for check in checks()["newest"]:
            self.newest(check)
        for check in checks()["totals"]:
            self.totals(check)
        for check in checks()["shares"]:
            self.shares(check, check["query"])
        for check in checks()["filled_columns"]:
            self.filled_columns(check)
        for check in checks()["rows"]:
            self.row_by_row(check)

    # -- queries -----------------------------------------------------------------------

    def rows(
        self, side: str, query: str, **parameters: object
    ) -> list[tuple[Any, ...]] | None:
        """The rows of a query on one file; None where it lacks a table or column."""
        used = {name: v for name, v in parameters.items() if f"${name}" in query}
        self.connection.execute(f"use {side}")
        try:
            return self.connection.execute(query, used).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException):
            return None

    def both(
        self, check: Check, query: str
    ) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]] | None:
        """The rows of a query on both files; None, and reported, if one cannot."""
        before, after = self.rows("before", query), self.rows("candidate", query)
        if before is None or after is None:
            self.skip(check)
            return None
        return before, after

    def skip(self, check: Check) -> None:
        self.found.skipped.append(f"{check['label']}: not in both builds")

    # -- the kinds of checks -----------------------------------------------------------

    def closed_months(self, check: Check) -> None:
        series = self.closed_values(check["query"])
        if series is None:
            self.skip(check)
            return
        before, after = series
        if not any(before.values()):
            return  # a new source has nothing to compare with
        whole: dict[date, float] = {}
        for (period, _), value in before.items():
            whole[period] = whole.get(period, 0) + abs(value)
        items = [
            _item(
                check,
                (was := before.get(key, 0.0)),
                (became := after.get(key, 0.0)),
                _relative(was, became),
                at_least=check.get("at_least_share", 0) * whole.get(key[0], 0),
                period=key[0],
                segment=key[1],
            )
            for key in sorted(before.keys() | after.keys())
        ]
        if not check.get("one_account_may_change") and not check.get("is_ratio"):
            items += self.summed(check, before, after)
        if self.rules_changed:
            self.list_changes(check["label"], items)
        self.report(check, items)

    def closed_values(
        self, query: str
    ) -> tuple[dict[tuple[date, str], float], dict[tuple[date, str], float]] | None:
        """The closed months of both files: values by month and segment."""
        found = []
        for side in ("before", "candidate"):
            rows = self.rows(
                side,
                "select period, coalesce(segment, ''), cast(value as double)"
                f" from ({query}) where last_day(period) <= $closed_until"
                " and value is not null",
                closed_until=self.closed_until,
            )
            if rows is None:
                return None
            found.append({(period, segment): value for period, segment, value in rows})
        return found[0], found[1]

    def summed(
        self,
        check: Check,
        before: Mapping[tuple[date, str], float],
        after: Mapping[tuple[date, str], float],
    ) -> list[Item]:
        """The same check over all closed months, because small differences add up."""
        items = []
        whole = sum(abs(value) for value in before.values())
        for segment in sorted({key[1] for key in before.keys() | after.keys()}):
            was, became = (
                sum(value for key, value in side.items() if key[1] == segment)
                for side in (before, after)
            )
            items.append(
                _item(
                    check,
                    was,
                    became,
                    _relative(was, became),
                    at_least=check.get("at_least_share", 0) * whole,
                    segment=segment,
                    where="all closed months",
                )
            )
        return items

    def list_changes(self, label: str, items: Iterable[Item]) -> None:
        """Under changed rules, every difference in a closed month is listed."""
        changed = [item for item in items if item.change > 1e-9 and item.period]
        if changed:
            worst = max(changed, key=lambda item: item.change)
            self.found.changed_rule.append(
                f"{label}: {len(changed)} values of closed months differ, most: "
                f"{_described(worst)}"
            )

    def kpis(self, check: Check) -> None:
        """All headline metrics of closed months, where rules changed."""
        series = self.closed_values(check["query"])
        if series is None:
            return
        before, after = series
        for metric in sorted({metric for _, metric in before}):
            if metric in check["still_changing"]:
                continue
            self.list_changes(
                metric,
                [
                    Item(f"{key[0]:%Y-%m}", was, after[key], change, None, key[0])
                    for key, was in before.items()
                    if key[1] == metric
                    and key in after
                    and (change := _relative(was, after[key]))
                ],
            )

    def newest(self, check: Check) -> None:
        query = (
            f"select period, cast(value as double) from ({check['query']})"
            " where value is not null order by period"
        )
        found = self.both(check, query)
        if found is None or not found[0] or not found[1]:
            return
        before, after = found
        last_period, last = before[-1]
        usual, deviation = _usual_change([value for _, value in before])
        items = []
        for period, value in after:
            if period < last_period:
                continue
            if last > 0 and value >= 0:
                change = abs(log(max(value, 1e-9) / last) - usual)
                stop = check["stop"]
                if value < last:
                    stop = check.get("stop_fall", stop)
                limits = {
                    "warn": max(log(1 + check["warn"]), DEVIATIONS_TO_WARN * deviation),
                    "stop": max(log(1 + stop), DEVIATIONS_TO_STOP * deviation),
                }
                severity = _severity(
                    {**check, **limits}, change, abs(value - last), at_least=0
                )
                items.append(
                    Item(
                        f"{period:%Y-%m-%d}",
                        *(last, value, exp(change) - 1, severity),
                        period=period,
                    )
                )
            last = value
        self.report(check, items)

    def totals(self, check: Check) -> None:
        found = self.both(check, check["query"])
        if found is None:
            return
        before, after = ({s: float(v or 0) for s, v in side} for side in found)
        first = self.rows("before", "select min(date_month) from marts.monthly_churn")
        days = (self.as_of_before - first[0][0]).days if first and first[0][0] else 0
        grown = 3 * self.elapsed / max(days, 30)
        items = []
        for segment, was in sorted(before.items()):
            became = after.get(segment, 0.0)
            if not was or (not became and check.get("empty_is_allowed")):
                continue
            limits = check
            if became > was:
                limits = {
                    **check,
                    "warn": check["warn_rise"] + grown,
                    "stop": check["stop_rise"] + grown,
                }
            items.append(
                _item(limits, was, became, _relative(was, became), segment=segment)
            )
        self.report(check, items)

    def shares(self, check: Check, query: str) -> None:
        found = self.both(check, query)
        if found is None:
            return
        before = {segment: (value, base) for segment, value, base in found[0]}
        items = []
        for segment, value, base in sorted(found[1]):
            was, base_before = before.get(segment, (None, None))
            if was is None or value is None or not base_before:
                continue
            change = value - was if check["direction"] == "up" else was - value
            severity = _severity(check, change, change * base, at_least=0)
            items.append(
                Item(segment, was, value, change, severity, None, segment),
            )
        self.report(check, items, as_share=True)

    def filled_columns(self, check: Check) -> None:
        for table in check["tables"]:
            columns = [
                {
                    name
                    for (name,) in self.rows(
                        side,
                        "select column_name from duckdb_columns() where schema_name ="
                        " 'marts' and table_name = $table"
                        " and database_name = current_database()",
                        table=table,
                    )
                    or ()
                }
                for side in ("before", "candidate")
            ]
            queries = [
                f"select {sql_text(f'{table}.{column}')} as segment, avg(cast("
                f"coalesce(lower(cast({sql_name(column)} as varchar)), '')"
                " not in ('', 'unknown') as double)) as value, count(*) as base"
                f" from marts.{sql_name(table)}"
                for column in sorted(columns[0] & columns[1])
            ]
            if queries:
                self.shares(
                    {**check, "direction": "down"}, "\nunion all\n".join(queries)
                )

    def row_by_row(self, check: Check, side: str = "candidate") -> None:
        rows = self.rows(
            side,
            check["query"],
            closed_until=self.closed_until,
            as_of_before=self.as_of_before,
        )
        if rows is None:
            self.skip(check)
            return
        items = []
        for segment, value, base in sorted(rows):
            if not base:
                continue
            severity = _severity(check, value / base, value, at_least=0)
            items.append(
                Item(segment, base, value, value / base, severity, None, segment)
            )
        self.report(check, items, as_part=True)

    # -- what is reported --------------------------------------------------------------

    def report(
        self,
        check: Check,
        items: Sequence[Item],
        *,
        as_share: bool = False,
        as_part: bool = False,
    ) -> None:
        """Report the value that differs most beyond a check's limits."""
        beyond = sorted(
            (item for item in items if item.severity),
            key=lambda item: (item.severity != "stop", -item.change),
        )
        if not beyond:
            return
        severity: Severity = "warning"
        worst, members = beyond[0], self.members(check, beyond[0])
        for item in beyond[:ITEMS_LOOKED_INTO]:
            if item.severity != "stop":
                break
            changed = self.members(check, item)
            if not (
                check.get("one_account_may_change")
                and _one_account_explains(check, item, changed, self.largest)
            ):
                severity, worst, members = "stop", item, changed
                break
        if as_part:
            what = f"{worst.after:,.0f}"
            if worst.before > 1:
                what += f" of {worst.before:,.0f}"
        elif as_share:
            what = f"{worst.before:.1%}, now {worst.after:.1%}"
        else:
            what = f"{_number(worst.before)}, now {_number(worst.after)}"
            what += f" ({_signed(worst)})"
        others = len([item for item in beyond if item is not worst])
        more = f"; {others} more beyond the limit" if others else ""
        where = f", {worst.where}" if worst.where else ""
        self.found.differences.append(
            Difference(
                check["name"],
                severity,
                f"{check['label']}{where}: {what}{more}",
                check["reason"],
                [
                    f"{name} {_number(was)} → {_number(became)}"
                    for name, was, became in members[:MEMBERS_NAMED]
                ],
            )
        )

    def members(self, check: Check, item: Item) -> list[tuple[str, float, float]]:
        """Accounts or users, largest change first: name, before, now."""
        name = check.get("detail")
        if name is None:
            return []
        given = {"segment": item.segment, "as_of_before": self.as_of_before}
        start = (item.period or self.closed_until).replace(day=1)
        end = _last_day(start)
        if item.period and item.period.day != 1:  # the 28 days that end on it
            start, end = item.period - timedelta(days=27), item.period
        sides = []
        for side in ("before", "candidate"):
            rows = self.rows(
                side, checks()["details"][name], **given, period=start, month_end=end
            )
            sides.append({m: float(v or 0) for m, v in rows or () if m is not None})
        before, after = sides
        self.largest = max(before.values(), default=0.0)
        changed = [
            (member, before.get(member, 0.0), after.get(member, 0.0))
            for member in before.keys() | after.keys()
            if before.get(member, 0.0) != after.get(member, 0.0)
        ]
        return sorted(changed, key=lambda m: (-abs(m[2] - m[1]), m[0]))


def _one_account_explains(
    check: Check,
    item: Item,
    changed: Sequence[tuple[str, float, float]],
    largest: float,
) -> bool:
    """Whether the rest is within the limit without the account that changed most.

    A single account may leave, shrink, grow to twice its size, or be new and no larger
    than the largest; one whose amount is suddenly in cents may not.
    """
    if not changed or not item.before:
        return False
    _, was, became = changed[0]
    rest = abs((item.after - item.before) - (became - was)) / abs(item.before)
    return became <= (2 * was if was else largest) and rest <= check["stop"]


def _item(
    check: Check,
    before: float,
    after: float,
    change: float,
    *,
    at_least: float = 0,
    period: date | None = None,
    segment: str = "",
    where: str = "",
) -> Item:
    severity = _severity(check, change, abs(after - before), at_least=at_least)
    named = where or (f"{period:%Y-%m}" if period else "")
    where = " ".join(filter(None, (segment, named)))
    return Item(where, before, after, change, severity, period, segment)


def _severity(
    check: Check, change: float, size: float, *, at_least: float
) -> Severity | None:
    if size < max(check.get("at_least", 0), at_least):
        return None
    if change > check["stop"]:
        return "stop"
    return "warning" if change > check["warn"] else None


def _relative(before: float, after: float) -> float:
    if isclose(before, after, rel_tol=1e-9, abs_tol=1e-9):
        return 0.0
    return abs(after - before) / abs(before) if before else float("inf")


def _usual_change(values: Sequence[float]) -> tuple[float, float]:
    """The median of the changes before, as a logarithm, and how far they deviate."""
    changes = [
        log(after / before)
        for before, after in pairwise(values)
        if before > 0 and after > 0
    ][-HISTORY:]
    if len(changes) < 6:
        return 0.0, 0.0
    usual = median(changes)
    return usual, NORMAL * median(abs(change - usual) for change in changes)


def _last_day(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY


def _described(item: Item) -> str:
    return (
        f"{item.where} {_number(item.before)}, now {_number(item.after)}"
        f" ({_signed(item)})"
    )


def _signed(item: Item) -> str:
    if not item.before:
        return "nothing before"
    return f"{(item.after - item.before) / abs(item.before):+.1%}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"

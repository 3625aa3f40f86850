"""What each publish says of closed months, and what it said before."""

from __future__ import annotations

import json
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import duckdb

from pipeline import hashes
from pipeline.console import display_path
from pipeline.history.kept_rows import Row
from pipeline.history.reported import (
    COLUMNS,
    REPORTED,
    TABLE,
    append_reported,
)
from pipeline.publish import causes
from pipeline.publish.manifest import Manifest
from pipeline.publish.paths import DATABASE, PublishPaths

FIRST, ROLLED_BACK = "first_report", "rolled_back"
TOLERANCE = 1e-9  # relative: sums of doubles differ beyond it from run to run
AS_OF, VALUE, CAUSE = map([*COLUMNS].index, ("as_of_date", "value", "cause"))


# Why a metric of a month changed: the cause, and its detail.
Cause = Callable[[str, date], tuple[str, str | None]]


@dataclass(frozen=True)
class Publication:
    """Which publish reports.

    Attributes:
        number: Its number.
        build_id: Of the build that it publishes.
        as_of: As-of date of the build.
    """

    number: int
    build_id: str
    as_of: date


class ReportedMetrics:
    """What a publish reports: computed before the swap, kept after it."""

    def __init__(
        self, paths: PublishPaths, origin: str, known: list[Row], new: list[Row] | None
    ) -> None:
        """`new` is None where nothing is recorded."""
        self.paths = paths
        self.origin = origin
        self.known = known
        self.new = new

    @classmethod
    def of(
        cls,
        paths: PublishPaths,
        candidate: Path,
        before: Manifest | None,
        made_from: Mapping[str, Any],
        publication: Publication,
    ) -> ReportedMetrics:
        """What a candidate reports; its mart is filled.

        Nothing is recorded of a build as of an earlier day than the last one: it says
        what was known then, and not what is known now.
        """
        old = (before or {}).get("made_from") or {}
        origin = made_from["origin"]
        known = known_rows(paths, origin, old.get("origin") == origin)
        last = max((row[AS_OF] for row in known), default=None)
        if last and publication.as_of < last:
            write_into(candidate, known)
            return cls(paths, origin, known, None)
        rules = [
            name
            for kind in ("rules", "vars")
            if kind in old
            for name in hashes.changed(old[kind], made_from[kind])
        ]
        built = paths.built(before["build_id"]) / DATABASE if before else None
        manifest = paths.artifacts / "manifest.json"
        cause = cause_from_builds(built, candidate, rules, manifest)
        new = changed_figures(candidate, known, publication, cause)
        write_into(candidate, [*known, *new])
        return cls(paths, origin, known, new)

    def summary(self) -> str:
        """A line about what is reported."""
        if self.new is None:
            last = max(row[AS_OF] for row in self.known)
            return f"No metrics are recorded: the last ones were as of {last}."
        first = sum(row[CAUSE] == FIRST for row in self.new)
        changed = Counter(row[CAUSE] for row in self.new if row[CAUSE] != FIRST)
        causes_of = ", ".join(f"{cause} {n}" for cause, n in changed.most_common())
        return (
            f"Metrics of closed months: {first:,} reported for the first time,"
            f" {changed.total():,} changed"
            + (f" ({causes_of}): marts.{TABLE}." if changed else ".")
        )

    def keep(self) -> str | None:
        """Add them to the file; a line where that failed.

        Then the published mart has them, and the next publish adds them.
        """
        if not self.new and self.paths.reported.exists():
            return None
        kept = {_key(row) for row in REPORTED.read(self.paths.reported, self.origin)}
        rows = [r for r in [*self.known, *(self.new or [])] if _key(r) not in kept]
        try:
            append_reported(self.paths.reported, rows, self.origin)
        except duckdb.Error as error:
            return (
                f"warning The metrics could not be kept in"
                f" {display_path(self.paths.reported)}:"
                f" {str(error).splitlines()[0]}. The next publish keeps them."
            )
        return None


def known_rows(paths: PublishPaths, origin: str, is_same_data: bool) -> list[Row]:
    """All rows so far: of the file, and of a publish killed before it wrote there.

    Args:
        paths: Where the files are.
        origin: Where the raw data comes from.
        is_same_data: Whether the published build is of data from there.
    """
    rows = {_key(row): row for row in REPORTED.read(paths.reported, origin)}
    if is_same_data and paths.published.exists():
        with duckdb.connect(str(paths.published), read_only=True) as connection:
            try:
                for row in connection.execute(
                    f"select {', '.join(COLUMNS)} from marts.{TABLE}"
                ).fetchall():
                    rows.setdefault(_key(row), row)
            except duckdb.CatalogException:
                pass  # an earlier version published it
    return [rows[key] for key in sorted(rows)]


def changed_figures(
    database: Path, known: list[Row], publication: Publication, cause: Cause
) -> list[Row]:
    """The metrics of closed months that are not what was last reported."""
    with duckdb.connect(str(database), read_only=True) as connection:
        now = {
            (month, metric): value
            for month, metric, value in connection.execute(
                "select date_month, metric, value from marts.kpi_monthly"
                " where is_complete_month"
            ).fetchall()
        }
    last = {(row[1], row[2]): row[VALUE] for row in known}  # in order of publishes
    at = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
    rows = []
    for month, metric in sorted({*now, *last}):
        is_first = (month, metric) not in last
        value, before = now.get((month, metric)), last.get((month, metric))
        if not is_first and _is_same(value, before):
            continue
        why, detail = (FIRST, None) if is_first else cause(metric, month)
        change = None if value is None or before is None else value - before
        rows.append(
            (
                *(publication.number, month, metric, at, publication.as_of),
                *(value, before, change, why, detail, publication.build_id),
            )
        )
    return rows


def cause_from_builds(
    before: Path | None, after: Path, rules: list[str], manifest: Path
) -> Cause:
    """Explains a change by what differs between two builds; they are read once."""
    found: list[tuple[causes.Changes, dict[str, set[str]]]] = []

    def compared() -> tuple[causes.Changes, dict[str, set[str]]]:
        if not found:
            is_kept = before is not None and before.exists()
            rows = causes.row_changes(before, after) if is_kept and before else {}
            changes = causes.Changes(rows, rules, is_known=is_kept)
            lineage: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
            found.append((changes, causes.models_of_metrics(lineage)))
        return found[0]

    def cause(metric: str, month: date) -> tuple[str, str]:
        changes, models = compared()
        ends_on = month.replace(day=monthrange(month.year, month.month)[1])
        return causes.cause_of(models.get(metric, set()), ends_on, changes)

    return cause


def rolled_back(build_id: str) -> Cause:
    """The cause of what changes with a rollback from a build."""
    return lambda _metric, _month: (ROLLED_BACK, f"build {build_id} was rolled back")


def write_into(database: Path, rows: list[Row]) -> None:
    """Make the mart of a build all rows, and the first values those of kpi_monthly."""
    marks = ", ".join("?" for _ in COLUMNS)
    with duckdb.connect(str(database)) as connection:
        connection.execute("begin")
        connection.execute(f"delete from marts.{TABLE}")
        if rows:
            connection.executemany(f"insert into marts.{TABLE} values ({marks})", rows)
        connection.execute(
            f"""
            update marts.kpi_monthly set first_reported_value = first_reports.value
            from marts.{TABLE} as first_reports
            where
                first_reports.cause = '{FIRST}'
                and kpi_monthly.date_month = first_reports.date_month
                and kpi_monthly.metric = first_reports.metric
            """
        )
        connection.execute("commit")


def _key(row: Row) -> tuple[int, date, str]:
    return row[0], row[1], row[2]


def _is_same(value: float | None, before: float | None) -> bool:
    if value is None or before is None:
        return value is before
    return abs(value - before) <= TOLERANCE * max(abs(value), abs(before))

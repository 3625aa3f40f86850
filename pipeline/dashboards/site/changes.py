"""What changed since the previous publish: rows of two builds, side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.dashboards.site.reading import Build, ReadingError, Row
from pipeline.publish import manifest as manifests
from pipeline.publish.paths import DATABASE, PublishPaths

# From bad to good.
BANDS = ("red", "yellow", "green", "thriving")


@dataclass(frozen=True)
class Changes:
    """What is different from the previous publish.

    Attributes:
        before: Its build id; empty where there is none to compare with.
        before_as_of: Its as-of date.
        new_alerts: Alerts that are open now and were not then.
        closed_alerts: Alerts that were open then and are not now.
        worse: Accounts in a worse band than then, with `band_before`.
        better: Accounts in a better band.
        reported: Metrics of earlier months that the publish reported differently.
    """

    before: str = ""
    before_as_of: str = ""
    new_alerts: list[Row] = field(default_factory=list)
    closed_alerts: list[Row] = field(default_factory=list)
    worse: list[Row] = field(default_factory=list)
    better: list[Row] = field(default_factory=list)
    reported: list[Row] = field(default_factory=list)


def previous_file(paths: PublishPaths, build_id: str) -> Path | None:
    """The kept file of the publish before a build; None where there is none."""
    kept = paths.kept_manifests()
    current = [found for found in kept if found["build_id"] == build_id]
    if not current:
        return None
    earlier = [m for m in kept if manifests.order(m) < manifests.order(current[0])]
    for found in reversed(earlier):
        file = paths.kept(found["build_id"]) / DATABASE
        if file.exists():
            return file
    return None


def changes(now: Build, before: Build | None) -> Changes:
    """Compare two builds; without an earlier one, nothing is compared."""
    if before is None:
        return Changes()
    try:
        [as_of] = before.rows("as_of")
        alerts_then = {row["alert_id"]: row for row in before.rows("open_alerts")}
        bands_then = {row["account_id"]: row for row in before.rows("bands")}
    except ReadingError:
        return Changes()  # it was published by a version with other columns
    alerts_now = {row["alert_id"]: row for row in now.rows("open_alerts")}
    worse: list[Row] = []
    better: list[Row] = []
    for row in now.rows("bands"):
        then = (bands_then.get(row["account_id"]) or {}).get("health_band")
        band = row["health_band"]
        if then not in BANDS or band not in BANDS or then == band:
            continue
        is_worse = BANDS.index(band) < BANDS.index(then)
        (worse if is_worse else better).append({**row, "band_before": then})
    build_id = now.manifest().get("build_id")
    return Changes(
        before=str(before.manifest().get("build_id", "not known")),
        before_as_of=str(as_of["as_of_date"]),
        new_alerts=[row for k, row in alerts_now.items() if k not in alerts_then],
        closed_alerts=[row for k, row in alerts_then.items() if k not in alerts_now],
        worse=worse,
        better=better,
        reported=[
            row
            for row in now.rows("reported")
            if row["build_id"] == build_id and row["previous_value"] is not None
        ],
    )

"""Incremental event days on Spark: after each build what a full refresh would give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.spark import java_problem
from tests.python.test_late_events import BUILDS, Event, some_events, write
from tests.spark.build import MODELS, Both
from tests.spark.compare import differences, row_count

NO_JAVA = java_problem()
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(bool(NO_JAVA), reason=NO_JAVA or ""),
]
EVENT_DAYS = ("base_logins", "base_feature_events")
# When a row was validated last is another day after a full refresh.
WITHOUT = ("validated_as_of", "is_from_full_build", "input_fingerprint")
SELECT = ("--select", *(f"+{table}" for table in EVENT_DAYS))


def build(folder: Path, events: list[Event], as_of: str) -> Both:
    """Deliver what is known as of a day; a full refresh on DuckDB, no such on Spark."""
    both = Both(folder, {"RAW_LOCATION": str(folder / "raw"), "AS_OF_DATE": as_of}, {})
    both.load()
    both.spark("build", *MODELS, *SELECT)
    both.duckdb("build", "--full-refresh", *MODELS, *SELECT)
    return both


def test_incremental_equals_a_full_refresh(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    events = some_events(7)
    counts = []
    # the last day twice: the same input leaves the same rows
    for as_of in [BUILDS[0], *BUILDS[2:], BUILDS[-1]]:
        write(raw, events, as_of)
        both = build(tmp_path, events, as_of.isoformat())
        assert_equal(both)
        counts.append(row_count(both.database, "staging", EVENT_DAYS))
    assert counts[0] < counts[-2] == counts[-1]

    # the last month becomes empty
    months = [path.name for path in partitions(both)]
    assert "date_month=2024-03-01" in months
    before_march = [
        replace(event, is_withdrawn=True, corrected_after=0)
        if event.day >= LAST_MONTH
        else event
        for event in events
    ]
    write(raw, before_march, BUILDS[-1])
    both = build(tmp_path, before_march, BUILDS[-1].isoformat())
    assert_equal(both)
    months = [path.name for path in partitions(both)]
    assert "date_month=2024-02-01" in months
    assert "date_month=2024-03-01" not in months


LAST_MONTH = 10  # days after 20 February 2024 to 1 March


def partitions(both: Both) -> list[Path]:
    return sorted((both.tables / "staging.db" / "base_logins").glob("date_month=*"))


def assert_equal(both: Both) -> None:
    found = differences(
        both.database,
        both.tables,
        "staging",
        EVENT_DAYS,
        same_types=False,
        without=WITHOUT,
    )
    assert found == [], "\n".join(map(str, found))

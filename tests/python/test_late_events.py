"""Late events and corrections within late_arrival_days, against a full refresh."""

from __future__ import annotations

import csv
import random
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.python.conftest import dbt

FIRST_DAY = date(2024, 2, 20)
LATE_ARRIVAL_DAYS = 3
# The as-of dates of four builds: a day later, two, and three.
BUILDS = [FIRST_DAY + timedelta(days=days) for days in (8, 9, 11, 14)]
DAYS_AND_WHAT_READS_THEM = (
    "base_logins",
    "base_feature_events",
    "stg_login_days",
    "stg_feature_days",
    "int_available_sources",
    "int_users_unfiltered",
    "int_feature_days",
    "int_user_days",
    "fct_user_days",
    "active_users",
)
HEADERS = {
    "logins": "login_id user_id account_id logged_in_at session_minutes",
    "feature_events": "event_id user_id account_id feature_key occurred_at",
    "subscriptions": "subscription_id account_id plan billing_interval amount currency"
    " started_on",
    "surveys": "response_id survey_type question account_id sent_at",
}
COMPARED = ("fct_user_days", "active_users")


@dataclass(frozen=True)
class Event:
    """A login or use of a feature, and when we hear of it and of its correction."""

    user: int
    account: int
    day: int
    lag: int
    corrected_after: int | None
    is_withdrawn: bool


def some_events(seed: int) -> list[Event]:
    """A batch that is random from the first example on.

    Hypothesis' own first example is the smallest, in which nothing comes late.
    """
    chance = random.Random(seed)
    return [
        Event(
            user=chance.randint(1, 6),
            account=chance.randint(1, 3),
            day=chance.randint(0, 14),
            lag=chance.randint(0, LATE_ARRIVAL_DAYS),
            corrected_after=chance.choice([None, *range(LATE_ARRIVAL_DAYS + 1)]),
            is_withdrawn=chance.random() < 0.5,
        )
        for _ in range(chance.randint(20, 120))
    ]


EVENTS = st.builds(some_events, st.integers(0, 1_000_000))


def write(folder: Path, events: list[Event], as_of: date) -> None:
    """What an export of that day would hold."""
    tables: dict[str, list[list[object]]] = {
        table: [[*header.split()]] for table, header in HEADERS.items()
    }
    for number, event in enumerate(events):
        day = FIRST_DAY + timedelta(days=event.day)
        if as_of < day + timedelta(days=event.lag):
            continue
        user, minutes = event.user, 10
        if event.corrected_after is not None and as_of >= day + timedelta(
            days=event.corrected_after
        ):
            if event.is_withdrawn:
                continue
            user, minutes = event.user + 10, 25
        moment = f"{day}T10:00:00Z"
        tables["logins"].append(
            [f"L{number}", f"u{user}", f"a{event.account}", moment, minutes]
        )
        if number % 2:
            tables["feature_events"].append(
                [f"E{number}", f"u{user}", f"a{event.account}", "data_import", moment]
            )
    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)


def rows(database: Path, table: str, schema: str = "marts") -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            f"select * from {schema}.{table} order by all"
        ).fetchall()


def summary(database: Path) -> dict[str, list[tuple[object, ...]]]:
    return {mart: rows(database, mart) for mart in COMPARED}


def incremental_equals_full_refresh(events: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw = folder / "raw"
        raw.mkdir()

        def run(as_of: date, *arguments: str) -> None:
            done = dbt(
                folder,
                *("build", "--resource-type", "seed", "--resource-type", "model"),
                *arguments,
                environment={"RAW_LOCATION": str(raw), "AS_OF_DATE": str(as_of)},
            )
            assert done.returncode == 0, done.stdout[-3000:]

        for number, as_of in enumerate(BUILDS):
            write(raw, events, as_of)
            if number == 0:
                run(as_of, "--select", "+fct_user_days", "+active_users")
            else:
                run(as_of, "--select", *DAYS_AND_WHAT_READS_THEM)
        incremental = summary(folder / "warehouse.duckdb")
        run(BUILDS[-1], "--full-refresh", "--select", *DAYS_AND_WHAT_READS_THEM)
        assert incremental == summary(folder / "warehouse.duckdb")
        assert len(incremental["active_users"]) > 1


NO_HURRY = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "phases": (Phase.generate,),  # each example is four builds: no shrinking
}


@settings(max_examples=1, derandomize=True, **NO_HURRY)  # type: ignore[arg-type]
@given(events=EVENTS)
def test_late_events(events: list[Event]) -> None:
    incremental_equals_full_refresh(events)


@pytest.mark.long
@settings(max_examples=15, **NO_HURRY)  # type: ignore[arg-type]
@given(events=EVENTS)
def test_more_late_events(events: list[Event]) -> None:
    incremental_equals_full_refresh(events)


def test_older_changes_are_noticed_and_taken_in_by_a_full_refresh(
    tmp_path: Path,
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    known = [Event(user, 1, day, 0, None, False) for user in (1, 2) for day in (0, 14)]
    late = Event(3, 1, 2, 0, None, False)
    as_of = BUILDS[-1]
    environment = {"RAW_LOCATION": str(raw), "AS_OF_DATE": str(as_of)}

    def build(*arguments: str) -> str:
        done = dbt(
            tmp_path,
            "build",
            "--exclude-resource-type",
            "unit_test",
            "--select",
            "+active_users",
            "event_days_are_complete",
            "--indirect-selection",
            "cautious",
            *arguments,
            environment=environment,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    def days_with_users() -> int:
        days = rows(tmp_path / "warehouse.duckdb", "active_users")
        return sum(1 for day in days if day[1])

    write(raw, known, as_of)
    assert "Older days changed" not in build()
    assert days_with_users() == 2
    write(raw, [*known, late], as_of)
    assert "Older days changed: 1 days" in build()
    assert days_with_users() == 2
    assert rows(tmp_path / "warehouse.duckdb", "event_days_that_differ", "staging") == [
        ("logins", FIRST_DAY + timedelta(days=2), 1, 0, False, 1)
    ]
    assert "Older days changed" not in build("--full-refresh")
    assert days_with_users() == 3


def test_another_input_rebuilds_from_scratch(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    write(one, [Event(1, 1, day, 0, None, False) for day in range(10)], BUILDS[-1])
    write(other, [Event(2, 2, day, 0, None, False) for day in (1, 14)], BUILDS[-1])
    for folder in (one, other):
        done = dbt(
            tmp_path,
            "build",
            "--resource-type",
            "seed",
            "--resource-type",
            "model",
            "--select",
            "+fct_user_days",
            environment={"RAW_LOCATION": str(folder), "AS_OF_DATE": str(BUILDS[-1])},
        )
        assert done.returncode == 0, done.stdout[-3000:]
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as built:
        found = built.execute(
            "select distinct account_id, user_id from marts.fct_user_days"
        ).fetchall()
    assert found == [("a2", "u2")]


@pytest.mark.long  # dbt parses three times
def test_filters_and_aliases_reach_final_days(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    write(raw, [Event(user, user, 0, 0, None, False) for user in (1, 2)], BUILDS[-1])

    def accounts(config: dict[str, object]) -> list[tuple[str, int]]:
        done = dbt(
            tmp_path,
            *("build", "--resource-type", "seed", "--resource-type", "model"),
            *("--select", "+base_logins", "stg_login_days"),
            environment={"RAW_LOCATION": str(raw), "AS_OF_DATE": str(BUILDS[-1])},
            config=config,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        with duckdb.connect(
            str(tmp_path / "warehouse.duckdb"), read_only=True
        ) as built:
            return built.execute(
                "select account_id, sum(logins) from staging.stg_login_days"
                " group by account_id order by account_id"
            ).fetchall()

    assert accounts({}) == [("a1", 1), ("a2", 1)]
    assert accounts({"raw_filters": {"logins": "user_id <> 'u2'"}}) == [("a1", 1)]
    (raw / "account_aliases.csv").write_text("alias_id,account_id\na1,a2\n")
    assert accounts({}) == [("a2", 2)]


def test_a_time_that_is_on_no_day_stays_rejected(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    write(raw, [Event(1, 1, 0, 0, None, False)], BUILDS[-1])
    (raw / "logins.csv").unlink()
    times = ["2024-02-20 10:00:00", "-infinity", "infinity"]
    rows = ", ".join(
        f"('l{number}', 'u1', 'a1', timestamp '{time}')"
        for number, time in enumerate(times)
    )
    columns = "login_id, user_id, account_id, logged_in_at"
    duckdb.sql(
        f"copy (from (values {rows}) as t ({columns}))"
        f" to '{raw}/logins.parquet' (format parquet)"
    )
    for _ in range(2):  # the second build is incremental
        done = dbt(
            tmp_path,
            *("build", "--resource-type", "seed", "--resource-type", "model"),
            *("--select", "+base_logins"),
            environment={"RAW_LOCATION": str(raw), "AS_OF_DATE": str(BUILDS[-1])},
        )
        assert done.returncode == 0, done.stdout[-3000:]
        with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as built:
            found = built.execute(
                "select row_key, rejection_reason from staging.base_logins"
                " order by row_key nulls first"
            ).fetchall()
        reasons = "unparseable_logged_in_at"
        assert found == [(None, None), ("l1", reasons), ("l2", reasons)]


def test_a_key_of_a_final_day_is_found_with_and_without_blanks(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    write(raw, [], BUILDS[0])
    (raw / "logins.csv").unlink()
    logins: list[tuple[str, str]] = []

    def build(as_of: str, *more: tuple[str, str]) -> list[tuple[object, ...]]:
        logins.extend(more)
        values = ", ".join(
            f"('{key}', 'u1', 'a1', try_cast('{at}' as timestamp))"
            for key, at in logins
        )
        columns = "login_id, user_id, account_id, logged_in_at"
        duckdb.sql(
            f"copy (from (values {values}) as t ({columns}))"
            f" to '{raw}/logins.parquet' (format parquet)"
        )
        done = dbt(
            tmp_path,
            *("build", "--resource-type", "seed", "--resource-type", "model"),
            *("--select", "+base_logins"),
            environment={"RAW_LOCATION": str(raw), "AS_OF_DATE": as_of},
        )
        assert done.returncode == 0, done.stdout[-3000:]
        with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as built:
            return built.execute(
                "select strftime(date_day, '%m-%d'), row_key, row_count,"
                " keys_with_blanks, rejection_reason from staging.base_logins"
                " order by all nulls first"
            ).fetchall()

    assert build(
        "2024-02-25", ("l1", "2024-02-20 10:00:00"), ("l2", "2024-02-20 10:00:00")
    ) == [("02-20", None, 2, 0, None)]

    # no key of a final day has blanks: they are looked up as delivered
    duplicate = "duplicate_key"
    found = build(
        "2024-03-05",
        ("l1", "2024-02-29 10:00:00"),
        (" l2 ", "2024-02-29 10:00:00"),
        ("l2", "no time"),
        ("l3 ", "2024-02-29 10:00:00"),
    )
    february = [
        ("02-20", None, 2, 0, None),
        ("02-29", None, 1, 1, None),
        ("02-29", "l1", 1, 0, duplicate),
        ("02-29", "l2", 1, 1, duplicate),
    ]
    assert found == [(None, "l2", 1, 0, duplicate), *february]

    # now a key of a final day has: older keys are trimmed
    assert build("2024-03-20", ("l3", "2024-03-19 10:00:00")) == [
        (None, "l2", 1, 0, duplicate),
        *february,
        ("03-19", "l3", 1, 0, duplicate),
    ]

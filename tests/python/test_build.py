"""The main job: what stops it, and what its parts agree on."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timezone
from pathlib import Path

import duckdb
import pytest

from pipeline.project import InputError, as_of_date, project_vars
from tests.python.conftest import MAIN_JOB, ROOT, alone, dbt, pipeline


def demo_as_csv_folder(folder: Path) -> Path:
    folder.mkdir()
    for file in (ROOT / "demo" / "data").glob("*.csv"):
        shutil.copy(file, folder / file.name)
    return folder


@pytest.mark.xdist_group(MAIN_JOB)
def test_a_failed_raw_gate_stops_the_build(tmp_path: Path) -> None:
    raw = demo_as_csv_folder(tmp_path / "raw")
    lines = (raw / "logins.csv").read_text(encoding="utf-8").splitlines(True)
    stale = [
        line for line in lines if ",2026-09" not in line and ",2026-08" not in line
    ]
    assert len(stale) < len(lines)
    (raw / "logins.csv").write_text("".join(stale), encoding="utf-8")
    database = tmp_path / "warehouse.duckdb"

    with alone():
        done = pipeline(
            "build",
            environment={
                "RAW_LOCATION": str(raw),
                "AS_OF_DATE": "2026-09-20",
                "DUCKDB_PATH": str(database),
            },
        )

    assert done.returncode == 4, done.stdout + done.stderr
    assert "raw.raw_logins" in done.stdout
    assert "freshness" in done.stdout
    assert "no mart was built" in done.stdout
    with duckdb.connect(str(database), read_only=True) as connection:
        marts = connection.execute(
            "select count(*) from information_schema.tables"
            " where table_schema = 'marts'"
        ).fetchone()
    assert marts == (0,)


def test_a_header_that_carries_sql_is_refused(tmp_path: Path) -> None:
    raw = demo_as_csv_folder(tmp_path / "raw")
    file = raw / "surveys.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("comment", "x text); drop table y; --", 1), "utf-8")
    done = dbt(tmp_path, "build", environment={"RAW_LOCATION": str(raw)})
    assert done.returncode != 0
    assert "drop table y" in done.stdout
    assert "expected a plain name" in done.stdout
    assert "surveys.csv" in done.stdout


@pytest.mark.parametrize(
    ("header", "rule"),
    [('"login_id,x"', "bad_header"), ("user_id", "duplicate_column")],
)
def test_a_header_that_cannot_be_told_apart_is_refused(
    tmp_path: Path, header: str, rule: str
) -> None:
    raw = demo_as_csv_folder(tmp_path / "raw")
    file = raw / "logins.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("login_id", header, 1), "utf-8")
    done = dbt(tmp_path, "seed", environment={"RAW_LOCATION": str(raw)})
    assert done.returncode != 0
    assert rule in done.stdout


def test_plain_dbt_refuses_with_the_message_of_the_preflight(tmp_path: Path) -> None:
    raw = demo_as_csv_folder(tmp_path / "raw")
    (raw / "logins.csv").unlink()
    (raw / "costs.csv").write_bytes(b"date_month;cost_type;amount;currency\n")
    environment = {"RAW_LOCATION": str(raw)}
    expected = pipeline("check-inputs", environment=environment)
    assert expected.returncode == 3
    message = expected.stdout[expected.stdout.index("The raw inputs cannot be used") :]
    assert "missing_table" in message
    assert "delimiter" in message
    done = dbt(tmp_path, "run", "--select", "stg_users", environment=environment)
    assert done.returncode != 0
    assert [line.strip() for line in message.splitlines()] == [
        line.strip()
        for line in done.stdout[done.stdout.index("The raw inputs") :].splitlines()
    ]
    assert "Traceback" not in done.stdout + done.stderr


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    raw = demo_as_csv_folder(tmp_path / "raw")
    file = raw / "logins.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("logged_in_at", "login_time", 1), "utf-8")
    done = dbt(tmp_path, "build", environment={"RAW_LOCATION": str(raw)})
    assert done.returncode != 0
    assert "no column `logged_in_at`" in done.stdout
    assert "login_time" in done.stdout


@pytest.mark.parametrize(
    ("config", "environment", "expected"),
    [
        ({"as_of_date": "2025-01-31"}, {"AS_OF_DATE": "2024-01-01"}, date(2025, 1, 31)),
        ({}, {"AS_OF_DATE": "2024-02-29"}, date(2024, 2, 29)),
        ({}, {}, date(2026, 9, 20)),
        ({}, {"RAW_LOCATION": "x"}, date(2026, 6, 30)),
        (
            {"reporting_timezone": "Pacific/Auckland"},
            {"RAW_DATABASE": "x"},
            date(2026, 7, 1),
        ),
    ],
)
def test_as_of_date(
    config: dict[str, object], environment: dict[str, str], expected: date
) -> None:
    now = datetime(2026, 6, 30, 20, 0, tzinfo=timezone.utc)
    assert as_of_date({**project_vars(), **config}, environment, now=now) == expected


def test_as_of_date_that_is_none() -> None:
    with pytest.raises(InputError, match=r"'31\.12\.2024': expected a date like"):
        as_of_date(project_vars(), {"AS_OF_DATE": "31.12.2024"})

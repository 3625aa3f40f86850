"""The main job: what stops it, and what its parts agree on."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import date, datetime, timezone
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult
from rich.console import Console

from pipeline import build as main_job
from pipeline.build_lock import build_lock
from pipeline.dbt_run import ParsedProject, run_dbt
from pipeline.exit_codes import INPUTS_FAILED, INTERRUPTED, LOCKED
from pipeline.project import InputError, project_vars
from pipeline.publish import published_file
from pipeline.settings import as_of_date, pinned_as_of_date
from tests.python.conftest import MAIN_JOB, ROOT, alone, dbt, pipeline, run, settings_of


def demo_as_csv_folder(folder: Path) -> Path:
    folder.mkdir()
    for file in (ROOT / "demo" / "data").glob("*.csv"):
        shutil.copy(file, folder / file.name)
    return folder


def test_unit_tests(demo_database: Path, tmp_path: Path) -> None:
    # on a copy: dbt reads the types of the models' inputs from the database
    shutil.copy(demo_database, tmp_path / "warehouse.duckdb")
    done = dbt(tmp_path, "test", "--select", "test_type:unit")
    assert done.returncode == 0, done.stdout[-6000:]
    found = re.search(r"Done\. PASS=(\d+) WARN=0 ERROR=0 SKIP=0", done.stdout)
    assert found, done.stdout[-1000:]
    assert int(found[1]) > 100


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
    assert (
        as_of_date({**project_vars(), **config}, settings_of(environment), now=now)
        == expected
    )


def test_as_of_date_that_is_none() -> None:
    with pytest.raises(InputError, match=r"'31\.12\.2024': expected a date like"):
        as_of_date(project_vars(), settings_of({"AS_OF_DATE": "31.12.2024"}))


@pytest.mark.parametrize("given", ["20241231", "2024-1-1", "2024-W01-1", "2024-13-01"])
def test_only_one_form_of_a_date_is_read(given: str) -> None:
    with pytest.raises(InputError):
        as_of_date(project_vars(), settings_of({"AS_OF_DATE": given}))


def test_the_present_day_is_fixed_for_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AS_OF_DATE", "RAW_LOCATION", "RAW_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    with pinned_as_of_date():
        assert "AS_OF_DATE" not in os.environ  # the demo's is fixed by its var
    monkeypatch.setenv("RAW_LOCATION", "x")
    days: list[str] = []

    def step(*_: object, **__: object) -> bool:
        days.append(os.environ["AS_OF_DATE"])
        # meanwhile it is tomorrow
        monkeypatch.setattr("pipeline.settings.as_of_date", lambda *_: date(2999, 1, 1))
        return len(days) < 3

    monkeypatch.setattr("pipeline.settings.as_of_date", lambda *_: date(2026, 6, 30))
    monkeypatch.setattr(main_job, "preflight", lambda _: True)
    monkeypatch.setattr(main_job, "run_dbt", step)
    monkeypatch.setattr(main_job, "passes", step)
    main_job.raw_to_marts(Console(quiet=True), Path("nowhere") / "x.duckdb")
    assert days == ["2026-06-30"] * 3
    assert "AS_OF_DATE" not in os.environ


def refused_build(database: Path) -> tuple[int, str]:
    """The exit code of a build of the demo into a file, and its only line."""
    done = pipeline("build", environment={"DUCKDB_PATH": str(database)})
    assert not done.stderr
    (line,) = done.stdout.splitlines()
    return done.returncode, line


def test_a_second_build_beside_a_running_one(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with build_lock(database):
        code, line = refused_build(database)
    assert code == LOCKED
    assert line.startswith(f"Another build of {database} is running (process")
    assert f"process {os.getpid()}, since" in line
    with build_lock(database):
        pass  # it was let go


def test_a_database_that_another_program_has_open(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database)):
        code, line = refused_build(database)
    assert code == LOCKED
    assert f"Another program has {database} open (process {os.getpid()})" in line


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    database.write_text("hello" * 5000, "utf-8")
    code, line = refused_build(database)
    assert code == INPUTS_FAILED
    assert "is no database of DuckDB" in line


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, line = refused_build(tmp_path / "file" / "warehouse.duckdb")
    assert code == INPUTS_FAILED
    assert "cannot be written" in line


def _can_be_interrupted() -> None:
    """A shell has its background jobs, and so these tests, ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.xdist_group(MAIN_JOB)
def test_ctrl_c(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    environment["DUCKDB_PATH"] = str(tmp_path / "warehouse.duckdb")
    with (
        alone(),
        subprocess.Popen(
            [sys.executable, "-m", "pipeline", "build"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=_can_be_interrupted,
        ) as running,
    ):
        assert running.stdout
        for line in running.stdout:
            if line.startswith("staging"):
                running.send_signal(signal.SIGINT)
                break
        rest = running.stdout.read()
    assert running.returncode == INTERRUPTED, rest
    assert "Stopped." in rest
    assert "Traceback" not in rest


@pytest.mark.parametrize("command", ["parse", "build"])
def test_ctrl_c_ends_whatever_dbt_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def invoke(_: dbtRunner, arguments: list[str]) -> dbtRunnerResult:
        stopped = KeyboardInterrupt() if arguments[0] == command else None
        return dbtRunnerResult(success=not stopped, exception=stopped)

    monkeypatch.setattr(dbtRunner, "invoke", invoke)
    with pytest.raises(KeyboardInterrupt):
        run_dbt(
            Console(quiet=True),
            "build",
            database=tmp_path / "warehouse.duckdb",
            parsed=ParsedProject(),
        )


def test_headlines_come_from_kpi_monthly(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.data_quality_summary as select 24 as rejected;
            create table marts.kpi_monthly as
            select * from (
                values
                (date '2024-11-01', 'customers_at_end', 7.0, true),
                (date '2024-12-01', 'customers_at_end', 1200.0, true),
                (date '2024-12-01', 'mrr_at_end', 59366.375, true),
                (date '2024-12-01', 'churn_rate', 0.01234, true),
                (date '2024-12-01', 'nps', null, true),
                (date '2025-01-01', 'customers_at_end', 9.0, false),
            ) as kpis (date_month, metric, value, is_complete_month)
            """
        )
    assert main_job.headlines(database) == {
        "month": "2024-12",
        "paying customers": "1,200",
        "MRR": "59,366.38",
        "customer churn rate": "1.23%",
        "NPS": "no data",
        "customer loyalty index": "no data",
        "adoption rate": "no data",
        "rejected raw rows": "24",
    }


def test_rows_by_which_a_total_overflows_are_named(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            """
            create schema staging;
            create table staging.stg_subscriptions as
            select 'S' || i as subscription_id, date '2024-01-01' as started_on,
                cast(if(i = 7, 9999999999999, i) as decimal(18, 4)) as amount
            from range(9) as numbers (i);
            """
        )
    told = main_job.large_amounts(database)
    assert "  subscriptions: S7, 2024-01-01 has 9,999,999,999,999.00" in told
    with duckdb.connect(str(database)) as connection:
        connection.execute("delete from staging.stg_subscriptions where amount > 100")
    assert main_job.large_amounts(database) == []


def test_descriptions_are_comments_of_the_build_file(demo_database: Path) -> None:
    marts = published_file.marts_of(ROOT / "target" / "manifest.json")
    described: dict[tuple[str, str | None], str] = {
        (mart.name, None): mart.description for mart in marts
    }
    described |= {
        (mart.name, column): text
        for mart in marts
        for column, text in mart.columns.items()
    }
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        found = connection.execute(
            "select table_name, null, comment from duckdb_tables()"
            " where schema_name = 'marts' union all"
            " select table_name, column_name, comment from duckdb_columns()"
            " where schema_name = 'marts'"
        ).fetchall()
    assert len(found) > 600
    wrong = {
        (table, column): comment
        for table, column, comment in found
        if " ".join((comment or "").split())
        != " ".join(described[table, column].split())
    }
    assert wrong == {}


def test_the_last_screen(demo_database: Path) -> None:
    told = "\n".join(main_job.whats_next(demo_database, is_demo=True))
    for part in ("make publish", "make dashboards", "planted in the demo", "Data Docs"):
        assert part in told
    assert "planted" not in "".join(main_job.whats_next(demo_database, is_demo=False))
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        for query in main_job.FIRST_QUERIES:
            assert query in told
            assert connection.execute(query).fetchone()


def test_the_console_script_keeps_exit_codes(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("customer-success-warehouse")
    done = run(str(script), "check-inputs", environment={"RAW_LOCATION": str(tmp_path)})
    assert done.returncode == INPUTS_FAILED
    assert "missing_table" in done.stdout


def test_an_apostrophe_in_the_projects_path(tmp_path: Path) -> None:
    copy = tmp_path / "it's here"
    listed = run("git", "ls-files", "-co", "--exclude-standard").stdout.splitlines()
    for name in listed:
        if not name.startswith(("tests/data", "docs", "charts", "benchmarks")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name, follow_symlinks=False)
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            *("seed", "--select", "billing_intervals"),
        ],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    with duckdb.connect(str(copy / "build" / "warehouse.duckdb")) as connection:
        count = "select count(*) from reference.billing_intervals"
        row = connection.execute(count).fetchone()
        assert row and row[0] > 3
        # and the demo's rows are read from there
        assert connection.execute("select 1 from raw.raw_logins").fetchone()

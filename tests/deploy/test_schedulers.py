"""Airflow and Dagster, each in its own environment, run what deploy/ has for them.

The demo is built once; both then publish that build, each into a folder of its own,
with the real command line.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.python.conftest import ROOT, pipeline

AIRFLOW = ROOT / ".venv-airflow" / "bin"
DAGSTER = ROOT / ".venv-dagster" / "bin"
DAG_FOLDER = ROOT / "deploy" / "airflow"
JOB = ROOT / "deploy" / "dagster" / "customer_success.py"

pytestmark = pytest.mark.deploy


@pytest.fixture(scope="module")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("built") / "warehouse.duckdb"
    done = pipeline("build", environment={"DUCKDB_PATH": str(database)})
    assert done.returncode == 0, done.stdout[-4000:]
    return database


def environment(folder: Path, home: Path, database: Path | None) -> dict[str, str]:
    """What a worker gets; all that is published or kept is in the folder."""
    clean = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG", "TMPDIR")
        if name in os.environ
    }
    folders = {
        "PUBLISH_FOLDER": folder / "publish",
        "BUILDS_FOLDER": folder / "builds",
        "DASHBOARDS_FOLDER": folder / "dashboards",
        "HISTORY_PATH": folder / "history.duckdb",
        "CUSTOMER_SUCCESS_HOME": home,
        **({"DUCKDB_PATH": database} if database else {}),
    }
    airflow = {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAG_FOLDER),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    dagster = {"DAGSTER_HOME": str(folder), "DAGSTER_DISABLE_TELEMETRY": "1"}
    return {**clean, **{n: str(p) for n, p in folders.items()}, **airflow, **dagster}


def ran(*command: str | Path, env: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def assert_published(folder: Path, log: str) -> None:
    manifest = json.loads((folder / "publish" / "manifest.json").read_text())
    assert manifest["build_id"] in log
    assert (folder / "publish" / "warehouse.duckdb").exists()
    assert (folder / "dashboards" / "index.html").exists()


def test_airflow_runs_the_dag(built_demo: Path, tmp_path: Path) -> None:
    env = environment(tmp_path, ROOT, built_demo)
    ran(AIRFLOW / "airflow", "db", "migrate", env=env)
    log = ran(AIRFLOW / "airflow", "dags", "test", "customer_success", env=env)
    assert_published(tmp_path, log)
    with sqlite3.connect(tmp_path / "airflow" / "airflow.db") as database:
        states = dict(database.execute("select task_id, state from task_instance"))
    assert states == {
        **dict.fromkeys(("check_inputs", "publish", "dashboards"), "success"),
        "notify": "skipped",  # NOTIFY_URLS is not set
    }


def test_dagster_materializes_all_assets(built_demo: Path, tmp_path: Path) -> None:
    env = environment(tmp_path, ROOT, built_demo)
    log = ran(
        *(DAGSTER / "dagster", "job", "execute", "-f", JOB, "-j", "nightly"), env=env
    )
    assert_published(tmp_path, log)
    for asset in ("checked_inputs", "published_warehouse", "dashboards", "sent_alerts"):
        assert f"ASSET_MATERIALIZATION - Materialized value {asset}." in log


# What happens after each exit code, with a command that ends with it.
CODES = {0: "none", 3: "stop", 4: "stop", 6: "again", 9: "stop", 130: "stop"}


def command_that_ends_with(folder: Path) -> Path:
    command = folder / ".venv" / "bin" / "customer-success-warehouse"
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\necho "$@"\nexit "$2"\n')
    command.chmod(0o755)
    return folder


def outcomes(python: Path, code: str, folder: Path) -> dict[int, str]:
    env = environment(folder, command_that_ends_with(folder / "home"), None)
    printed = ran(python, "-c", code, json.dumps([*CODES]), env=env)
    return {
        int(key): value for key, value in json.loads(printed.splitlines()[-1]).items()
    }


AIRFLOW_CODE = """
import json, sys
sys.path.insert(0, "deploy/airflow")
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from customer_success import LOCKED, run
def outcome(code):
    try:
        run("publish", str(code), again_after=LOCKED)
    except AirflowFailException:
        return "stop"
    except AirflowException:
        return "again"
    return "none"
print(json.dumps({code: outcome(code) for code in json.loads(sys.argv[1])}))
"""
DAGSTER_CODE = """
import json, sys
sys.path.insert(0, "deploy/dagster")
import dagster as dg
from customer_success import LOCKED, run
def outcome(code):
    try:
        run(dg.build_asset_context(), "publish", str(code), again_after=LOCKED)
    except dg.Failure as failure:
        assert not failure.allow_retries
        return "stop"
    except dg.RetryRequested:
        return "again"
    return "none"
print(json.dumps({code: outcome(code) for code in json.loads(sys.argv[1])}))
"""


def test_airflow_tries_again_only_after_a_lock(tmp_path: Path) -> None:
    assert outcomes(AIRFLOW / "python", AIRFLOW_CODE, tmp_path) == CODES


def test_dagster_tries_again_only_after_a_lock(tmp_path: Path) -> None:
    assert outcomes(DAGSTER / "python", DAGSTER_CODE, tmp_path) == CODES

"""What tests share: how dbt is run on some data, and the demo, built once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

import duckdb
import pytest
import yaml
from filelock import FileLock

from pipeline.hashes import hash_of
from pipeline.history.reported import REPORTED
from pipeline.publish import manifest as manifests
from pipeline.publish import published_file
from pipeline.publish.paths import PublishPaths
from pipeline.settings import Settings, read_settings
from tests.python.browser import browser, pages, published

if TYPE_CHECKING:
    from tests.python.compiled import Compiled

ROOT = Path(__file__).resolve().parents[2]
__all__ = ["browser", "pages", "published"]  # fixtures


def run(
    *command: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command, from the project's root, with its output captured."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in {"RAW_LOCATION", "RAW_DATABASE", "AS_OF_DATE", "DUCKDB_PATH"}
    }
    no_history = {"HISTORY_PATH": os.devnull + "/none"}  # not the developer's own
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**clean, **no_history, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def pipeline(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command of `python -m pipeline`."""
    return run(sys.executable, "-m", "pipeline", *arguments, environment=environment)


@cache
def _dbt_place() -> TemporaryDirectory[str]:
    """This process's own: `here`, a link to where dbt builds, and what dbt parsed."""
    return TemporaryDirectory(prefix="dbt-place-")


@contextmanager
def _parsed_before(folder: Path, config: str) -> Iterator[Path]:
    """The folder under a name that stays, with what dbt parsed for the last one.

    Otherwise dbt parses from scratch in each new folder, or for each new database path,
    which takes longer than most of what is run. It still notices what changed."""
    place = Path(_dbt_place().name)
    here = place / "here"
    here.unlink(missing_ok=True)
    here.symlink_to(folder.absolute())
    parsed = folder / "target" / "partial_parse.msgpack"
    last = place / sha256(config.encode()).hexdigest()
    if last.exists() and not parsed.exists():
        parsed.parent.mkdir(exist_ok=True)
        shutil.copy(last, parsed)
    yield here
    if parsed.exists():
        shutil.copy(parsed, last)


def dbt(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    config: Mapping[str, object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """A dbt command whose database, target and logs are in a folder of the test's.

    Without a log of debug messages, which would cost a twentieth of dbt's CPU seconds,
    unless the test asks for it."""
    given = yaml.safe_dump(dict(config or {}))
    with _parsed_before(folder, given) as here:
        return run(
            str(Path(sys.executable).with_name("dbt")),
            *arguments,
            *("--target-path", str(here / "target")),
            *("--log-path", str(here / "logs")),
            *("--vars", given),
            environment={
                "DUCKDB_PATH": str(here / "warehouse.duckdb"),
                "DBT_LOG_LEVEL_FILE": "none",
                **(environment or {}),
            },
        )


def build(
    folder: Path,
    environment: Mapping[str, str] | None = None,
    config: Mapping[str, object] | None = None,
    *,
    with_tests: bool = True,
) -> Path:
    """Build all but the unit tests, which need no data, and return the database.

    Args:
        folder: Where to.
        environment: Variables for dbt.
        config: Vars for dbt.
        with_tests: Whether dbt's data tests run. They take longer than the models;
            where all marts are compared with an independent computation, they add
            little.
    """
    done = dbt(
        folder,
        "build",
        *("--exclude-resource-type", "unit_test"),
        *(() if with_tests else ("--exclude-resource-type", "test")),
        environment=environment,
        config=config,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return folder / "warehouse.duckdb"


# The tests run in several processes (`--dist loadgroup`). A group's tests run in one of
# them: where a costly fixture is to be made once, or the others would only wait.
MAIN_JOB = "main job"
COMPILED = "compiled"

# Inside a month, a quarter and a year.
COMPILED_AS_OF = date(2024, 8, 20)
COMPILED_MODELS = [
    *(
        "active_users",
        "int_adopting_accounts",
        "product_adoption",
        "nps_monthly",
        "customer_loyalty_index",
    ),
    *("int_mrr_ledger", "int_mrr_months", "int_mrr_movements", "churn_by_period"),
    *("int_tenure_survival", "int_health_outcomes", "health_backtest", "kpi_monthly"),
]


def settings_of(environment: Mapping[str, str]) -> Settings:
    """The settings that these variables give, and no other."""
    with patch.dict(os.environ, environment, clear=True):
        return read_settings()


def make_reported_marts(connection: duckdb.DuckDBPyConnection) -> None:
    """The two marts that a publish fills, without rows."""
    connection.execute(
        f"""
        create schema if not exists marts;
        create or replace table marts.kpi_monthly (
            date_month date, metric varchar, value double,
            is_complete_month boolean, first_reported_value double
        );
        create or replace table marts.figures_reported ({REPORTED.definition});
        """
    )


@contextmanager
def alone() -> Iterator[None]:
    """Only one main job at a time: target/, logs/ and build/quality/ are shared."""
    (ROOT / "build").mkdir(exist_ok=True)
    with FileLock(ROOT / "build" / "main_job.lock"):
        yield


@pytest.fixture(scope="session")
def demo_database(testrun_uid: str) -> Path:
    """The demo, built by the main job with both gates, once for all processes."""
    database = ROOT / "build" / "ci" / "warehouse.duckdb"
    built_by = database.with_name("built_by")
    with alone():
        if built_by.exists() and built_by.read_text("utf-8") == testrun_uid:
            return database
        database.parent.mkdir(parents=True, exist_ok=True)
        database.unlink(missing_ok=True)
        done = pipeline("build", environment={"DUCKDB_PATH": str(database)})
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        built_by.write_text(testrun_uid, "utf-8")
    return database


@pytest.fixture(scope="session")
def published_demo(
    demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> PublishPaths:
    """What `make publish` leaves of the demo. Tests that take it are in MAIN_JOB."""
    folder = tmp_path_factory.mktemp("published")
    paths = PublishPaths(folder / "publish", folder / "builds")
    paths.make()
    # The build of the demo has just written it.
    marts = published_file.marts_of(ROOT / "target" / "manifest.json")
    published_file.write(demo_database, paths.published, marts, with_comments=False)
    manifest = manifests.make(
        "20260920T000000000000Z",
        date(2026, 9, 20),
        publish_number=1,
        file_hash=hash_of(paths.published),
        marts=published_file.contents(paths.published, marts),
        headlines={},
        inputs={},
        gates={},
    )
    manifests.write(manifest, paths.manifest)
    return paths


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """SQL of the models that tests run on tables of their own, as of COMPILED_AS_OF.

    Put the tests that take it into the group COMPILED: dbt needs seconds for it.
    """
    from tests.python.compiled import compile_models

    folder = tmp_path_factory.mktemp("compiled")
    return compile_models(folder, COMPILED_AS_OF, COMPILED_MODELS)

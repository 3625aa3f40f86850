"""What tests share: how dbt is run on some data, and the demo, built once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def run(
    *command: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command, from the project's root, with its output captured."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in {"RAW_LOCATION", "RAW_DATABASE", "AS_OF_DATE", "DUCKDB_PATH"}
    }
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**clean, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def pipeline(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command of `python -m pipeline`."""
    return run(sys.executable, "-m", "pipeline", *arguments, environment=environment)


def dbt(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    config: Mapping[str, object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """A dbt command whose database, target and logs are in a folder of the test's."""
    return run(
        str(Path(sys.executable).with_name("dbt")),
        *arguments,
        "--target-path",
        str(folder / "target"),
        "--log-path",
        str(folder / "logs"),
        "--vars",
        yaml.safe_dump(dict(config or {})),
        environment={
            "DUCKDB_PATH": str(folder / "warehouse.duckdb"),
            **(environment or {}),
        },
    )


def build(
    folder: Path,
    environment: Mapping[str, str] | None = None,
    config: Mapping[str, object] | None = None,
) -> Path:
    """Build all but the unit tests, which need no data, and return the database."""
    done = dbt(
        folder,
        "build",
        "--exclude-resource-type",
        "unit_test",
        environment=environment,
        config=config,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return folder / "warehouse.duckdb"


@pytest.fixture(scope="session")
def demo_database() -> Path:
    """The demo, built by the main job with both gates."""
    database = ROOT / "build" / "ci" / "warehouse.duckdb"
    database.parent.mkdir(parents=True, exist_ok=True)
    database.unlink(missing_ok=True)
    done = pipeline("build", environment={"DUCKDB_PATH": str(database)})
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return database

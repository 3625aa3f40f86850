"""Ids of companies in several sources, against values computed without the SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.oracle import random_sources
from tests.python.conftest import dbt
from tests.python.naming import identity_differences


def built(folder: Path, seed: int) -> tuple[Path, dict[str, object]]:
    """The marts of ids, from random tables of five sources."""
    config = random_sources.write(folder / "raw", seed)
    done = dbt(
        folder,
        "build",
        *("--select", "+identity_coverage", "+unmatched_ids"),
        *("--exclude-resource-type", "unit_test", "test"),
        environment={
            "RAW_LOCATION": str(folder / "raw"),
            "AS_OF_DATE": random_sources.AS_OF.isoformat(),
        },
        config=config,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return folder / "warehouse.duckdb", config


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=[pytest.mark.long] if seed > 3 else [])
        for seed in range(1, 16)
    ],
)
def test_ids_of_random_sources(tmp_path: Path, seed: int) -> None:
    database, config = built(tmp_path, seed)
    found, compared = identity_differences(
        database, tmp_path / "raw", random_sources.AS_OF, config
    )
    assert found == []
    assert compared > 3
    with duckdb.connect(str(database)) as connection:
        connection.execute("update marts.identity_coverage set matched = matched + 1")
    found, _ = identity_differences(
        database, tmp_path / "raw", random_sources.AS_OF, config
    )
    assert found != []
    assert all("identity_coverage.matched" in one for one in found)

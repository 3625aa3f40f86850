"""Random messy data, in a time zone that is not UTC, on Spark and on DuckDB."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.spark import java_problem
from tests.oracle import random_data
from tests.spark.build import built
from tests.spark.compare import FINGERPRINT, assert_same

NO_JAVA = java_problem()
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(bool(NO_JAVA), reason=NO_JAVA or ""),
]
# Accounts have segments, the health score has the trend of use, and users are inferred.
SEED = 5


def test_every_mart_of_random_data(tmp_path: Path) -> None:
    story = random_data.write(tmp_path / "raw", SEED)
    config = json.loads(story["config"])
    assert story["timezone"] == "Pacific/Auckland"
    assert config["segments"] and "trend" in config["health_weights"]
    both = built(
        tmp_path,
        {"RAW_LOCATION": str(tmp_path / "raw"), "AS_OF_DATE": story["as_of"]},
        {**config, "reporting_timezone": story["timezone"], "max_rejection_rate": 1},
    )
    assert_same(
        *(both.database, both.tables, "staging", "base%"),
        least=1_000,
        without=FINGERPRINT,
    )
    assert_same(both.database, both.tables, "intermediate", least=1_000)
    assert_same(both.database, both.tables, "marts", least=10_000)

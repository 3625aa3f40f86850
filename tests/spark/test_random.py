"""Random messy data, in UTC and in another time zone, on Spark and on DuckDB."""

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


@pytest.mark.parametrize(
    ("seed", "timezone", "unknown_ids", "has_trend"),
    # accounts have segments in both; the trend of use is part of the health score
    [(5, "Pacific/Auckland", "infer", True), (9, "UTC", "reject", False)],
    ids=["Auckland", "UTC"],
)
def test_every_mart_of_random_data(
    tmp_path: Path, seed: int, timezone: str, unknown_ids: str, has_trend: bool
) -> None:
    story = random_data.write(tmp_path / "raw", seed)
    config = json.loads(story["config"])
    assert story["timezone"] == timezone
    assert config["unknown_ids"] == unknown_ids
    assert config["segments"]
    assert ("trend" in config.get("health_weights", {})) == has_trend
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

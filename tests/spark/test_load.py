"""What load-spark writes; Spark itself is not needed for that."""

from __future__ import annotations

from pathlib import Path

import duckdb
import yaml

from pipeline.spark import write_raw
from tests.python.conftest import ROOT


def test_every_source_of_staging_is_written(tmp_path: Path) -> None:
    named = {
        table["name"]
        for file in (ROOT / "models" / "staging").glob("*.yml")
        for source in yaml.safe_load(file.read_text("utf-8")).get("sources", [])
        for table in source["tables"]
    }
    assert len(named) > 15
    written = write_raw(tmp_path / "raw")["raw"]
    assert named | {"raw_origin"} == {*written}
    rows = duckdb.sql(f"from '{written['raw_logins']}/*.parquet'").fetchall()
    assert len(rows) > 10_000

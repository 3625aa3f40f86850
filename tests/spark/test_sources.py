"""The tables of tools on Spark and on DuckDB: hard cases of all, and the demo's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from demo.tools import generate
from pipeline.spark import java_problem
from tests.python import test_sources as tools
from tests.python.conftest import ROOT
from tests.spark.build import built
from tests.spark.compare import FINGERPRINT, assert_same, differences, tables_of

NO_JAVA = java_problem()
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(bool(NO_JAVA), reason=NO_JAVA or ""),
]


def test_every_tool(tmp_path: Path) -> None:
    """What models of sources make, and every column of `base_*` that follows."""
    raw, sources = tmp_path / "raw", tools.all_sources()
    shutil.copytree(tools.DATA, raw)
    tools.write_what_no_source_gives(raw, sources)
    both = built(
        tmp_path,
        {"RAW_LOCATION": str(raw), "AS_OF_DATE": tools.AS_OF},
        {
            "sources": sources,
            "source_settings": tools.SETTINGS,
            "max_rejection_rate": 1,
        },
        select=("--select", "+path:models/sources", "+path:models/staging/base"),
    )
    models = {path.stem for path in (ROOT / "models" / "sources").rglob("*.sql")}
    # views are compared by what reads them
    tables = models & {*tables_of(both.database, "raw")}
    assert {name.partition("_")[0] for name in tables} >= {
        *("chargebee", "pendo", "posthog", "recurly", "segment", "stripe")
    }
    found = differences(
        both.database, both.tables, "raw", sorted(tables), same_types=False
    )
    assert found == [], "\n".join(map(str, found))
    assert_same(
        *(both.database, both.tables, "staging", "base%"),
        least=100,
        without=FINGERPRINT,
    )


def test_every_mart_of_the_sources_demo(tmp_path: Path) -> None:
    generate(tmp_path / "raw", 20240101)
    config = yaml.safe_load((ROOT / "demo" / "sources.yml").read_text("utf-8"))
    both = built(tmp_path, {}, {**config, "raw_location": str(tmp_path / "raw")})
    assert_same(
        *(both.database, both.tables, "staging", "base%"),
        least=10_000,
        without=FINGERPRINT,
    )
    assert_same(both.database, both.tables, "intermediate", least=10_000)
    assert_same(both.database, both.tables, "marts", least=50_000)

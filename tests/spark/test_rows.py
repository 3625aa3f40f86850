"""Hostile rows: what both engines make of them, cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.spark import java_problem
from tests.python import test_bad_rows as corpus
from tests.spark.build import Both, built
from tests.spark.compare import differences, row_count, tables_of

NO_JAVA = java_problem()
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(bool(NO_JAVA), reason=NO_JAVA or ""),
]
# As many rows as the corpus had when it was first compared; it only grows.
ROWS_OF_CORPUS = 1208


def same(both: Both, schema: str, like: str = "%", *, least: int = 1) -> None:
    """All tables of a schema are equal, and there are some."""
    tables = tables_of(both.database, schema, like)
    assert row_count(both.database, schema, tables) >= least
    found = differences(
        both.database,
        both.tables,
        schema,
        tables,
        same_types=schema == "marts",
        # a part of it is a hash, and each engine has its own
        without=() if schema == "marts" else ("input_fingerprint",),
    )
    assert found == [], "\n".join(map(str, found))


def test_hostile_rows(tmp_path: Path) -> None:
    rows = corpus.ALL_ROWS
    assert len(rows) >= ROWS_OF_CORPUS
    corpus.write_csv(tmp_path / "raw", rows)
    both = built(
        tmp_path,
        {"RAW_LOCATION": str(tmp_path / "raw"), "AS_OF_DATE": corpus.AS_OF},
        corpus.CONFIG,
        select=("--select", "+rejected_rows", "+dim_accounts"),
    )
    same(both, "staging", "base%", least=len(rows) // 2)
    same(both, "marts", least=100)

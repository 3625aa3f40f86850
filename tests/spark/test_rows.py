"""Hostile rows: what both engines make of them, cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.spark import java_problem
from tests.python import test_bad_rows as corpus
from tests.spark.build import built
from tests.spark.compare import FINGERPRINT, assert_same

NO_JAVA = java_problem()
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(bool(NO_JAVA), reason=NO_JAVA or ""),
]
# As many rows as the corpus had when it was first compared; it only grows.
ROWS_OF_CORPUS = 1208


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
    assert_same(
        *(both.database, both.tables, "staging", "base%"),
        least=len(rows) // 2,
        without=FINGERPRINT,
    )
    assert_same(both.database, both.tables, "marts", least=100)

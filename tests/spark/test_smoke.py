"""A few models on Spark, in `make test`; `make test-spark` compares all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.spark import java_problem
from tests.python.conftest import ROOT
from tests.python.input_formats import cannot
from tests.spark.build import MODELS, Both
from tests.spark.compare import assert_same

PYTHON = ROOT / ".venv-spark" / "bin" / "python"
SELECT = ("--select", "+base_accounts", "+base_surveys")


def test_some_models_of_the_demo(tmp_path: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("dbt-spark is not installed: make setup-spark")
    if problem := java_problem():
        cannot(problem)
    both = Both(tmp_path, {}, {}, python=str(PYTHON))
    both.duckdb("build", *MODELS, *SELECT)
    both.load()
    both.spark("build", *MODELS, *SELECT)
    assert_same(both.database, both.tables, "staging", "base%", least=3_000)

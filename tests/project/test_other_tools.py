"""What depends on the inside of another tool: the version it is for, what it needs.

A new version of the tool makes a test here fail. Read what the code named in it does,
see whether the new version still needs it, and change both.
"""

from __future__ import annotations

import importlib
import inspect
from importlib.metadata import version
from pathlib import Path

import pytest

from pipeline import docs
from pipeline.dashboards import dbt_charts


def is_version(package: str, expected: str) -> bool:
    return f"{version(package)}.".startswith(f"{expected}.")


def test_dbts_page_still_has_what_is_fixed_in_it() -> None:
    # pipeline/docs.py replaces these texts. Gone: remove the fix.
    assert is_version("dbt-core", "1.11"), "look through HTML_FIXES of pipeline/docs.py"
    page = Path(inspect.getfile(importlib.import_module("dbt.task.docs")))
    html = page.with_name("index.html").read_text("utf-8")
    assert [text for text in docs.HTML_FIXES if text not in html] == []


@pytest.fixture
def dct() -> None:
    if not dbt_charts.installed():
        pytest.skip("dbt Charts is not installed (it needs Python 3.11 to 3.13)")
    assert is_version("dbt-charts", "0.10"), (
        "look through pipeline/dashboards: OF_THE_DATA, navigation.add, guarded_dct"
    )


@pytest.mark.usefixtures("dct")
def test_dct_still_has_the_warnings_that_are_sorted() -> None:
    # pipeline/dashboards/dbt_charts.py. Renamed or retired: such a warning would fail.
    registry = importlib.import_module("dbt_charts.core.diagnostics.registry").REGISTRY
    importlib.import_module("dbt_charts.core.diagnostics")
    known = {code.code for code in registry.all()}
    assert len(known) > 60
    assert dbt_charts.OF_THE_DATA - known == set()


@pytest.mark.usefixtures("dct")
def test_dcts_server_still_has_the_function_that_is_replaced() -> None:
    # pipeline/dashboards/guarded_dct.py adds its host check to what this one returns.
    server = importlib.import_module("dbt_charts.core.serve.server")
    caller = importlib.import_module("dbt_charts.agent_api.serve")
    assert callable(server.create_server)
    # looked up when it is called, after it was replaced
    assert "core.serve.server import create_server" in inspect.getsource(caller)
    assert not hasattr(caller, "create_server")

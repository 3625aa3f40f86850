"""What the project's own checks share with the other tests, and what dbt parsed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.python.conftest import dbt, demo_database

__all__ = ["demo_database", "manifest"]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """dbt's manifest of one `dbt parse`; the tests that take it are in one group."""
    folder: Path = tmp_path_factory.mktemp("parsed")
    done = dbt(folder, "parse", "--quiet")
    assert done.returncode == 0, done.stdout[-6000:]
    text = (folder / "target" / "manifest.json").read_text("utf-8")
    return dict(json.loads(text))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "manifest" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("manifest"))

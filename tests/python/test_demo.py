"""`make demo`: one command to dashboards, and queries to try next."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from pipeline import demo, environment
from pipeline.build import FIRST_QUERIES
from pipeline.project import InputError
from pipeline.publish.paths import PublishPaths
from pipeline.query import ROWS_SHOWN, query
from pipeline.settings import read_settings
from tests.python.conftest import MAIN_JOB

pytestmark = pytest.mark.xdist_group(MAIN_JOB)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The steps as they are taken, with the data that they are given."""
    taken: list[str] = []

    def step(name: str) -> int:
        assert not read_settings().raw_location
        assert not read_settings().raw_database
        assert not environment.value("AS_OF_DATE")
        taken.append(name)
        return 0

    monkeypatch.setattr(demo, "publish", lambda _: step("publish"))
    monkeypatch.setattr(demo, "render_after_publish", lambda _: step("render"))
    monkeypatch.setenv("RAW_LOCATION", str(tmp_path))
    monkeypatch.setenv("AS_OF_DATE", "2020-01-01")
    monkeypatch.setenv("DASHBOARDS_FOLDER", str(tmp_path))
    return taken


def test_the_demo_is_built_whatever_is_configured(
    steps: list[str], console: Console, tmp_path: Path
) -> None:
    (tmp_path / "index.html").touch()
    assert demo.demo(console) == 0
    assert steps == ["publish", "render"]
    assert environment.value("RAW_LOCATION") == str(tmp_path)
    text = printed(console)
    assert f"Open {tmp_path / 'index.html'} in a browser" in text
    assert text.count("make query SQL=") == 3


def test_a_step_that_failed_ends_it(
    steps: list[str], console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "publish", lambda _: 4)
    assert demo.demo(console) == 4
    assert steps == []
    assert "make query" not in printed(console)


@pytest.mark.parametrize("sql", FIRST_QUERIES)
def test_the_queries_have_answers(
    sql: str, published_demo: PublishPaths, console: Console
) -> None:
    query(console, sql, published_demo.published)
    assert printed(console).count("\n") > 5, printed(console)
    assert '"' not in sql, "it stands between quotes on a command line"


def test_what_a_query_prints(published_demo: PublishPaths, console: Console) -> None:
    published = published_demo.published
    query(console, "select '[red]' as a, null as b, 1.50 as c", published)
    assert "[red]" in printed(console)
    assert "None" not in printed(console)
    query(console, f"select * from range({ROWS_SHOWN + 1})", published)
    assert "Only the first 100 rows" in printed(console)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select * from nothing", "nothing"),
        ("select 1; drop table marts.monthly_churn", "select"),
        ("from read_text('/etc/passwd')", "read_text"),
    ],
)
def test_a_query_that_is_refused(
    sql: str, says: str, published_demo: PublishPaths, console: Console
) -> None:
    with pytest.raises(InputError, match=says):
        query(console, sql, published_demo.published)


def test_a_query_before_anything_is_published(tmp_path: Path, console: Console) -> None:
    with pytest.raises(InputError, match="publish first"):
        query(console, "select 1", tmp_path / "warehouse.duckdb")

"""Connections as docs/ has them: no file is read through them, and nothing changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy

from pipeline.publish.paths import PublishPaths
from pipeline.publish.swap import swap
from tests.python.conftest import ROOT
from tests.python.probes import CHANGES, FILES, SETTINGS
from tests.python.test_publish import keep

DOCUMENTED = "/path/to/publish/warehouse.duckdb"
Ask = Callable[[Path, str], list[Any]]


def by_sqlalchemy(file: Path, sql: str) -> list[Any]:
    """As the line for SQLAlchemy in docs/bi.md."""
    page = (ROOT / "docs" / "bi.md").read_text("utf-8")
    [url] = re.findall(rf"`(duckdb:///{DOCUMENTED}\S*)`", page)
    engine = sqlalchemy.create_engine(
        url.replace(DOCUMENTED, str(file)), poolclass=sqlalchemy.pool.NullPool
    )
    with engine.connect() as connection:
        found = connection.exec_driver_sql(sql)
        return [*found.fetchall()] if found.returns_rows else []


def by_hand(file: Path, sql: str) -> list[Any]:
    """As the lines in docs/publishing.md."""
    page = (ROOT / "docs" / "publishing.md").read_text("utf-8")
    [code] = re.findall(r"```python\n(connection = duckdb\.connect.*?)```", page, re.S)
    names: dict[str, Any] = {"duckdb": duckdb}
    exec(code.replace("publish/warehouse.duckdb", str(file)), names)
    with names["connection"] as connection:
        found = connection.execute(sql)  # None where there is no statement
        return [*found.fetchall()] if found else []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    paths = PublishPaths(tmp_path / "publish", tmp_path / "builds")
    paths.make()
    swap(paths, keep(paths, "2001", 1))
    return paths.published


def refused(ask: Ask, file: Path, probes: list[str]) -> set[str]:
    found = set()
    for sql in probes:
        try:
            ask(file, sql)
        except (duckdb.Error, sqlalchemy.exc.SQLAlchemyError):
            found.add(sql)
    return found


@pytest.mark.parametrize("ask", [by_sqlalchemy, by_hand])
def test_a_documented_connection_is_sealed(file: Path, ask: Ask) -> None:
    before = file.read_bytes()
    assert ask(file, "select build from marts.monthly_churn") == [(1,)]
    assert refused(ask, file, FILES) == {*FILES}
    rest = [sql for sql in (*SETTINGS, *CHANGES) if "sleep" not in sql]
    kept = {
        *("set enable_external_access = true", "set lock_configuration = false"),
        *("reset memory_limit", "update marts.monthly_churn set churn_rate = 0"),
        *("drop table marts.monthly_churn", "create table x as select 1"),
        *(
            "create schema x",
            "delete from marts.monthly_churn",
            "create view x as select 1",
        ),
    }
    assert kept - refused(ask, file, rest) == set()
    assert file.read_bytes() == before
    assert not Path("/tmp/x.csv").exists()


@pytest.mark.parametrize("ask", [by_sqlalchemy, by_hand])
def test_it_tells_what_the_docs_say_it_tells(file: Path, ask: Ask) -> None:
    # Where DuckDB no longer does, docs/bi.md and docs/publishing.md are to be changed.
    assert len(ask(file, "from duckdb_settings()")) > 100
    assert str(file) in str(ask(file, "pragma database_list"))

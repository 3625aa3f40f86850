"""Columns of sources: a company's own names, and times as seconds since 1970."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.project import project_vars
from pipeline.raw.inspect import inspect_inputs
from pipeline.raw.source_tables import _value, source_query
from pipeline.raw.sources import check_sources
from tests.python.conftest import settings_of


def inspected(folder: Path, users: str, columns: Any) -> Any:
    """Segment's table of users with this text, and setting `columns`."""
    (folder / "segment").mkdir(exist_ok=True)
    (folder / "segment" / "users.csv").write_text(users)
    config = project_vars() | {
        "sources": {"users": "segment"},
        "source_settings": {"segment": {"columns": columns}},
    }
    found = inspect_inputs(config, settings_of({"RAW_LOCATION": str(folder)})).sources
    return next(one for one in found[0].findings if one.table.name == "users")


def test_a_column_is_read_by_the_companys_name(tmp_path: Path) -> None:
    text = "id,Job_Title,role,email\nu1,Owner,ignored,a@b.example\n"
    finding = inspected(tmp_path, text, {"users": {"role": "job_title"}})
    assert finding.problems == []
    row = duckdb.sql(
        f"select id, role, email from ({source_query(finding)})"
    ).fetchall()
    assert row == [("u1", "Owner", "a@b.example")]


def test_a_name_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    finding = inspected(tmp_path, "id,title\nu1,Owner\n", {"users": {"role": "titel"}})
    (problem,) = finding.problems
    assert problem.rule == "missing_column"
    assert "`titel`" in problem.message
    assert "`role`" in problem.message
    assert "`title`" in problem.message


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"user": {"role": "x"}}, "no table `user`"),
        ({"users": {"rôle": "x"}}, "`users` has no `rôle`"),
        ({"users": "role"}, "expected {table: {column: your_column}}"),
        ("users", "expected {table: {column: your_column}}"),
    ],
)
def test_a_misspelt_setting_is_a_problem(columns: Any, expected: str) -> None:
    settings = {"source_settings": {"segment": {"columns": columns}}}
    (problem,) = check_sources(settings, {})
    assert expected in problem.message


def test_objects_of_json_lines_are_json(tmp_path: Path) -> None:
    (tmp_path / "delighted").mkdir()
    (tmp_path / "delighted" / "response.jsonl").write_text(
        '{"id": "r1", "survey_type": "nps", "score": 9, "created_at": 1767312000,'
        ' "person_properties": {"account_id": "A1", "tags": ["x"]}}\n'
        '{"id": "r2", "survey_type": "nps", "score": 8, "created_at": 1767312000,'
        ' "person_properties": null}\n'
    )
    config = project_vars() | {"sources": {"surveys": "delighted"}}
    found = inspect_inputs(config, settings_of({"RAW_LOCATION": str(tmp_path)})).sources
    finding = next(one for one in found[0].findings if one.table.name == "response")
    assert finding.problems == []
    query = f"select person_properties from ({source_query(finding)}) order by id"
    assert duckdb.sql(query).fetchall() == [
        ('{"account_id":"A1","tags":["x"]}',),
        (None,),
    ]


@pytest.mark.parametrize("wanted", ["timestamp", "date"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1767312000", "2026-01-02"),
        ("1767312000.5", "2026-01-02"),
        ("1767312000000", "2026-01-02"),
        ("2026-01-02 00:00:00", "2026-01-02"),
        ("2026-01-02T01:00:00+01:00", "2026-01-02"),
        ("20260102", None),
        ("1767312", None),
    ],
)
def test_text_of_a_moment(text: str, expected: str | None, wanted: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        value = _value(f"'{text}'", "VARCHAR", wanted)
        query = f"select typeof({value}), left(cast({value} as varchar), 10)"
        assert connection.execute(query).fetchone() == (wanted.upper(), expected)

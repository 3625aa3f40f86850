"""What readers of the published file can do, and what an export of it holds."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
import sqlalchemy
from rich.console import Console

from pipeline.export import export
from pipeline.publish import rollback
from pipeline.publish.paths import PublishPaths
from pipeline.publish.swap import swap
from pipeline.reader import Published
from tests.python.test_publish import keep


@pytest.fixture
def paths(tmp_path: Path) -> PublishPaths:
    paths = PublishPaths(tmp_path / "publish", tmp_path / "builds")
    paths.make()
    return paths


def test_a_reader_is_sealed(paths: PublishPaths, tmp_path: Path) -> None:
    swap(paths, keep(paths, "2001", 1))
    with Published(paths.published) as published:
        for statement in (
            "select * from read_csv('/etc/hostname')",
            f"copy marts.monthly_churn to '{tmp_path / 'x.csv'}'",
            f"attach '{tmp_path / 'other.duckdb'}' as other",
            "set enable_external_access = true",
            "set lock_configuration = false",
            "install httpfs",
            "update marts.monthly_churn set build = 2",
        ):
            with pytest.raises(duckdb.Error):
                published.query(statement)


def test_a_rollback_keeps_who_may_read(
    paths: PublishPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vars.yml").write_text('published_file_mode: "0640"', "utf-8")
    monkeypatch.setenv("VARS_FILE", str(tmp_path / "vars.yml"))
    monkeypatch.setenv("PUBLISH_FOLDER", str(paths.readers))
    monkeypatch.setenv("BUILDS_FOLDER", str(paths.private))
    for build_id, number in (("2001", 1), ("2002", 2)):
        swap(paths, keep(paths, build_id, number), 0o640)
    assert rollback(Console(quiet=True)) == 0
    assert paths.published.stat().st_mode & 0o777 == 0o640
    assert paths.manifest.stat().st_mode & 0o777 == 0o640


def test_sqlalchemy_reads_tables_and_columns(paths: PublishPaths) -> None:
    # As docs/publishing.md has it. With SQLAlchemy 2.1, get_columns fails.
    swap(paths, keep(paths, "2001", 1))
    url = f"duckdb:///{paths.published}?access_mode=read_only"
    engine = sqlalchemy.create_engine(url)
    found = sqlalchemy.inspect(engine)
    assert "monthly_churn" in found.get_table_names("marts")
    columns = found.get_columns("monthly_churn", "marts")
    assert "build" in [column["name"] for column in columns]
    with (
        pytest.raises(sqlalchemy.exc.DatabaseError, match="read-only"),
        engine.begin() as connection,
    ):
        connection.execute(sqlalchemy.text("drop table marts.monthly_churn"))
    engine.dispose()


def test_two_readers_in_one_process(paths: PublishPaths) -> None:
    swap(paths, keep(paths, "2001", 1))
    with Published(paths.published) as one, Published(paths.published) as two:
        for published in (one, two):
            assert published.query("select 1").fetchall() == [(1,)]
            with pytest.raises(duckdb.Error):
                published.query("set enable_external_access = true")


def test_nothing_published_is_reported(paths: PublishPaths) -> None:
    with pytest.raises(FileNotFoundError, match="make publish"):
        Published(paths.published).query("select 1")


def test_an_export_is_harmless_to_spreadsheets(
    paths: PublishPaths, tmp_path: Path
) -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\tx", " =1", "fine", "a=b", None]
    # Full width, and after white space that Excel skips.
    wide = ["\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20x", "\u3000=1", "\xa0\uff1d1"]
    cells += wide
    with duckdb.connect(str(paths.published)) as connection:
        connection.execute(
            "create schema marts; create table marts.m (id integer, cell varchar)"
        )
        connection.executemany(
            "insert into marts.m values (?, ?)", [(-n, c) for n, c in enumerate(cells)]
        )
    assert export("m", tmp_path / "m.csv", paths.published) == len(cells)
    with (tmp_path / "m.csv").open(newline="") as file:
        rows = {row["id"]: row["cell"] for row in csv.DictReader(file)}
    assert rows == {
        "0": "'=1+1",
        "-1": "'+1",
        "-2": "'-1",
        "-3": "'@x",
        "-4": "'\tx",
        "-5": "' =1",
        "-6": "fine",
        "-7": "a=b",
        "-8": "",
        **{f"-{n}": f"'{cell}" for n, cell in enumerate(wide, start=9)},
    }
    export("m", tmp_path / "m.parquet", paths.published)
    found = duckdb.sql(f"select cell from '{tmp_path / 'm.parquet'}' order by id desc")
    assert [cell for (cell,) in found.fetchall()] == cells

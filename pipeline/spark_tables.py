"""The tables that Spark built, as a warehouse of DuckDB, which can be published.

Models are not computed again. DuckDB makes every table without rows, with the types and
constraints that it has when DuckDB builds it, and takes the rows from Spark's Parquet
files. Views, data tests and gates then run on these rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from pipeline.build import (
    DOCS_FOLDER,
    NO_UNIT_TESTS,
    Steps,
    dbt_on,
    ids_are_apart,
    passes,
    preflight,
)
from pipeline.console import display_path, print_line, print_step
from pipeline.exit_codes import BUILD_FAILED, INPUTS_FAILED
from pipeline.project import ROOT, InputError
from pipeline.raw.locate import raw_origin
from pipeline.settings import Settings, as_of_date, read_settings
from pipeline.sql import glob_text, sql_name, sql_text

BUILD_AGAIN = "Build again: python -m pipeline load-spark, then dbt build on Spark."
NO_ROWS = ("--empty", "--exclude-resource-type", "test", *NO_UNIT_TESTS)
VIEWS = ("--select", "config.materialized:view")
NAMED = 3  # tables in a message


@dataclass(frozen=True)
class SparkTables:
    """Folders of Parquet files: raw tables, and what models made of them."""

    folder: Path

    def of(self, schema: str, table: str) -> Path:
        """The folder of a table that a model or a seed made."""
        return self.folder / "tables" / f"{schema}.db" / table

    def raw(self, schema: str, table: str) -> Path:
        """The folder of a raw table."""
        return self.folder / "raw" / schema / table


def spark_day(config: Mapping[str, Any], settings: Settings) -> date:
    """The as-of date of what Spark built, which is that of the publish.

    Raises:
        InputError: There is nothing, it is as of another day than the one that is
            given, or of other raw data than the settings name.
    """
    tables = SparkTables(settings.spark_folder)
    day = _value(tables.of("marts", "figures_as_of"), "as_of_date")
    origin = _value(tables.raw("raw", "raw_origin"), "origin")
    if config["as_of_date"] or settings.as_of_date:
        given = as_of_date(config, settings)
        if given != day:
            raise InputError(
                f"Spark's tables are as of {day}, the given as-of date is {given}."
                f" {BUILD_AGAIN}"
            )
    place = raw_origin(config, settings)
    if origin != place:
        raise InputError(
            f"Spark's tables were built from {origin}, but the settings name {place}."
            " Set RAW_LOCATION as it was for the build."
        )
    return date.fromisoformat(str(day))


def _value(folder: Path, column: str) -> object:
    """A column of a table with one row."""
    if not [*folder.glob("*.parquet")]:
        raise InputError(
            f"{display_path(folder)} has no table of Spark: SPARK_FOLDER is the folder"
            f" in which it builds. {BUILD_AGAIN}"
        )
    row = duckdb.sql(f"select {column} from {_rows(folder)}").fetchone()
    if not row:
        raise InputError(f"{display_path(folder)} has no row. {BUILD_AGAIN}")
    return row[0]


def spark_to_marts(
    console: Console,
    database: Path,
    artifacts: Path | None = None,
    threads: int | None = None,
) -> Steps:
    """Make a DuckDB file of Spark's tables, and check it as one that DuckDB built.

    Args:
        console: Where progress is reported.
        database: The DuckDB file; it must not be there.
        artifacts: Folder of dbt's artifacts and, in `quality`, the gates' Data Docs; by
            default `target`, and the docs in `build/quality`.
        threads: dbt's threads; by default those of the profile.

    Raises:
        InputError: Spark's tables are missing, of an unfinished build, or have other
            columns; the message says which.
    """
    steps = Steps()
    run = dbt_on(console, database, artifacts, threads)
    docs = artifacts / "quality" if artifacts else DOCS_FOLDER
    if not preflight(console):
        steps.failed = INPUTS_FAILED
        return steps
    tables = SparkTables(read_settings().spark_folder)
    print_step(console, "Spark", f"tables of {display_path(tables.folder)}")
    if not run("build", *NO_ROWS):
        steps.failed = BUILD_FAILED
        return steps
    manifest = _manifest(artifacts)
    print_line(console, fill(database, tables, manifest))
    if not run("run", *VIEWS):
        steps.failed = BUILD_FAILED
        return steps
    if not ids_are_apart(console, database, steps):
        return steps
    if not passes(console, "raw", database, docs, steps):
        return steps
    print_step(console, "dbt test", "all data tests, on Spark's rows")
    if not run("test", *NO_UNIT_TESTS):
        steps.failed = BUILD_FAILED
        return steps
    passes(console, "marts", database, docs, steps)
    return steps


def fill(database: Path, tables: SparkTables, manifest: Mapping[str, Any]) -> str:
    """Take the rows of all tables of models and seeds; what was taken, in words.

    Args:
        database: Has these tables, without rows.
        tables: Spark's.
        manifest: dbt's, which says what is a table and what each one reads.

    Raises:
        InputError: A table is missing, older than one that it reads, written while it
            was read, or lacks a column.
    """
    names = [(node["schema"], node["name"]) for node in _tables(manifest)]
    _check_there(tables, names)
    _check_finished(tables, manifest)
    before = {name: _written(tables.of(*name)) for name in names}
    rows = 0
    with duckdb.connect(str(database)) as connection:
        connection.execute("set timezone = 'UTC'")
        for schema, table in names:
            rows += _take(connection, schema, table, tables.of(schema, table))
    changed = [
        table
        for (schema, table), written in before.items()
        if _written(tables.of(schema, table)) != written
    ]
    if changed:
        raise InputError(
            f"{_some(changed)}: written by Spark while they were read. Publish again"
            " when its build has ended."
        )
    return f"{len(names)} tables, {rows:,} rows."


def _manifest(artifacts: Path | None) -> Mapping[str, Any]:
    file = (artifacts or ROOT / "target") / "manifest.json"
    return dict(json.loads(file.read_text(encoding="utf-8")))


def _tables(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The nodes that are tables."""
    for node in manifest["nodes"].values():
        if node["resource_type"] in ("model", "seed") and not _is_view(node):
            yield node


def _is_view(node: Mapping[str, Any]) -> bool:
    return bool(node["config"]["materialized"] in ("view", "ephemeral"))


def _take(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, folder: Path
) -> int:
    """Replace a table's rows by Spark's; how many they are."""
    relation = f"{sql_name(schema)}.{sql_name(table)}"
    connection.execute(f"delete from {relation}")
    if not [*folder.rglob("*.parquet")]:
        return 0  # of a partitioned table without rows
    columns = [row[0] for row in connection.execute(f"describe {relation}").fetchall()]
    found = connection.execute(f"describe from {_rows(folder)}").fetchall()
    theirs = {row[0] for row in found}
    if missing := [name for name in columns if name not in theirs]:
        raise InputError(
            f"{schema}.{table}: Spark's table lacks {_some(missing)}. It was built by"
            f" another version of the models. {BUILD_AGAIN}"
        )
    listed = ", ".join(map(sql_name, columns))
    row = connection.execute(
        f"insert into {relation} ({listed}) select {listed} from {_rows(folder)}"
    ).fetchone()
    return int(row[0]) if row else 0


def _rows(folder: Path) -> str:
    """SQL of a table's rows, without columns that partition it: DuckDB has none."""
    files = sql_text(f"{glob_text(folder)}/**/*.parquet")
    return f"read_parquet({files}, hive_partitioning = false)"


# -- is it one whole build? ------------------------------------------------------------


def _check_there(tables: SparkTables, names: list[tuple[str, str]]) -> None:
    missing = [
        f"{schema}.{table}"
        for schema, table in names
        if not tables.of(schema, table).is_dir()
    ]
    if missing:
        raise InputError(
            f"{_some(missing)}: not among Spark's tables in"
            f" {display_path(tables.folder)}. {BUILD_AGAIN}"
        )
    others = [
        f"{schema}.{table}"
        for schema, table in names
        for kept in ("_delta_log", "metadata")  # Delta, Iceberg
        if (tables.of(schema, table) / kept).is_dir()
    ]
    if others:
        raise InputError(
            f"{_some(others)}: not a plain folder of Parquet files, of which some may"
            " no longer belong to the table. Only file_format parquet is published."
        )
    unfinished = [
        f"{schema}.{table}"
        for schema, table in names
        if [*tables.of(schema, table).glob("**/_temporary")]
    ]
    if unfinished:
        raise InputError(
            f"{_some(unfinished)}: Spark is writing, or was killed while it wrote."
            f" {BUILD_AGAIN}"
        )


def _check_finished(tables: SparkTables, manifest: Mapping[str, Any]) -> None:
    """Refuse a table that is older than one that it reads: its build stopped before."""
    nodes = {**manifest["nodes"], **manifest["sources"]}

    @cache
    def newest_before(name: str) -> int:
        """When the newest of the tables that a node reads was written."""
        parents = nodes[name].get("depends_on", {}).get("nodes", [])
        return max(map(newest, parents), default=0)

    @cache
    def newest(name: str) -> int:
        node = nodes[name]
        if node["resource_type"] == "source":
            return _written(tables.raw(node["schema"], node["identifier"]))
        if _is_view(node):
            return newest_before(name)
        return _written(tables.of(node["schema"], node["name"]))

    stale = [
        f"{node['schema']}.{node['name']}"
        for node in _tables(manifest)
        if newest(node["unique_id"]) < newest_before(node["unique_id"])
    ]
    if stale:
        raise InputError(
            f"{_some(stale)}: older than a table that it reads, so Spark's last build"
            f" is not finished. {BUILD_AGAIN}"
        )


def _written(folder: Path) -> int:
    """When the newest file of a table was written, in nanoseconds; 0: no file."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return max((path.stat().st_mtime_ns for path in files), default=0)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(sorted(names)[:NAMED]) + more

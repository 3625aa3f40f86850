"""Raw tables for Spark: ordinary tables there, over Parquet files written here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from rich.console import Console

from pipeline import environment
from pipeline.build import preflight
from pipeline.console import display_path, print_step
from pipeline.dbt_run import run_dbt
from pipeline.exit_codes import BUILD_FAILED, INPUTS_FAILED
from pipeline.project import InputError, project_vars
from pipeline.raw.fill import fill_raw
from pipeline.raw.inspect import inspect_inputs
from pipeline.settings import read_settings
from pipeline.sql import sql_name, sql_text

# What a column is written as, by the beginning of its type; others are written as text.
WRITTEN_AS = {
    "TIMESTAMP": "timestamptz",
    "HUGEINT": "decimal(38, 0)",
    "UHUGEINT": "decimal(38, 0)",
    "UBIGINT": "decimal(38, 0)",
}
AS_THEY_ARE = ("VARCHAR", "DATE", "BOOLEAN", "DECIMAL", "DOUBLE", "FLOAT")
INTEGERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
)

JAVA = (8, 11, 17)  # versions with which Spark 3.5 runs

Tables = dict[str, dict[str, str]]


def java_problem() -> str | None:
    """Why Spark cannot run in a process of this machine; None where it can."""
    home = environment.value("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else "java"
    fix = (
        "Spark 3.5 needs Java 17: install it, and set JAVA_HOME if it is not the first."
    )
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True)
    except OSError:
        return f"There is no Java here ({java}). {fix}"
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    if done.returncode or not found:
        return f"{java} does not say its version. {fix}"
    if int(found[1]) not in JAVA:
        return f"{java} is version {found[1]}. {fix}"
    return None


def load(console: Console, *, target: str = "spark") -> int:
    """Check the raw inputs, and make them the raw tables of a Spark target.

    Args:
        console: Where progress is reported.
        target: Of `profiles.yml`.

    Returns:
        0, or the exit code of what failed: 3 inputs, 5 the tables.
    """
    if target == "spark" and (problem := java_problem()):
        raise InputError(problem)
    if read_settings().raw_database:
        raise InputError(
            "RAW_DATABASE cannot be loaded into Spark: set RAW_LOCATION to a folder or"
            " bucket prefix with the tables."
        )
    if not preflight(console):
        return INPUTS_FAILED
    folder = read_settings().spark_folder / "raw"
    print_step(console, "load", f"raw tables as Parquet in {display_path(folder)}")
    tables = write_raw(folder)
    print_step(console, "tables", f"in the catalogue of target {target}")
    arguments = json.dumps({"tables": tables})
    done = run_dbt(
        console,
        *("run-operation", "create_raw_tables", "--target", target),
        *("--args", arguments),
        database=read_settings().duckdb_path,
    )
    if not done:
        return BUILD_FAILED
    count = sum(map(len, tables.values()))
    console.print(f"{count} raw tables. Next: dbt build --target {target}")
    return 0


def write_raw(folder: Path) -> Tables:
    """The raw tables as dbt has them on DuckDB, written as Parquet.

    Returns:
        The folder of each table's files, by schema and table.
    """
    config, settings = project_vars(), read_settings()
    inspection = inspect_inputs(config, settings, reads_values=False)
    tables: Tables = {}
    shutil.rmtree(folder, ignore_errors=True)
    with (
        TemporaryDirectory() as scratch,
        duckdb.connect(str(Path(scratch) / "warehouse.duckdb")) as connection,
    ):
        connection.execute("set timezone = 'UTC'")
        fill_raw(connection, inspection, config, settings)
        for schema, table in _relations(connection):
            where = folder / schema / table
            where.mkdir(parents=True)
            columns = ", ".join(_columns(connection, schema, table))
            relation = f"{sql_name(schema)}.{sql_name(table)}"
            connection.execute(
                f"copy (select {columns} from {relation})"
                f" to {sql_text(str(where / 'rows.parquet'))} (format parquet)"
            )
            tables.setdefault(schema, {})[table] = str(where)
    return tables


def _relations(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_catalog = current_database() order by all"
    ).fetchall()


def _columns(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str
) -> Iterator[str]:
    """The select list of a relation, in types that Spark reads."""
    rows = connection.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_catalog = current_database()"
        "   and table_schema = ? and table_name = ? order by ordinal_position",
        [schema, table],
    ).fetchall()
    relation = f"{sql_name(schema)}.{sql_name(table)}"
    for column, written in rows:
        name = sql_name(column)
        kind = _written_as(written)
        if kind in ("date", "timestamptz"):
            # infinite dates, and those beyond four digits of a year, exist here alone
            row = connection.execute(
                f"select count(*) from {relation} where cast({name} as date)"
                " not between date '0001-01-01' and date '9999-12-31'"
            ).fetchone()
            if row and row[0]:
                kind = "varchar"
        yield f"cast({name} as {kind}) as {name}" if kind else name


def _written_as(kind: str) -> str:
    """The type to cast to; empty where it can be written as it is."""
    if kind == "DATE":
        return "date"
    if kind.startswith(AS_THEY_ARE) and not kind.endswith("]"):
        return ""
    if kind in INTEGERS:
        return "bigint"
    for beginning, written in WRITTEN_AS.items():
        if kind.startswith(beginning):
            return written
    return "varchar"

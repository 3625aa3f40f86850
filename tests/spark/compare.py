"""Tables of a DuckDB file, and the same tables as Spark wrote them, row by row.

DuckDB reads both: Spark's tables are folders of Parquet files. Everything has to be
equal, doubles to 1e-9 of their size: sums of them depend on the order of rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

TOLERANCE = 1e-9
# A part of it is a hash, where ids have aliases: each engine has its own.
FINGERPRINT = ("input_fingerprint",)


@dataclass(frozen=True)
class Difference:
    """What differs in a table, and the first rows that do."""

    table: str
    message: str

    def __str__(self) -> str:
        return f"{self.table}: {self.message}"


def tables_of(database: Path, schema: str, like: str = "%") -> list[str]:
    """The tables of a schema, those that tests stored left out."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select table_name from information_schema.tables"
            " where table_schema = ? and table_name like ?"
            "   and table_type = 'BASE TABLE' order by 1",
            [schema, like],
        ).fetchall()
    return [name for (name,) in rows]


def differences(
    database: Path,
    folder: Path,
    schema: str,
    tables: Sequence[str],
    *,
    same_types: bool = True,
    without: Sequence[str] = (),
) -> list[Difference]:
    """What differs between tables of a DuckDB file and those of Spark.

    Args:
        database: The DuckDB file.
        folder: Spark's warehouse, with a folder `<schema>.db/<table>` for each table.
        schema: Schema of the tables.
        tables: Their names.
        same_types: Marts have the types of their contract. Before them a sum or a whole
            number may be wider on one engine: only the kind of type has to be the same.
        without: Columns that are not compared, such as when a row was validated.
    """
    found = []
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{database}' as duck (read_only)")
        for table in tables:
            files = folder / f"{schema}.db" / table
            if not [*files.rglob("*.parquet")]:
                found.append(Difference(table, "Spark has no such table"))
                continue
            spark = f"read_parquet('{files}/**/*.parquet', hive_partitioning = false)"
            message = _difference(
                connection,
                _without(connection, f"duck.{schema}.{table}", without),
                _without(connection, spark, without),
                same_types=same_types,
            )
            if message:
                found.append(Difference(table, message))
    return found


def published_differences(
    one: Path, other: Path, tables: Sequence[str], *, without: Sequence[str] = ()
) -> list[Difference]:
    """What differs between the marts of two DuckDB files, types too."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        for table in tables:
            message = _difference(
                connection,
                _without(connection, f"one.marts.{table}", without),
                _without(connection, f"other.marts.{table}", without),
                same_types=True,
            )
            if message:
                found.append(Difference(table, message))
    return found


def assert_same(
    database: Path,
    folder: Path,
    schema: str,
    like: str = "%",
    *,
    least: int = 1,
    without: Sequence[str] = (),
) -> None:
    """All tables of a schema are equal, and have this many rows at least, together.

    The types of marts have to be the same, too: they are their contract.
    """
    tables = tables_of(database, schema, like)
    assert row_count(database, schema, tables) >= least
    found = differences(
        database,
        folder,
        schema,
        tables,
        same_types=schema == "marts",
        without=without,
    )
    assert found == [], "\n".join(map(str, found))


def row_count(database: Path, schema: str, tables: Sequence[str]) -> int:
    """How many rows the tables have, together."""
    with duckdb.connect(str(database), read_only=True) as connection:
        counts = [
            connection.execute(f"select count(*) from {schema}.{table}").fetchone()
            for table in tables
        ]
    return sum(count[0] for count in counts if count)


def _difference(
    connection: duckdb.DuckDBPyConnection, duck: str, spark: str, *, same_types: bool
) -> str:
    types = _types(connection, duck, same_types=same_types)
    theirs = _types(connection, spark, same_types=same_types)
    if types.items() ^ theirs.items():
        only = sorted(types.items() - theirs.items())
        there = sorted(theirs.items() - types.items())
        return f"columns differ: {only} on DuckDB, {there} on Spark"
    doubles = [name for name, kind in types.items() if kind in ("DOUBLE", "FLOAT")]
    exact = [name for name in types if name not in doubles]
    same_row = " and ".join(f"duck.{n} is not distinct from spark.{n}" for n in exact)
    differs = [f"({_differs(name)})" for name in doubles]
    keys = ", ".join(f"coalesce(duck.{n}, spark.{n}) as {n}" for n in exact)
    values = "".join(
        f", duck.{n} as duckdb_{n}, spark.{n} as spark_{n}" for n in doubles
    )
    number = _number(exact, doubles)
    connection.execute(
        f"""
        create or replace temp table compared as
        with duck as (select true as is_there, *, {number} from {duck}),
        spark as (
            select true as is_there, *, {number}
            from (select {_as_on_duckdb(types)} from {spark})
        )
        select
            coalesce(duck.is_there, false) as on_duckdb,
            coalesce(spark.is_there, false) as on_spark,
            {keys}
            {values}
        from duck
        full outer join spark
            on {same_row} and duck.row_number_there = spark.row_number_there
        where
            duck.is_there is null or spark.is_there is null
            {"".join(f" or {one}" for one in differs)}
        """
    )
    row = connection.execute("select count(*) from compared").fetchone()
    if not row or not row[0]:
        return ""
    first = connection.execute("select * from compared order by all limit 4").fetchall()
    names = [column[0] for column in connection.description or ()]
    shown = "\n  ".join(str(dict(zip(names, one, strict=True))) for one in first)
    return f"{row[0]} rows differ:\n  {shown}"


def _without(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]
) -> str:
    there = connection.execute(f"describe select * from {relation}").fetchall()
    kept = [row[0] for row in there if row[0] not in columns]
    return f"(select {', '.join(kept)} from {relation})"


def _types(
    connection: duckdb.DuckDBPyConnection, relation: str, *, same_types: bool
) -> dict[str, str]:
    rows = connection.execute(f"describe select * from {relation}").fetchall()
    types = {row[0]: row[1].replace(" WITH TIME ZONE", "") for row in rows}
    if same_types:
        return types
    return {
        name: re.sub(r"^\w*INT\w*$", "INTEGER", re.sub(r"\(\d+,", "(", kind))
        for name, kind in types.items()
    }


def _as_on_duckdb(types: dict[str, str]) -> str:
    return ", ".join(
        f"cast(timezone('UTC', {name}) as timestamp) as {name}"
        if kind == "TIMESTAMP"
        else name
        for name, kind in types.items()
    )


def _number(exact: Sequence[str], doubles: Sequence[str]) -> str:
    """Tells rows apart that are alike in all but their doubles."""
    by = f" order by {', '.join(doubles)}" if doubles else ""
    window = f"partition by {', '.join(exact)}{by}"
    return f"row_number() over ({window}) as row_number_there"


def _differs(name: str) -> str:
    duck, spark = f"duck.{name}", f"spark.{name}"
    return (
        f"({duck} is null) <> ({spark} is null)"
        f" or {duck} <> {spark} and not coalesce(abs({duck} - {spark})"
        f" <= {TOLERANCE} * greatest(abs({duck}), abs({spark})), false)"
    )

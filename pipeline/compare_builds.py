"""What differs between the marts of two builds: two versions, or two days."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from pipeline.console import print_line
from pipeline.exit_codes import DIFFERS
from pipeline.project import InputError
from pipeline.sql import sql_name, sql_text

Marts = dict[str, list[str]]  # their columns, by mart

METRICS_SHOWN = 30
# The columns of each file's marts, in alphabetical order.
COLUMNS = """
    select table_name, list(column_name order by column_name)
    from duckdb_columns()
    where database_name = ? and schema_name = 'marts'
    group by table_name
"""
# Doubles that differ in their last digits only are equal.
METRICS = """
    select metric, date_month, before.value, after.value
    from before.marts.kpi_monthly as before
    full join after.marts.kpi_monthly as after using (metric, date_month)
    where before.value is distinct from after.value
        and coalesce(
            abs(before.value - after.value)
            > 1e-9 * greatest(abs(before.value), abs(after.value)),
            true
        )
    order by date_month desc, metric
"""


@dataclass(frozen=True)
class MartDifference:
    """How a mart of one build differs from that of the other.

    Attributes:
        mart: Its name.
        only_before: Rows that only the first build has; None where it has no such mart.
        only_after: Rows that only the second one has; None as above.
        columns: Columns that only one of them has, as `+new` and `-old`; rows are
            compared by the others.
    """

    mart: str
    only_before: int | None
    only_after: int | None
    columns: tuple[str, ...] = ()


def compare_builds(console: Console, before: Path, after: Path) -> int:
    """Print what differs between the marts of two files.

    Args:
        console: Where to print.
        before: A published file, a kept build, or what `make build` made.
        after: Another one.

    Returns:
        0 where all marts are equal, else 9.

    Raises:
        InputError: One of them is no such file.
    """
    with both(before, after) as (connection, of_before, of_after):
        differences = differences_of(connection, of_before, of_after)
        metrics: list[tuple[object, ...]] = []
        if "kpi_monthly" in of_before and "kpi_monthly" in of_after:
            metrics = connection.execute(METRICS).fetchall()
    if not differences:
        print_line(console, f"All {len(of_after)} marts are equal, row by row.")
        return 0
    table = Table("mart", "rows only before", "rows only after", "columns")
    for one in differences:
        cells = [one.only_before, one.only_after]
        shown = ["no such mart" if n is None else f"{n:,}" for n in cells]
        table.add_row(one.mart, *shown, " ".join(one.columns))
    console.print(table, markup=False)
    if metrics:
        _print_metrics(console, metrics)
    print_line(console, "The reasons of intended changes are in CHANGELOG.md.")
    return DIFFERS


def _print_metrics(console: Console, metrics: list[tuple[object, ...]]) -> None:
    title = f"Values of kpi_monthly that differ: {len(metrics):,}"
    table = Table("metric", "month", "before", "after", title=title)
    for metric, month, *values in metrics[:METRICS_SHOWN]:
        shown = ["" if value is None else f"{value:,.6g}" for value in values]
        table.add_row(str(metric), str(month)[:7], *shown)
    console.print(table, markup=False)
    if len(metrics) > METRICS_SHOWN:
        print_line(console, f"Only the {METRICS_SHOWN} of the latest months.")


@contextmanager
def both(
    before: Path, after: Path
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Marts, Marts]]:
    """A connection with the files attached, read only, as `before` and `after`.

    And the columns of the marts of both.

    Raises:
        InputError: One of them is no database with marts.
    """
    with duckdb.connect() as connection:
        found: list[Marts] = []
        for alias, file in (("before", before), ("after", after)):
            if not file.is_file():
                raise InputError(f"{file} is not there.")
            try:
                connection.execute(f"attach {sql_text(file)} as {alias} (read_only)")
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise InputError(f"{file} cannot be opened: {reason}") from None
            found.append(dict(connection.execute(COLUMNS, [alias]).fetchall()))
            if not found[-1]:
                raise InputError(f"{file} has no schema marts: it is no build.")
        connection.execute("set enable_external_access = false")
        yield connection, found[0], found[1]


def differences_of(
    connection: duckdb.DuckDBPyConnection, of_before: Marts, of_after: Marts
) -> list[MartDifference]:
    """The marts that differ, by name."""
    found = []
    for mart in sorted(of_before.keys() | of_after.keys()):
        left, right = of_before.get(mart), of_after.get(mart)
        if left is None or right is None:
            rows = [None if one is None else 0 for one in (left, right)]
            found.append(MartDifference(mart, rows[0], rows[1]))
            continue
        shared = sorted({*left} & {*right})
        columns = [f"-{name}" for name in left if name not in right]
        columns += [f"+{name}" for name in right if name not in left]
        only = [
            _only_in(connection, mart, shared, *pair)
            for pair in (("before", "after"), ("after", "before"))
        ]
        if columns or any(only):
            found.append(MartDifference(mart, only[0], only[1], tuple(columns)))
    return found


def _only_in(
    connection: duckdb.DuckDBPyConnection,
    mart: str,
    columns: list[str],
    one: str,
    other: str,
) -> int:
    selected = ", ".join(sql_name(name) for name in columns) or "1"
    name = sql_name(mart)
    query = " except all ".join(
        f"select {selected} from {alias}.marts.{name}" for alias in (one, other)
    )
    row = connection.execute(f"select count(*) from ({query})").fetchone()
    return int(row[0]) if row else 0

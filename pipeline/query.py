"""One select over the published marts, as a table on the terminal."""

from __future__ import annotations

from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from pipeline.console import print_line
from pipeline.project import InputError
from pipeline.reader import Published

ROWS_SHOWN = 100


def query(console: Console, sql: str, file: Path | None = None) -> None:
    """Print the rows of one select over the published marts.

    Args:
        console: Where to print.
        sql: The select.
        file: The published file; by default where `make publish` puts it.

    Raises:
        InputError: Nothing is published, or the query is wrong.
    """
    try:
        with Published(file) as published:
            found = published.query(sql)
            rows = found.fetchmany(ROWS_SHOWN + 1)
            table = Table(*found.columns)
    except (FileNotFoundError, duckdb.Error) as error:
        raise InputError(str(error)) from None
    for row in rows[:ROWS_SHOWN]:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(table, markup=False)
    if len(rows) > ROWS_SHOWN:
        print_line(
            console,
            f"Only the first {ROWS_SHOWN} rows. All of a mart: `python -m pipeline"
            " export <mart> <file>.csv`.",
        )

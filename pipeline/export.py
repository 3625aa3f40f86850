"""Export a mart of the published file as CSV or Parquet."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.project import InputError
from pipeline.publish.paths import PublishPaths
from pipeline.settings import read_settings
from pipeline.sql import sql_text

# A spreadsheet reads a cell that begins like this as a formula. Excel also skips white
# space, and in some languages reads the full-width forms of the same characters.
FORMULA = r"^[\s\x{a0}\x{3000}\x{feff}]*[=+\-@\t\r\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]"


def export(mart: str, target: Path, file: Path | None = None) -> int:
    """Write a mart to a file, in the format of its extension.

    In CSV, text that a spreadsheet would read as a formula is prefixed with an
    apostrophe; numbers are unchanged. Parquet has the values unchanged.

    Args:
        mart: Its name, such as `monthly_churn`.
        target: The file to write; it ends with .csv or .parquet.
        file: The published file; by default where `make publish` puts it.

    Returns:
        How many rows were written.

    Raises:
        InputError: No such mart, nothing published, or another extension.
    """
    published = file or PublishPaths.of(read_settings()).published
    if not published.exists():
        raise InputError(
            f"{published} is not there: publish first, with `make publish`."
        )
    if target.suffix not in (".csv", ".parquet"):
        raise InputError(f"{target} ends with neither .csv nor .parquet.")
    with duckdb.connect(str(published), read_only=True) as connection:
        columns = connection.execute(
            "select column_name, data_type from duckdb_columns()"
            " where schema_name = 'marts' and table_name = ? order by column_index",
            [mart],
        ).fetchall()
        if not columns:
            raise InputError(
                f"There is no mart {mart}. There are: {_marts(connection)}."
            )
        safe = [
            _harmless(name) if target.suffix == ".csv" and kind == "VARCHAR" else name
            for name, kind in ((f'"{name}"', kind) for name, kind in columns)
        ]
        written = connection.execute(
            f'copy (select {", ".join(safe)} from marts."{mart}" order by all)'
            f" to {sql_text(target)} ({_options(target)})"
        ).fetchone()
    return int(written[0]) if written else 0


def _harmless(name: str) -> str:
    return (
        f"case when regexp_matches({name}, '{FORMULA}') then '''' || {name}"
        f" else {name} end as {name}"
    )


def _options(target: Path) -> str:
    return "format csv, header" if target.suffix == ".csv" else "format parquet"


def _marts(connection: duckdb.DuckDBPyConnection) -> str:
    found = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
    ).fetchall()
    return ", ".join(name for (name,) in found)

"""Export marts of the published file: one, or all, as CSV or Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipeline.formulas import FORMULA
from pipeline.project import InputError
from pipeline.publish.paths import PublishPaths
from pipeline.sealed import PUBLISH_FIRST
from pipeline.settings import read_settings
from pipeline.sql import sql_name, sql_text
from pipeline.whole_file import whole_file

FORMATS = ("csv", "parquet")
OPTIONS = {"csv": "format csv, header", "parquet": "format parquet"}


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
        InputError: No such mart, nothing published, another extension, or the file
            cannot be written.
    """
    form = target.suffix.removeprefix(".")
    if form not in FORMATS:
        raise InputError(
            f"{target} ends with neither .csv nor .parquet. (A workbook: export"
            " monthly_pack pack.xlsx. A folder: export all FOLDER.)"
        )
    with opened(file) as connection:
        marts = mart_names(connection)
        if mart not in marts:
            raise InputError(f"There is no mart {mart}. There are: {', '.join(marts)}.")
        return _write(connection, mart, target, form)


def export_all(folder: Path, form: str, file: Path | None = None) -> dict[str, int]:
    """Write every mart to a file of its own, all from one build.

    Args:
        folder: Where the files go, as `<mart>.csv`; it is made if it is not there.
        form: csv or parquet.
        file: The published file; by default where `make publish` puts it.

    Returns:
        How many rows were written, by mart.

    Raises:
        InputError: Another format, nothing published, or a file cannot be written.
    """
    if form not in FORMATS:
        raise InputError(f"--as {form}: expected csv or parquet.")
    with opened(file) as connection:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder} cannot be made: {error.strerror}.") from None
        return {
            mart: _write(connection, mart, folder / f"{mart}.{form}", form)
            for mart in mart_names(connection)
        }


@contextmanager
def opened(file: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, read only: a whole export is of one build.

    It is attached to a database of its own. Connections of one process to one file
    share their settings, so that a `Published` that is open would take the right to
    write.

    Raises:
        InputError: Nothing is published.
    """
    published = file or PublishPaths.of(read_settings()).published
    if not published.exists():
        raise InputError(PUBLISH_FIRST.format(published))
    with duckdb.connect() as connection:
        connection.execute(f"attach {sql_text(published)} as published (read_only)")
        connection.execute("use published")
        yield connection


def mart_names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The marts of the file."""
    found = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
    ).fetchall()
    return [name for (name,) in found]


def _write(
    connection: duckdb.DuckDBPyConnection, mart: str, target: Path, form: str
) -> int:
    """Write the rows, in the order of all columns; how many they are."""
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns()"
        " where schema_name = 'marts' and table_name = ? order by column_index",
        [mart],
    ).fetchall()
    selected = ", ".join(
        _harmless(sql_name(name))
        if form == "csv" and kind == "VARCHAR"
        else sql_name(name)
        for name, kind in columns
    )
    try:
        with whole_file(target) as unfinished:
            written = connection.execute(
                f"copy (select {selected} from marts.{sql_name(mart)} order by all)"
                f" to {sql_text(unfinished)} ({OPTIONS[form]})"
            ).fetchone()
    except (duckdb.IOException, OSError) as error:
        reason = _reason(error).replace(str(unfinished), str(target))
        raise InputError(f"{target} cannot be written: {reason}") from None
    return int(written[0]) if written else 0


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error).splitlines()[0]


def _harmless(name: str) -> str:
    return (
        f"case when regexp_matches({name}, '{FORMULA}') then '''' || {name}"
        f" else {name} end as {name}"
    )

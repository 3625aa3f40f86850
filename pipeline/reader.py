"""Open the published file as a reader should: sandboxed, and never a stale build.

with Published() as published:
    published.query("select * from marts.monthly_churn").fetchall()
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from pipeline.guard import check
from pipeline.sealed import DATABASE, Identity, SealedFile
from pipeline.settings import read_settings


class Rows:
    """The rows of a query, to be fetched before the next one runs."""

    def __init__(self, found: duckdb.DuckDBPyConnection) -> None:
        self._found = found

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [column[0] for column in self._found.description or ()]

    def fetchall(self) -> list[Any]:
        """All rows that are left, as tuples."""
        return self._found.fetchall()

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row; None after the last."""
        return self._found.fetchone()

    def fetchmany(self, size: int = 1) -> list[Any]:
        """The next rows."""
        return self._found.fetchmany(size)

    def dicts(self) -> list[dict[str, Any]]:
        """All rows that are left, by column name."""
        names = self.columns
        return [dict(zip(names, row, strict=True)) for row in self.fetchall()]

    def df(self) -> Any:
        """All rows that are left, as a data frame; needs pandas."""
        return self._found.df()


class Published:
    """The currently published file; a new publish is picked up by itself.

    The connection is read only, and reaches neither files nor the network. A query is
    one select over the marts: what else DuckDB answers, such as its settings and the
    place of the file, is refused. Each query sees one build, the latest.
    """

    def __init__(self, file: Path | None = None) -> None:
        """The file is opened by the first query.

        Args:
            file: The published file; by default where `make publish` puts it.
        """
        self._file = SealedFile(file or read_settings().publish_folder / DATABASE)

    def query(self, sql: str, parameters: object = None) -> Rows:
        """Run a select on the latest build; fetch its rows before the next query.

        Raises:
            FileNotFoundError: Nothing is published there.
            pipeline.guard.RefusedError: It is more than a select over the marts. This
                is a duckdb.Error.
            duckdb.Error: The query is wrong.
        """
        connection = self._file.latest()
        check(connection, sql)
        return Rows(connection.execute(sql, parameters))

    def marts(self) -> dict[str, str]:
        """The marts of the latest build, each with its description.

        Raises:
            FileNotFoundError: Nothing is published there.
        """
        return dict(
            self._file.query(
                "select table_name, coalesce(comment, '') from duckdb_tables()"
                " where schema_name = 'marts' order by 1"
            ).fetchall()
        )

    def columns(self, mart: str) -> dict[str, str]:
        """The columns of a mart, each with its description; empty without such a mart.

        Raises:
            FileNotFoundError: Nothing is published there.
        """
        return dict(
            self._file.query(
                "select column_name, coalesce(comment, '') from duckdb_columns()"
                " where schema_name = 'marts' and table_name = ? order by column_index",
                [mart],
            ).fetchall()
        )

    def manifest(self) -> dict[str, Any]:
        """The manifest of the latest build; empty where no manifest is of it.

        Raises:
            FileNotFoundError: Nothing is published there.
        """
        return self._file.manifest()

    def identity(self) -> Identity:
        """Which file is published now: it changes with each publish.

        Raises:
            FileNotFoundError: Nothing is published there.
        """
        return self._file.identity()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Published:
        """Opened with the first query."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

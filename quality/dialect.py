"""DuckDB for SQLAlchemy as Great Expectations needs it: `duckdb+buffered:////file`.

Great Expectations fetches rows after it released the connection, and the driver's
cursor is its connection: by then the rows are gone. So every result is buffered.
Results are small, because all expectations run inside DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from duckdb_engine import Dialect
from sqlalchemy import Connection, pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg2 import PGExecutionContext_psycopg2
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.url import URL
from sqlalchemy.types import NullType

# The connections that `closed_at_end` closes.
_opened: list[Any] = []


class BufferedExecutionContext(PGExecutionContext_psycopg2):
    """Reads all rows of a result immediately."""

    def post_exec(self) -> None:
        """Buffer the rows with SQLAlchemy's hook for it."""
        super().post_exec()  # type: ignore[no-untyped-call]
        cursor = self.cursor
        if cursor is not None and cursor.description:
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                cursor, cursor.description, cursor.fetchall()
            )


class BufferedDialect(Dialect):
    """duckdb-engine's dialect with buffered results and one connection per engine."""

    driver = "buffered"
    supports_statement_cache = False
    execution_ctx_cls = BufferedExecutionContext

    @classmethod
    def get_pool_class(cls, url: URL) -> type[pool.Pool]:
        """One connection, so that its temporary views exist in every query."""
        return pool.StaticPool

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Open a connection that `closed_at_end` closes."""
        connection = super().connect(*cargs, **cparams)
        _opened.append(connection)
        return connection

    def get_columns(
        self,
        connection: Connection,
        table_name: str,
        schema: str | None = None,
        **kw: Any,
    ) -> list[ReflectedColumn]:
        """A table's columns, with one query of DuckDB's own catalogue.

        The inherited method queries PostgreSQL's, and takes a quarter of a gate's time.
        """
        columns = connection.exec_driver_sql(
            "select column_name, data_type from duckdb_columns()"
            " where table_name = $1 and schema_name = $2 order by column_index",
            (table_name, schema or "main"),
        )
        return [
            ReflectedColumn(
                name=name,
                type=self.ischema_names.get(kind.lower(), NullType)(),
                nullable=True,
                default=None,
            )
            for name, kind in columns
        ]


registry.register("duckdb.buffered", __name__, "BufferedDialect")


@contextmanager
def closed_at_end() -> Iterator[None]:
    """Close the connections that were opened meanwhile.

    A build cannot write to a file that its own process reads.
    """
    already_open = len(_opened)
    try:
        yield
    finally:
        for connection in _opened[already_open:]:
            connection.close()
        del _opened[already_open:]

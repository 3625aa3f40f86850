"""Open the published file as a reader should: sandboxed, and never a stale build.

with Published() as published:
    published.query("select * from marts.monthly_churn").fetchall()
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import duckdb

from pipeline.publish.paths import PublishPaths
from pipeline.settings import read_settings

# The order matters: the last one locks the others.
SEAL = (
    "set enable_external_access = false",
    "set lock_configuration = true",
)

Identity = tuple[int, int]  # device and inode


class Published:
    """The currently published file.

    The connection is read only, reaches neither files nor the network, and its settings
    cannot be changed. Each query checks whether another build was published since, and
    then opens that: an open connection would keep reading the old one, and so would a
    new connection in the same process. One query always sees one build.
    """

    def __init__(self, file: Path | None = None) -> None:
        """The file is opened by the first query.

        Args:
            file: The published file; by default where `make publish` puts it.
        """
        self.file = file or PublishPaths.of(read_settings()).published
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._opened: Identity | None = None

    def query(self, sql: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        """Run a query on the latest build; fetch its rows before the next query.

        Raises:
            FileNotFoundError: Nothing is published there.
            duckdb.Error: The query is wrong, or accesses something outside the file.
        """
        return self._latest().execute(sql, parameters)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._opened = None

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

    def _latest(self) -> duckdb.DuckDBPyConnection:
        while True:
            identity = self._identity()
            if self._connection is not None and identity == self._opened:
                return self._connection
            self.close()
            self._connection = sealed(self.file)
            self._opened = identity
            # A build was published between the check and the opening: check again.
            if self._identity() == identity:
                return self._connection

    def _identity(self) -> Identity:
        try:
            status = self.file.stat()
        except FileNotFoundError:
            raise FileNotFoundError(
                f"{self.file} is not there: publish first, with `make publish`."
            ) from None
        return status.st_dev, status.st_ino


def sealed(file: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a DuckDB file, without access to anything else."""
    connection = duckdb.connect(str(file), read_only=True)
    for statement in SEAL:
        connection.execute(statement)
    return connection

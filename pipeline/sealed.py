"""A DuckDB file as a reader should open it: sandboxed, and never a stale build.

Nothing here needs the rest of the project, so that a small server can use it, too.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import duckdb

from pipeline.hashes import hash_of

# The base name is fixed: views contain the name of the database, which is the file's.
DATABASE = "warehouse.duckdb"
MANIFEST = "manifest.json"
PUBLISH_FIRST = "{} is not there: publish first, with `make publish`."

# The order matters: the last one locks the others.
SEAL = (
    "set enable_external_access = false",
    "set lock_configuration = true",
)

Identity = tuple[int, int]  # device and inode
Opened = TypeVar("Opened", bound="SealedFile")


class SealedFile:
    """A published file.

    The connection is read only, reaches neither files nor the network, and its settings
    cannot be changed. Each query checks whether another build was published since, and
    then opens that: an open connection would keep reading the old one, and so would a
    new connection in the same process. One query always sees one build.
    """

    def __init__(self, file: Path) -> None:
        """The file is opened by the first query.

        Args:
            file: The published file.
        """
        self.file = file
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._opened: Identity | None = None
        self._manifest: dict[str, Any] | None = None

    def query(self, sql: str, parameters: object = None) -> duckdb.DuckDBPyConnection:
        """Run a query on the latest build; fetch its rows before the next query.

        It is for the project's own SQL. DuckDB tells a sealed connection its settings
        and the place of its file, so that SQL of somebody else goes through
        `guard.check`, as in `reader.Published`.

        Raises:
            FileNotFoundError: Nothing is published there.
            duckdb.Error: The query is wrong, or accesses something outside the file.
        """
        return self.latest().execute(sql, parameters)

    def manifest(self) -> dict[str, Any]:
        """The manifest of the build that is open; empty where no manifest is of it.

        Raises:
            FileNotFoundError: Nothing is published there.
        """
        self.latest()
        if self._manifest is None:
            self._manifest = manifest_of(self.file)
        return self._manifest

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._opened = self._manifest = None

    def __enter__(self: Opened) -> Opened:
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

    def latest(self) -> duckdb.DuckDBPyConnection:
        """A connection to the latest build; it lasts until the next call.

        Raises:
            FileNotFoundError: Nothing is published there.
        """
        while True:
            identity = self.identity()
            if self._connection is not None and identity == self._opened:
                return self._connection
            self.close()
            self._connection = sealed(self.file)
            self._opened = identity
            # A build was published between the check and the opening: check again.
            if self.identity() == identity:
                return self._connection

    def identity(self) -> Identity:
        """Which file is published now.

        Raises:
            FileNotFoundError: Nothing is published there.
        """
        try:
            status = self.file.stat()
        except FileNotFoundError:
            raise FileNotFoundError(PUBLISH_FIRST.format(self.file)) from None
        return status.st_dev, status.st_ino


def sealed(file: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a DuckDB file, without access to anything else.

    Connections of a process to one file share their settings: the second one finds them
    locked already.
    """
    connection = duckdb.connect(str(file), read_only=True)
    found = connection.execute(
        "select current_setting('lock_configuration'),"
        " current_setting('enable_external_access')"
    ).fetchone()
    if found != (True, False):
        for statement in SEAL:
            connection.execute(statement)
    return connection


def manifest_of(file: Path) -> dict[str, Any]:
    """The manifest with the hash of a published file; empty where there is none.

    Usually it is the one beside the file. While another build is swapped in, it is the
    one beside the kept build.
    """
    file_hash = hash_of(file)
    kept = sorted((file.parent / "builds").glob(f"[0-9]*/{MANIFEST}"), reverse=True)
    for place in (file.with_name(MANIFEST), *kept):
        try:
            found = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(found, dict) and found.get("file_sha256") == file_hash:
            return found
    return {}

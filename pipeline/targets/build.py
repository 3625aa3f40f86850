"""The published build that a target copies: its marts, keys and descriptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.console import display_path
from pipeline.sealed import PUBLISH_FIRST, SEAL, manifest_of
from pipeline.sql import sql_name, sql_text


class CopyError(Exception):
    """The copy failed; the message says why and what to do next."""


@dataclass(frozen=True)
class Column:
    """A column of a mart, with DuckDB's name of its type."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Table:
    """A mart of the published file."""

    name: str
    key: Sequence[str]
    description: str
    columns: Sequence[Column]


@dataclass(frozen=True)
class Build:
    """The published build, opened read only; it writes into its own folder alone.

    Attributes:
        connection: To the published file.
        folder: For what is written on the way.
        manifest: The manifest of the build.
        tables: Its marts.
        mode: Permissions of the published file.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Path
    manifest: Mapping[str, Any]
    tables: Sequence[Table]
    mode: int

    @property
    def id(self) -> str:
        """The build's id."""
        return str(self.manifest["build_id"])

    def write(self, table: Table, file: Path, options: str) -> None:
        """Write a mart to a file, in the order of its key."""
        self.connection.execute(
            f"copy (select * from marts.{sql_name(table.name)} order by all)"
            f" to {sql_text(file)} ({options})"
        )

    def differences(self, table: Table, relation: str) -> int:
        """How many rows a copy of a mart has more, or lacks.

        Args:
            table: The mart.
            relation: SQL of the copy, with the columns of the mart in their order.
        """
        mart = f"marts.{sql_name(table.name)}"
        found = self.connection.execute(
            "select count(*) from ("
            f" (select * from {mart} except all select * from {relation})"
            f" union all (select * from {relation} except all select * from {mart}))"
        ).fetchone()
        assert found
        return int(found[0])


@contextmanager
def opened(published: Path, folder: Path) -> Iterator[Build]:
    """The published build; nothing but `folder` can be read or written beside it.

    Raises:
        CopyError: Nothing is published, or by an older version.
    """
    name = display_path(published)
    if not published.exists():
        raise CopyError(PUBLISH_FIRST.format(name))
    manifest = manifest_of(published)
    with duckdb.connect(str(published), read_only=True) as connection:
        for statement in (f"set allowed_directories = [{sql_text(folder)}]", *SEAL):
            connection.execute(statement)
        tables = _tables(connection, manifest)
        if not tables or not all(table.key for table in tables):
            raise CopyError(
                f"{name} has no manifest with the keys of its marts: an older version"
                " published it. Publish again."
            )
        mode = published.stat().st_mode & 0o777
        yield Build(connection, folder, manifest, tables, mode)


def _tables(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]
) -> list[Table]:
    columns: dict[str, list[Column]] = {}
    for table, *column in connection.execute(
        "select table_name, column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'marts' order by table_name, column_index"
    ).fetchall():
        name, kind, comment = column
        columns.setdefault(table, []).append(Column(name, kind, comment or ""))
    return [
        Table(
            name=name,
            key=manifest.get("marts", {}).get(name, {}).get("key", ()),
            description=comment or "",
            columns=columns[name],
        )
        for name, comment in connection.execute(
            "select table_name, comment from duckdb_tables()"
            " where schema_name = 'marts' order by table_name"
        ).fetchall()
    ]

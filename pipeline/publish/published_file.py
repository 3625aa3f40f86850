"""The file that readers open: only schema `marts`, as tables."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.project import InputError
from pipeline.sql import sql_text

FLOATS = {"DOUBLE", "FLOAT"}
DIGITS = 10  # significant: sums of doubles differ beyond them from run to run
SCHEMA = "marts"
MODE = 0o644  # permissions of readers' files, whatever the umask


class PublishError(Exception):
    """The build could not be published; the message says why and what to do next."""


@dataclass(frozen=True)
class Mart:
    """A mart in dbt's manifest, or a seed that is published as one.

    Attributes:
        name: Of its table.
        key: The columns of its grain.
        description: For readers.
        columns: Their descriptions, by name.
        schema: Where it is in the build; readers find all in schema `marts`.
    """

    name: str
    key: Sequence[str]
    description: str
    columns: Mapping[str, str]
    schema: str = SCHEMA


def marts_of(dbt_manifest: Path) -> list[Mart]:
    """The marts of dbt's manifest.json, and the seeds that are published with them."""
    manifest = json.loads(dbt_manifest.read_text(encoding="utf-8"))
    keys = {
        node["attached_node"]: node["test_metadata"]["kwargs"]["columns"]
        for node in manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "primary_key"
    }
    return sorted(
        (
            Mart(
                name=node["name"],
                key=keys[node["unique_id"]],
                description=node["description"],
                columns={
                    column["name"]: column["description"]
                    for column in node["columns"].values()
                },
                schema=node["schema"],
            )
            for node in manifest["nodes"].values()
            if _is_published(node)
        ),
        key=lambda mart: mart.name,
    )


def _is_published(node: Mapping[str, Any]) -> bool:
    """Whether readers get it: the marts, and seeds that explain them."""
    if node["resource_type"] == "model":
        return bool(node["schema"] == SCHEMA)
    return node["resource_type"] == "seed" and bool(node["meta"].get("is_published"))


def marts_in(published: Path, names: Iterable[str], dbt_manifest: Path) -> list[Mart]:
    """Some marts of a file; one that the last build did not have is ordered as a whole.

    Args:
        published: The file.
        names: Which of its marts.
        dbt_manifest: The last build's manifest.json, which may be gone.
    """
    known = marts_of(dbt_manifest) if dbt_manifest.exists() else []
    found = {mart.name: mart for mart in known}
    with duckdb.connect(str(published), read_only=True) as connection:
        columns = dict(
            connection.execute(
                "select table_name, list(column_name) from duckdb_columns()"
                " where schema_name = ? group by table_name",
                [SCHEMA],
            ).fetchall()
        )
    return [found.get(name) or Mart(name, columns[name], "", {}) for name in names]


# What people wrote, in their own words; only published with var publish_comments.
FREE_TEXT = {
    "account_events": ("risk_reason", "next_step"),
    "nps_segments": ("comment",),
    "customer_360": ("risk_reason", "next_step"),
}


def write(
    private: Path, published: Path, marts: Sequence[Mart], *, with_comments: bool
) -> None:
    """Copy the marts of a private build file into a new file for readers.

    Args:
        private: The build file; it is read only.
        published: The new file; it must not exist yet.
        marts: What to copy.
        with_comments: Whether to include what people wrote; otherwise it is null.
    """
    with duckdb.connect(str(published)) as connection:
        connection.execute(f"attach {sql_text(private)} as built (read_only)")
        connection.execute(f"create schema {SCHEMA}")
        for mart in marts:
            # a build of an earlier version has fewer columns
            there = _columns(connection, "built", mart.name)
            free_text = there & {*FREE_TEXT.get(mart.name, ())}
            hidden = () if with_comments else sorted(free_text)
            nulls = ", ".join(f"cast(null as varchar) as {name}" for name in hidden)
            replaced = f" replace ({nulls})" if nulls else ""
            table = f'{SCHEMA}."{mart.name}"'
            connection.execute(
                f"create table {table} as"
                f' select *{replaced} from built.{mart.schema}."{mart.name}"'
            )
            connection.execute(
                f"comment on table {table} is {sql_text(mart.description)}"
            )
            for column, description in mart.columns.items():
                connection.execute(
                    f'comment on column {table}."{column}" is {sql_text(description)}'
                )
        connection.execute("detach built")


def _columns(
    connection: duckdb.DuckDBPyConnection, database: str, mart: str
) -> set[str]:
    found = connection.execute(
        "select column_name from duckdb_columns()"
        " where database_name = ? and schema_name = ? and table_name = ?",
        [database, SCHEMA, mart],
    ).fetchall()
    return {name for (name,) in found}


def contents(published: Path, marts: Iterable[Mart]) -> dict[str, dict[str, object]]:
    """Rows, hash and key of each mart; the same rows give the same hash."""
    with duckdb.connect(str(published), read_only=True) as connection:
        return {mart.name: _content(connection, mart) for mart in marts}


def _content(connection: duckdb.DuckDBPyConnection, mart: Mart) -> dict[str, object]:
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns()"
        " where schema_name = ? and table_name = ? order by column_name",
        [SCHEMA, mart.name],
    ).fetchall()
    cells = ", ".join(_cell(name, kind) for name, kind in columns)
    key = ", ".join(f'"{column}"' for column in mart.key)
    found = connection.execute(
        f'select md5(to_json([{cells}])) from {SCHEMA}."{mart.name}" order by {key}'
    )
    names = ",".join(name for name, _ in columns)
    digest, rows = hashlib.sha256(names.encode()), 0
    while batch := found.fetchmany(100_000):
        rows += len(batch)
        digest.update("".join(row_hash for (row_hash,) in batch).encode())
    return {"rows": rows, "hash": digest.hexdigest(), "key": [*mart.key]}


def _cell(name: str, kind: str) -> str:
    """SQL of a value as text; null stays null, and -0 becomes 0."""
    if kind in FLOATS:
        return f"format('{{:.{DIGITS - 1}e}}', \"{name}\" + 0.0e0)"
    return f'cast("{name}" as varchar)'


def check(published: Path, marts: Sequence[Mart]) -> None:
    """Refuse a file that cannot be published.

    Raises:
        PublishError: It has a write-ahead log, does not open, or lacks a mart.
    """
    log = published.with_name(published.name + ".wal")
    if log.exists():
        raise PublishError(
            f"{log.name} was left next to the candidate: it was not closed cleanly. "
            "Nothing was published; publish again."
        )
    try:
        with duckdb.connect(str(published), read_only=True) as connection:
            tables = {
                f"{schema}.{table}"
                for schema, table in connection.execute(
                    "select schema_name, table_name from duckdb_tables()"
                    " union all select schema_name, view_name from duckdb_views()"
                    " where not internal"
                ).fetchall()
            }
    except duckdb.Error as error:
        raise PublishError(
            f"The candidate does not open: {_first_line(error)}. Nothing was "
            "published; is the disk full or failing?"
        ) from None
    expected = {f"{SCHEMA}.{mart.name}" for mart in marts}
    if tables != expected:
        odd = ", ".join(sorted(tables ^ expected))
        raise PublishError(
            f"The tables of the candidate are not exactly the marts: {odd}. "
            "Nothing was published."
        )


def mart_names(published: Path) -> set[str]:
    """The tables that readers find in a file."""
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute(
            "select table_name from duckdb_tables() where schema_name = ?", [SCHEMA]
        ).fetchall()
    return {name for (name,) in found}


def refuse_a_writer(published: Path) -> None:
    """Refuse to replace a file that someone has open for writing.

    Raises:
        PublishError: It is open; the message names the process, as DuckDB does.
    """
    if not published.exists():
        return
    try:
        duckdb.connect(str(published), read_only=True).close()
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise PublishError(
                f"{published} is open for writing elsewhere: {_first_line(error)}. "
                "Readers open it read only. Nothing was published."
            ) from None
    except duckdb.Error:
        pass  # a file that cannot be read can be replaced


def file_mode(config: Mapping[str, Any]) -> int:
    """Permissions of the published file, as for chmod.

    Raises:
        InputError: It is not a valid mode, or the owner could not read the file.
    """
    given = str(config.get("published_file_mode") or f"{MODE:04o}")
    try:
        mode = int(given, 8)
    except ValueError:
        mode = -1
    if not 0o400 <= mode <= 0o777 or mode & 0o400 == 0:
        raise InputError(
            f"published_file_mode is {given!r}: expected permissions in quotes, like "
            '"0644" (everybody reads) or "0640" (the group reads).'
        )
    return mode


def link_or_copy(source: Path, target: Path) -> None:
    """A hard link to the file; a copy where links are not supported."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]

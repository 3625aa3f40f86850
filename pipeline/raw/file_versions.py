"""Which files are copied into tables, and whether a copy is still that of the file."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.sql import sql_text

# Text is parsed again by every query that reads it, so small files are copied into a
# table; what is larger would cost more disk than it saves time, and stays a view.
COPIED_BYTES = 64 * 2**20
COPIED_PACKED_BYTES = 8 * 2**20  # about as much: text packs to an eighth


def version_of_file(path: Path) -> str:
    """What changes when the file does; empty where it is too large to be copied."""
    status = path.stat()
    if not _is_copied(path.name, status.st_size):
        return ""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"


def version_of_object(connection: duckdb.DuckDBPyConnection, url: str) -> str:
    """The same of an object in a bucket, by what its listing says."""
    query = f"select size, last_modified from read_blob({sql_text(url)})"
    size, modified = connection.execute(query).fetchall()[0]
    return f"{size} {modified}" if _is_copied(url, size) else ""


def _is_copied(name: str, size: int) -> bool:
    return size < (COPIED_PACKED_BYTES if name.endswith(".gz") else COPIED_BYTES)

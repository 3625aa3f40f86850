"""One build of a database at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from pipeline.console import display_path
from pipeline.project import InputError


class LockedDatabaseError(Exception):
    """Something else has the database open; the message says what, and what to do."""


def lock_of(database: Path) -> FileLock:
    """The lock of a database; to acquire it does not wait."""
    return FileLock(database.with_name(f".{database.name}.lock"), timeout=0)


@contextmanager
def build_lock(database: Path) -> Iterator[None]:
    """Hold the lock of a database; the system frees it when its holder dies.

    Raises:
        LockedDatabaseError: Another build runs, or another program has it open.
        InputError: Its folder cannot be written to, or it is no database.
    """
    file = display_path(database)
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        lock = lock_of(database)
        holder = database.with_name(f".{database.name}.builder")
        lock.acquire()
    except Timeout:
        raise LockedDatabaseError(
            f"Another build of {file} is running{_told(holder)}. Wait until it ends, or"
            " build another file: set DUCKDB_PATH."
        ) from None
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}. Set DUCKDB_PATH to a file in"
            " a folder of yours."
        ) from None
    try:
        holder.write_text(f"process {os.getpid()}, since {datetime.now():%H:%M}")
        if database.exists():
            _check_open(database, file)
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _check_open(database: Path, file: str) -> None:
    """Open it for writing, and close it."""
    try:
        duckdb.connect(str(database)).close()
    except duckdb.Error as error:
        text = str(error)
        if "lock" not in text.lower():
            raise InputError(
                f"{file} cannot be opened: it is no database of DuckDB"
                f" {duckdb.__version__}, or damaged. Remove it, or set DUCKDB_PATH."
            ) from None
        found = re.search(r"PID (\d+)", text)
        process = f" (process {found[1]})" if found else ""
        raise LockedDatabaseError(
            f"Another program has {file} open{process}. Close it there, and build"
            " again."
        ) from None


def _told(holder: Path) -> str:
    try:
        return f" ({holder.read_text()})"
    except OSError:
        return ""

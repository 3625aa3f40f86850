"""One publisher at a time."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from filelock import FileLock, Timeout


class LockedError(Exception):
    """Another process is publishing; the message names it."""


@contextmanager
def publisher_lock(folder: Path, wait: float = 0) -> Iterator[None]:
    """Acquire the lock of a folder; it is released when the process dies.

    Args:
        folder: The publish folder.
        wait: Seconds to wait for the lock.

    Raises:
        LockedError: It is still locked then.
    """
    holder = folder / ".lock-holder.json"
    lock = FileLock(folder / ".lock", timeout=wait)
    try:
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"Another publish is running: {_holder(holder)}. "
            "Wait for it with --wait SECONDS."
        ) from None
    try:
        details = {
            "process": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        }
        holder.write_text(json.dumps(details), encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _holder(holder: Path) -> str:
    try:
        found = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {found['process']} on {found['host']}, since {found['since']}"
    except (OSError, ValueError, KeyError):
        return "its process is not known yet"

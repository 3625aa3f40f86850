"""This process's environment, for what reads it there: dbt, libpq, dct's process.

The only module that touches `os.environ`. What is set is read by `pipeline.settings`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def names() -> list[str]:
    """The names of all variables."""
    return list(os.environ)


def value(name: str) -> str:
    """One variable; empty where it is not set."""
    return os.environ.get(name, "")


def extended(**values: str) -> dict[str, str]:
    """The environment of a child process: this one's, and more variables."""
    return {**os.environ, **values}


def keep(**values: str) -> None:
    """Set variables for the rest of this process."""
    os.environ.update(values)


@contextmanager
def variables(**values: str) -> Iterator[None]:
    """Set variables for a while; afterwards all are as before."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)

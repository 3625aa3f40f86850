"""DuckDB's extensions, loaded from their wheels: no download, no file at home."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import duckdb

from pipeline.project import InputError


def extension_file(name: str) -> Path:
    """The file of an extension within its installed package.

    Args:
        name: DuckDB's name of it, such as `postgres_scanner`.

    Raises:
        InputError: The package is not installed, or is for another DuckDB.
    """
    package = f"duckdb_extension_{name}"
    spec = find_spec(package)
    version = f"v{duckdb.__version__}"
    advice = f"Run `make setup`, or install {package.replace('_', '-')}=={version[1:]}."
    if spec is None or spec.origin is None:
        raise InputError(
            f"The package with DuckDB's extension {name} is missing. {advice}"
        )
    folder = Path(spec.origin).parent / "extensions"
    file = folder / version / f"{name}.duckdb_extension"
    if not file.is_file():
        others = ", ".join(sorted(found.name for found in folder.glob("v*"))) or "none"
        raise InputError(
            f"DuckDB here is {version}, but its extension {name} is for {others}. "
            f"{advice}"
        )
    return file


def load_statement(name: str) -> str:
    """The SQL that loads an extension from its package's file."""
    path = str(extension_file(name)).replace("'", "''")
    return f"load '{path}'"


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension into a connection, for all connections to its database."""
    connection.execute(load_statement(name))

"""One query in a process of its own, which can be ended: `python -m … < request`.

Reads {"file", "sql", "rows"} as JSON from its input, and writes {"columns", "rows",
"is_cut"} or {"refused": why}. The process may use little memory, and the one that
started it ends it after some seconds.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from pipeline.agents.values import plain
from pipeline.guard import RefusedError, check
from pipeline.sealed import SEAL

MEMORY = "512MB"  # of DuckDB
ADDRESSES = 2 << 30  # bytes that the process may map, uncounted values included
CPU = 30  # seconds, should nobody end it
LONGEST_ANSWER = 200_000  # characters


def main() -> None:
    """Answer the request of the standard input."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    with suppress(ValueError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    request = json.load(sys.stdin)
    try:
        answer = run(Path(request["file"]), request["sql"], request["rows"])
    except RefusedError as error:
        answer = {"refused": str(error)}
    except (duckdb.Error, MemoryError) as error:
        answer = {"refused": explained(error, Path(request["file"]))}
    json.dump(answer, sys.stdout)


def run(file: Path, query: str, most: int) -> dict[str, Any]:
    """The first rows of a query."""
    with duckdb.connect(str(file), read_only=True) as connection:
        for statement in (
            "set threads = 2",
            f"set memory_limit = '{MEMORY}'",
            "set max_temp_directory_size = '0KB'",
            "set allow_community_extensions = false",
            "set autoinstall_known_extensions = false",
            "set autoload_known_extensions = false",
            "set python_enable_replacements = false",
            "set search_path = 'marts'",
            *SEAL,
        ):
            connection.execute(statement)
        check(connection, query)
        found = connection.execute(query)
        columns = [column[0] for column in found.description or ()]
        rows = [[plain(value) for value in row] for row in found.fetchmany(most + 1)]
    is_cut = len(rows) > most
    rows = rows[:most]
    size = 0
    for number, row in enumerate(rows):
        size += len(json.dumps(row))
        if size > LONGEST_ANSWER:
            rows, is_cut = rows[:number], True
            break
    return {"columns": columns, "rows": rows, "is_cut": is_cut}


def explained(error: Exception, file: Path) -> str:
    """What DuckDB says, without the place of the file."""
    if isinstance(error, (MemoryError, duckdb.OutOfMemoryException)):
        return f"The query needs more than {MEMORY} of memory: select less."
    text = str(error).replace(str(file), file.name).replace(str(file.parent), "")
    return text.strip()[:1000]


if __name__ == "__main__":
    main()

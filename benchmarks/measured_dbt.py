"""Runs a dbt command in this process and writes the CPU seconds of each node's SQL.

python -m benchmarks.measured_dbt RESULT.json <dbt command and options>

With one dbt thread, the CPU that this process uses between the two events that dbt
fires around a query is that of the query, DuckDB's threads included.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner


class Meter:
    """Adds up the CPU seconds of queries by node; a callback of dbt."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._started = 0.0

    def __call__(self, event: Any) -> None:
        """Called by dbt with each event, in the thread that runs the query."""
        if event.info.name == "SQLQuery":
            self._started = time.process_time()
        elif event.info.name == "SQLQueryStatus":
            node = event.data.node_info.unique_id or "dbt's own queries"
            self.seconds[node] += time.process_time() - self._started


def main() -> None:
    """Run it; exits as dbt does."""
    result, *command = sys.argv[1:]
    meter = Meter()
    done = dbtRunner(callbacks=[meter]).invoke([*command, "--threads", "1"])
    Path(result).write_text(json.dumps(meter.seconds), "utf-8")
    sys.exit(0 if done.success else 1)


if __name__ == "__main__":
    main()

"""The main job on the demo data: seconds, CPU seconds and peak memory of its parts.

python -m benchmarks.main_job [--runs 3]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.timing import ROOT, measure_command, medians, print_medians

DBT = str(Path(sys.executable).with_name("dbt"))
PARTS = {
    "make build (set-up apart)": [sys.executable, "-m", "pipeline", "build"],
    "dbt build": [DBT, "build"],
    "dbt build, no unit tests": [DBT, "build", "--exclude-resource-type", "unit_test"],
}


def main() -> None:
    """Runs each part several times, in turns, and prints the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    runs: int = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DUCKDB_PATH": f"{folder}/warehouse.duckdb"}
        found = medians(
            {
                name: partial(measure_command, command, environment)
                for name, command in PARTS.items()
            },
            runs,
        )
    print_medians(found, {"seconds": ".1f", "CPU s": ".1f", "peak MB": ".0f"}, runs)
    manifest = json.loads((ROOT / "target" / "manifest.json").read_text("utf-8"))
    kinds: dict[str, int] = {}
    for node in [*manifest["nodes"].values(), *manifest["unit_tests"].values()]:
        kinds[node["resource_type"]] = kinds.get(node["resource_type"], 0) + 1
    print(
        "nodes:", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    )


if __name__ == "__main__":
    main()

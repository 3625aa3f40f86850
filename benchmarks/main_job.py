"""The main job on the demo data: seconds, CPU seconds and peak memory of its parts.

python -m benchmarks.main_job [--runs 3]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DBT = str(Path(sys.executable).with_name("dbt"))


def measure(
    command: list[str], environment: dict[str, str]
) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory in MB of a command and its children."""
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed: run it alone to see why")
    seconds = time.monotonic() - started
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Runs each part so often, in turns, and prints the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    runs: int = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DUCKDB_PATH": f"{folder}/warehouse.duckdb"}
        parts = {
            "make build (set-up apart)": [sys.executable, "-m", "pipeline", "build"],
            "dbt build": [DBT, "build"],
            "dbt build, no unit tests": [
                DBT,
                "build",
                "--exclude-resource-type",
                "unit_test",
            ],
        }
        found: dict[str, list[tuple[float, float, float]]] = {
            name: [] for name in parts
        }
        for _ in range(runs):
            for name, command in parts.items():
                found[name].append(measure(command, environment))
    print(f"{'part':<28}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}   median of {runs}")
    for name, values in found.items():
        seconds, cpu, memory = (
            statistics.median(column) for column in zip(*values, strict=True)
        )
        print(f"{name:<28}{seconds:>9.1f}{cpu:>9.1f}{memory:>9.0f}")
    manifest = json.loads((ROOT / "target" / "manifest.json").read_text("utf-8"))
    kinds: dict[str, int] = {}
    for node in [*manifest["nodes"].values(), *manifest["unit_tests"].values()]:
        kinds[node["resource_type"]] = kinds.get(node["resource_type"], 0) + 1
    print(
        "nodes:", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    )


if __name__ == "__main__":
    main()

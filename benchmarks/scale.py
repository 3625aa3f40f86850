"""CPU seconds and memory of a build at scale, node by node.

python -m benchmarks.scale                          a build of 1 million logins
python -m benchmarks.scale --compare 1000000 10000000   growth of every node, in the
                            build and of each table's query run alone afterwards
python -m benchmarks.scale --append 1000000 2000000     a day more, against nothing new
python -m benchmarks.scale --csv                    base_logins from CSV files

Each runs dbt on generated raw tables (benchmarks.raw_data) with one thread of dbt and
two of DuckDB, without unit tests. Given a --folder, raw tables and databases stay there
and are used again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.raw_data import LAST, append_day, write_raw_tables
from benchmarks.timing import measure_command

BUILD = ("build", "--exclude-resource-type", "unit_test")
EVENT_MODELS = ("base_logins", "base_feature_events")
EVENT_SOURCES = {"raw_logins", "raw_feature_events"}
WORTH_A_RATIO = 0.2  # CPU seconds of the larger build; less is noise


@dataclass(frozen=True)
class Measured:
    """What a dbt command used: in all, and each node's SQL."""

    wall: float
    cpu: float
    peak_mb: float
    nodes: dict[str, float]

    @property
    def sql(self) -> float:
        """CPU seconds of all SQL."""
        return sum(self.nodes.values())

    def of(self, *names: str) -> float:
        """CPU seconds of the SQL of some models."""
        return sum(self.nodes[f"model.customer_success.{name}"] for name in names)


@dataclass(frozen=True)
class Bench:
    """Where raw tables and databases are, and DuckDB's memory limit."""

    folder: Path
    memory_limit: str | None

    def raw_tables(self, logins: int, *, as_csv: bool = False) -> Path:
        """The raw tables of a scale; generated unless they are there."""
        folder = self.folder / f"raw_{logins}{'_csv' if as_csv else ''}"
        if not folder.exists():
            print(f"generating {logins:,} logins", flush=True)
            partial = folder.with_name(f"{folder.name}_partial")
            shutil.rmtree(partial, ignore_errors=True)
            write_raw_tables(partial, logins, as_csv=as_csv)
            partial.rename(folder)
        return folder

    def run(
        self, raw: Path, *command: str, as_of: date = LAST, fresh: bool = True
    ) -> Measured:
        """A dbt command on a folder of raw tables, into a database beside it."""
        work = self.folder / f"{raw.name}_build"
        if fresh:
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
        result = work / "cpu.json"
        environment = environment_of(raw, work, as_of)
        if self.memory_limit:
            environment["DUCKDB_MEMORY_LIMIT"] = self.memory_limit
        python = [sys.executable, "-m", "benchmarks.measured_dbt", str(result)]
        wall, cpu, peak = measure_command([*python, *command, "--quiet"], environment)
        return Measured(wall, cpu, peak, json.loads(result.read_text("utf-8")))

    def manifest_nodes(self, raw: Path) -> dict[str, Any]:
        """The nodes of the last command on a folder."""
        path = self.folder / f"{raw.name}_build" / "target" / "manifest.json"
        manifest = json.loads(path.read_text("utf-8"))
        return dict(manifest["nodes"])

    def alone(self, raw: Path, runs: int = 3) -> dict[str, float]:
        """CPU seconds of each table's query, run alone on the finished database.

        In the build, dbt's work and what DuckDB still has to write of the node before
        fall into a node's time, too. Medians. Incremental models are left out: their
        queries read the raw tables.
        """
        work = self.folder / f"{raw.name}_build"
        compiled = work / "target" / "compiled" / "customer_success"
        found = {}
        for name, node in self.manifest_nodes(raw).items():
            file = compiled / node["original_file_path"]
            if node["config"].get("materialized") != "table" or not file.exists():
                continue
            query = file.read_text("utf-8")
            if "email_hash.main.salts" in query:  # on dbt's own connection only
                continue
            found[name] = statistics.median(
                _cpu_of(self.database(raw), query, self.memory_limit)
                for _ in range(runs)
            )
        return found

    def open_events(self, raw: Path) -> int:
        """How many events the last build read again."""
        with duckdb.connect(str(self.database(raw)), read_only=True) as connection:
            counts = [
                connection.execute(
                    f"select coalesce(sum(row_count), 0) from staging.{model}"
                    " where not is_from_full_build"
                ).fetchone()
                for model in EVENT_MODELS
            ]
        return sum(int(count[0]) for count in counts if count)

    def database(self, raw: Path) -> Path:
        """The database that is built from a folder of raw tables."""
        return self.folder / f"{raw.name}_build" / "warehouse.duckdb"


def environment_of(raw: Path, work: Path, as_of: date = LAST) -> dict[str, str]:
    """Of dbt on a folder of raw tables, with all that it writes in another folder."""
    return {
        **os.environ,
        "RAW_LOCATION": str(raw),
        "AS_OF_DATE": str(as_of),
        "DUCKDB_PATH": str(work / "warehouse.duckdb"),
        "DBT_TARGET_PATH": str(work / "target"),
        "DBT_LOG_PATH": str(work / "logs"),
    }


def _cpu_of(database: Path, query: str, memory_limit: str | None) -> float:
    """CPU seconds of a query whose rows go to a temporary table."""
    settings: dict[str, str | bool | int | float | list[str]] = {}
    if memory_limit:
        settings["memory_limit"] = memory_limit
    with duckdb.connect(str(database), read_only=True, config=settings) as connection:
        before = time.process_time()
        connection.execute(f"create temp table measured as {query}")
        return time.process_time() - before


def short(node: str) -> str:
    """model.customer_success.base_logins as base_logins."""
    return node.split(".")[2] if node.count(".") >= 2 else node


def print_build(bench: Bench, raw: Path, measured: Measured, rows: int) -> None:
    """The totals, the most expensive nodes, and who reads raw events."""
    print(
        f"{raw.name}: SQL {measured.sql:.1f} CPU s; with dbt {measured.cpu:.1f} CPU s,"
        f" {measured.wall:.0f} s, peak {measured.peak_mb:.0f} MB,"
        f" database {bench.database(raw).stat().st_size / 1e6:.0f} MB"
    )
    largest = sorted(measured.nodes.items(), key=lambda item: -item[1])
    for node, seconds in largest[:rows]:
        print(f"  {seconds:8.2f}  {node.split('.')[0]:6} {short(node)}")
    readers = [
        short(name)
        for name, node in bench.manifest_nodes(raw).items()
        if any(
            needed.split(".")[-1] in EVENT_SOURCES
            for needed in node["depends_on"].get("nodes", [])
        )
    ]
    print("nodes that read a raw event table:", ", ".join(sorted(readers)))


def compare(bench: Bench, sizes: Sequence[int], rows: int) -> None:
    """Build two sizes; print how much more CPU each node needs at the second."""
    found = []
    for logins in sizes:
        raw = bench.raw_tables(logins)
        found.append(bench.run(raw, *BUILD))
        print_build(bench, raw, found[-1], rows)
    print_growth("in the build", sizes, found[0].nodes, found[1].nodes, rows)
    small, large = (bench.alone(bench.raw_tables(logins)) for logins in sizes)
    print_growth("queries of tables, run alone", sizes, small, large, rows)


def print_growth(
    what: str,
    sizes: Sequence[int],
    small: Mapping[str, float],
    large: Mapping[str, float],
    rows: int,
) -> None:
    """In all, and of the nodes whose time grew most."""
    ratios = {
        node: seconds / max(small.get(node, 0), 0.001)
        for node, seconds in large.items()
        if seconds >= WORTH_A_RATIO
    }
    print(
        f"growth from {sizes[0]:,} to {sizes[1]:,} logins, {what}: in all"
        f" {sum(large.values()) / sum(small.values()):.1f} times;"
        f" nodes of {WORTH_A_RATIO} CPU s or more:"
    )
    for node, ratio in sorted(ratios.items(), key=lambda item: -item[1])[:rows]:
        print(
            f"  {ratio:6.1f} times  {small.get(node, 0):7.2f}"
            f" {large[node]:8.2f}  {short(node)}"
        )


def append(bench: Bench, sizes: Sequence[int]) -> None:
    """The validation of events: from scratch, with nothing new, with one day more."""
    models = ("run", "--select", *EVENT_MODELS)
    for logins in sizes:
        raw = bench.raw_tables(logins)
        for path in raw.rglob("*_appended.parquet"):
            path.unlink()
        ancestors = [f"+{name}" for name in EVENT_MODELS]
        full = bench.run(raw, "run", "--select", *ancestors)
        nothing = bench.run(raw, *models, fresh=False)
        next_day = append_day(raw, logins)
        day = bench.run(raw, *models, as_of=next_day, fresh=False)
        again = bench.run(raw, *models, as_of=next_day, fresh=False)
        print(
            f"{logins:,} logins: CPU s of {' and '.join(EVENT_MODELS)},"
            f" with {bench.open_events(raw):,} events of open days"
        )
        for name, measured in {
            "from scratch": full,
            "nothing new": nothing,
            "one day more": day,
            "nothing new again": again,
        }.items():
            print(f"  {name:20}{measured.of(*EVENT_MODELS):8.2f}", flush=True)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--logins", type=int, default=1_000_000)
    parser.add_argument("--compare", type=int, nargs=2, metavar=("SMALL", "LARGE"))
    parser.add_argument("--append", type=int, nargs="+", metavar="LOGINS")
    parser.add_argument("--csv", action="store_true", help="base_logins from CSV only")
    parser.add_argument("--memory-limit", help="DuckDB's, such as 1GB")
    parser.add_argument("--folder", type=Path, help="by default a temporary one")
    parser.add_argument("--rows", type=int, default=15, help="nodes to print")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench((given.folder or Path(temporary)).resolve(), given.memory_limit)
        bench.folder.mkdir(parents=True, exist_ok=True)
        if given.compare:
            compare(bench, given.compare, given.rows)
        elif given.append:
            append(bench, given.append)
        else:
            raw = bench.raw_tables(given.logins, as_csv=given.csv)
            command = ("run", "--select", "+base_logins") if given.csv else BUILD
            print_build(bench, raw, bench.run(raw, *command), given.rows)


if __name__ == "__main__":
    main()

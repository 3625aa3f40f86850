"""A build on DuckDB and on Spark, from the same Parquet: time, CPU and memory.

python -m benchmarks.crossing                 1 and 10 million logins, 2 and 1 cores
python -m benchmarks.crossing --logins 1000000 --cores 2 --select +fct_user_days

Runs in .venv-spark. For each size and number of cores both engines build all models in
turns, without tests, each in a process of its own: Spark in local mode, driver and
executor in one, two models at a time on both. Loading Spark's raw tables is measured
apart. With --select, in dbt's words, only these models are built; given a --folder, raw
tables stay there and are used again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.scale import Bench, environment_of
from benchmarks.timing import measure_command
from tests.spark.build import MODELS

ENGINES = {"DuckDB": "dev", "Spark": "spark"}
DRIVER_MEMORY = "6g"  # holds what executors of a cluster would

Measure = tuple[float, float, float]


@contextmanager
def on_cores(count: int) -> Iterator[None]:
    """Processes started meanwhile see so many cores: DuckDB and Java ask the system."""
    all_cores = os.sched_getaffinity(0)
    if count > len(all_cores):
        raise SystemExit(f"This machine has {len(all_cores)} cores, not {count}.")
    os.sched_setaffinity(0, sorted(all_cores)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


class Crossing:
    """Builds of one size on both engines, each in its part of a folder."""

    def __init__(self, raw: Path, work: Path) -> None:
        """Work in an empty folder, on a folder of raw tables."""
        shutil.rmtree(work, ignore_errors=True)
        self.raw, self.work = raw, work

    def load(self) -> Measure:
        """Write and register Spark's raw tables."""
        return self._python("Spark", "pipeline", "load-spark")

    def build(self, engine: str, models: tuple[str, ...]) -> Measure:
        """All models of an engine, from scratch."""
        on = ("--target", ENGINES[engine], "--threads", "2", "--full-refresh")
        command = ("build", *models, *on, "--quiet")
        return self._python(engine, "benchmarks.dbt_and_jvm", *command)

    def _python(self, engine: str, *module: str) -> Measure:
        work = self.work / engine
        work.mkdir(parents=True, exist_ok=True)
        environment = {
            **environment_of(self.raw, work),
            "HISTORY_PATH": str(work / "none"),
            "SPARK_FOLDER": str(work / "spark"),
            "SPARK_DRIVER_MEMORY": DRIVER_MEMORY,
            "TZ": "UTC",
        }
        return measure_command([sys.executable, "-m", *module], environment)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    sizes = [1_000_000, 10_000_000]
    parser.add_argument("--logins", type=int, nargs="+", default=sizes)
    parser.add_argument("--cores", type=int, nargs="+", default=[2, 1])
    parser.add_argument("--select", nargs="+")
    parser.add_argument("--folder", type=Path, help="by default a temporary one")
    given = parser.parse_args()
    models = (*MODELS, *(("--select", *given.select) if given.select else ()))
    print(f"{'what':<36}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench((given.folder or Path(temporary)).resolve(), None)
        bench.folder.mkdir(parents=True, exist_ok=True)
        for logins in given.logins:
            raw = bench.raw_tables(logins)
            crossing = Crossing(raw, bench.folder / f"{raw.name}_crossing")
            show(f"{logins:,} logins, loading for Spark", crossing.load())
            for cores in given.cores:
                for engine in ENGINES:
                    with on_cores(cores):
                        measured = crossing.build(engine, models)
                    show(f"{logins:,} logins, {engine}, {cores} cores", measured)


def show(what: str, measured: Measure) -> None:
    """One line of the table."""
    seconds, cpu, peak = measured
    print(f"{what:<36}{seconds:>9.0f}{cpu:>9.0f}{peak:>9.0f}", flush=True)


if __name__ == "__main__":
    main()

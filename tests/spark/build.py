"""How tests build the warehouse on both engines, in separate processes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.python.conftest import ROOT, run

# Half of Spark's time on small data goes into compiling code for it. With one compiler
# Java would keep 48 MB of compiled code only, and Spark ends when they are full.
CHEAP = {
    "SPARK_CONF_DIR": str(ROOT / "tests" / "spark" / "conf"),
    "SPARK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"
    " -XX:+UseSerialGC",
    "SPARK_SHUFFLE_PARTITIONS": "1",
    "SPARK_MASTER": "local[2]",
    "SPARK_DRIVER_MEMORY": "2g",
}
MODELS = ("--exclude-resource-type", "test", "unit_test")


@dataclass(frozen=True)
class Both:
    """One warehouse on each engine, from the same raw data."""

    folder: Path
    environment: Mapping[str, str]
    config: Mapping[str, object]
    python: str = sys.executable  # of an environment with dbt-spark

    @property
    def database(self) -> Path:
        """DuckDB's."""
        return self.folder / "warehouse.duckdb"

    @property
    def tables(self) -> Path:
        """Spark's."""
        return self.folder / "spark" / "tables"

    def duckdb(self, *arguments: str) -> str:
        """A dbt command on DuckDB; its output."""
        return self._dbt("duckdb", {}, arguments)

    def spark(self, *arguments: str) -> str:
        """A dbt command on Spark, in a process of its own: memory grows with models.

        Two models at a time: on small data one is planned while another one runs.
        """
        two = ("--target", "spark", "--threads", "2")
        return self._dbt("spark", CHEAP, (*arguments, *two))

    def load(self) -> str:
        """Make Spark's raw tables."""
        vars_file = self.folder / "vars.yml"
        vars_file.write_text(yaml.safe_dump(dict(self.config)), "utf-8")
        return self._run(
            *(self.python, "-m", "pipeline", "load-spark"),
            environment={**CHEAP, "VARS_FILE": str(vars_file)},
        )

    def _dbt(
        self, engine: str, more: Mapping[str, str], arguments: tuple[str, ...]
    ) -> str:
        return self._run(
            str(Path(self.python).with_name("dbt")),
            *arguments,
            *("--target-path", str(self.folder / engine / "target")),
            *("--log-path", str(self.folder / engine / "logs")),
            *("--vars", yaml.safe_dump(dict(self.config))),
            environment=more,
        )

    def _run(self, *command: str, environment: Mapping[str, str]) -> str:
        done = run(
            *command,
            environment={
                "DUCKDB_PATH": str(self.database),
                "SPARK_FOLDER": str(self.folder / "spark"),
                **self.environment,
                **environment,
            },
        )
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
        return done.stdout


def built(
    folder: Path,
    environment: Mapping[str, str] | None = None,
    config: Mapping[str, object] | None = None,
    *,
    select: tuple[str, ...] = (),
) -> Both:
    """Seeds, raw tables and models, on DuckDB and then on Spark."""
    both = Both(folder, environment or {}, config or {})
    both.duckdb("build", *MODELS, *select)
    both.load()
    both.spark("build", *MODELS, *select)
    return both

"""The demo on a Spark cluster of this machine: a master, two workers, a Thrift server.

python -m benchmarks.spark_cluster [FOLDER] [--select MODELS]

`make spark-cluster` runs it, in .venv-spark. All listen on the loopback address and are
ended at the end. The models are built over Thrift, then by a session of dbt's own
process on spark://. Spark's event logs say which executors ran the tasks, and every
mart is compared with DuckDB's, of which a FOLDER from before may have the warehouse.
With --select, in dbt's words, only these models are built and compared.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.spark.build import MODELS
from tests.spark.compare import differences, row_count, tables_of

ROOT = Path(__file__).resolve().parent.parent
SPARK = find_spec("pyspark")
HOME = Path(str(SPARK and SPARK.origin)).parent
LOOPBACK = "127.0.0.1"
WORKERS = 2
# Its driver is in the server; spark-submit counts it as a daemon.
MEMORY = {"thrift": {"SPARK_DAEMON_MEMORY": "1500m"}}
DEFAULTS = """
spark.driver.host            127.0.0.1
spark.driver.bindAddress     127.0.0.1
spark.driver.maxResultSize   256m
spark.executor.memory        900m
spark.executor.cores         1
spark.cores.max              2
spark.executor.extraJavaOptions  -Duser.timezone=UTC -XX:+UseSerialGC \\
    -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m
spark.default.parallelism    2
spark.sql.shuffle.partitions 2
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.eventLog.enabled       true
spark.ui.enabled             false
"""


@dataclass(frozen=True)
class Cluster:
    """Where its processes work and listen.

    Attributes:
        folder: Of settings, logs and tables.
        master: Port of the master.
        thrift: Port of the Thrift server.
        models: What is built, as options of dbt.
    """

    folder: Path
    master: int
    thrift: int
    models: tuple[str, ...]

    @property
    def url(self) -> str:
        """The master's."""
        return f"spark://{LOOPBACK}:{self.master}"


def main() -> None:
    """Start the cluster, build, compare, report; exit code 1 where it differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--select")
    given = parser.parse_args()
    # a kill ends the cluster, too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    with ExitStack() as stack:
        folder = given.folder or Path(stack.enter_context(TemporaryDirectory()))
        models = (*MODELS, *(("--select", given.select) if given.select else ()))
        master, thrift = free_ports(2)
        cluster = Cluster(folder.resolve(), master, thrift, models)
        environment = prepare(cluster)
        if not (cluster.folder / "warehouse.duckdb").exists():
            dbt(environment, "build", *models)  # on DuckDB
        fine = [way(cluster, environment) for way in (over_thrift, by_session)]
    sys.exit(0 if all(fine) else 1)


def over_thrift(cluster: Cluster, environment: Mapping[str, str]) -> bool:
    """Build through the Thrift server; whether all is as it should be."""
    given = {
        **environment,
        "SPARK_FOLDER": str(cluster.folder / "thrift"),
        "SPARK_THRIFT_PORT": str(cluster.thrift),
    }
    before = event_logs(cluster)
    with started(cluster, environment, processes(cluster)) as running:
        wait_for(cluster.thrift, running)
        print("Up: a master, two workers and a Thrift server.", flush=True)
        seconds = build(given, "spark_thrift", cluster.models)
    return report(cluster, given, "over Thrift", seconds, event_logs(cluster) - before)


def by_session(cluster: Cluster, environment: Mapping[str, str]) -> bool:
    """Build from dbt's own process on the cluster; whether all is as it should be."""
    given = {
        **environment,
        "SPARK_FOLDER": str(cluster.folder / "session"),
        "SPARK_MASTER": cluster.url,
    }
    before = event_logs(cluster)
    *of_cluster, _ = processes(cluster)  # without the Thrift server
    with started(cluster, environment, of_cluster) as running:
        wait_for(cluster.master, running)
        print("Up: a master and two workers.", flush=True)
        seconds = build(given, "spark", cluster.models)
    return report(cluster, given, "by session", seconds, event_logs(cluster) - before)


def free_ports(count: int) -> list[int]:
    """Ports on which nothing listens."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def event_logs(cluster: Cluster) -> set[Path]:
    """Spark's event logs, one of each application."""
    return {*(cluster.folder / "events").iterdir()}


def prepare(cluster: Cluster) -> dict[str, str]:
    """Settings of the cluster's processes, and the environment of all."""
    folder = cluster.folder
    for name in ("conf", "events", "logs", "thrift"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    metastore = folder / "thrift" / "metastore"
    (folder / "conf" / "spark-defaults.conf").write_text(
        f"{DEFAULTS}spark.eventLog.dir file://{folder / 'events'}\n", "utf-8"
    )
    (folder / "conf" / "thrift.conf").write_text(
        f"{DEFAULTS}spark.eventLog.dir file://{folder / 'events'}\n"
        f"spark.master {cluster.url}\n"
        f"spark.sql.warehouse.dir {folder / 'thrift' / 'tables'}\n"
        "spark.driver.extraJavaOptions -Duser.timezone=UTC"
        f" -Dderby.system.home={folder / 'thrift'}\n"
        "spark.hadoop.javax.jdo.option.ConnectionURL"
        f" jdbc:derby:;databaseName={metastore};create=true\n",
        "utf-8",
    )
    return {
        **os.environ,
        "SPARK_HOME": str(HOME),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_DAEMON_MEMORY": "256m",
        "PYSPARK_PYTHON": sys.executable,
        "TZ": "UTC",
        "DUCKDB_PATH": str(folder / "warehouse.duckdb"),
        "HISTORY_PATH": str(folder / "none"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }


def processes(cluster: Cluster) -> list[tuple[str, ...]]:
    """The cluster's, the Thrift server last: name, and arguments of spark-class."""
    deploy = "org.apache.spark.deploy"
    return [
        (
            *("master", "spark-class", f"{deploy}.master.Master"),
            *("--host", LOOPBACK, "--port", str(cluster.master), "--webui-port", "0"),
        ),
        *(
            (
                *(f"worker{number}", "spark-class", f"{deploy}.worker.Worker"),
                *("--host", LOOPBACK, "--webui-port", "0"),
                *("--cores", "1", "--memory", "1g"),
                *("--work-dir", f"work{number}", cluster.url),
            )
            for number in range(1, WORKERS + 1)
        ),
        (
            *("thrift", "spark-submit"),
            *("--properties-file", "conf/thrift.conf", "--name", "thrift"),
            *("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
            "spark-internal",
            *("--hiveconf", f"hive.server2.thrift.bind.host={LOOPBACK}"),
            *("--hiveconf", f"hive.server2.thrift.port={cluster.thrift}"),
        ),
    ]


@contextmanager
def started(
    cluster: Cluster,
    environment: Mapping[str, str],
    commands: Iterable[tuple[str, ...]],
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes of the cluster, which are ended afterwards, the last one first."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name, program, *arguments in commands:
            with (cluster.folder / "logs" / f"{name}.log").open("a") as log:
                running.append(
                    subprocess.Popen(
                        [str(HOME / "bin" / program), *arguments],
                        cwd=cluster.folder,
                        env={**environment, **MEMORY.get(name, {})},
                        stdout=log,
                        stderr=log,
                    )
                )
            time.sleep(2)
        yield running
    finally:
        for process in reversed(running):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(
    port: int, processes: Iterable[subprocess.Popen[bytes]], seconds: int = 300
) -> None:
    """Until something listens there."""
    for _ in range(seconds):
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        if any(process.poll() is not None for process in processes):
            break
        time.sleep(1)
    raise SystemExit(f"Nothing listens on port {port}: see logs/ in a given FOLDER.")


def build(environment: Mapping[str, str], target: str, models: Iterable[str]) -> float:
    """Raw tables and models; seconds that it took."""
    began = time.monotonic()
    call(environment, "-m", "pipeline", "load-spark", "--target", target)
    dbt(environment, "build", *models, "--target", target)
    return time.monotonic() - began


def report(
    cluster: Cluster,
    environment: Mapping[str, str],
    way: str,
    seconds: float,
    logs: Iterable[Path],
) -> bool:
    """Print what ran where; whether all marts are equal and both workers worked."""
    database = cluster.folder / "warehouse.duckdb"
    tables = Path(environment["SPARK_FOLDER"]) / "tables"
    marts = [
        mart
        for mart in tables_of(database, "marts")
        if cluster.models == MODELS or (tables / "marts.db" / mart).is_dir()
    ]
    found = differences(database, tables, "marts", marts)
    tasks, busy = executors(cluster.folder, logs)
    print(
        f"{way}: {len(marts) - len(found)} of {len(marts)} marts equal,"
        f" {row_count(database, 'marts', marts):,} rows, {seconds:.0f} s"
    )
    for executor in sorted(tasks):
        print(
            f"  executor {executor}: {tasks[executor]:,} tasks,"
            f" {busy[executor] / 1000:.0f} s of task time"
        )
    for one in found:
        print(one)
    return (
        bool(marts)
        and not found
        and len({name.split()[-1] for name in tasks}) == WORKERS
    )


def executors(folder: Path, logs: Iterable[Path]) -> tuple[Counter[str], Counter[str]]:
    """Tasks and their milliseconds by worker and executor, from Spark's event logs."""
    tasks: Counter[str] = Counter()
    busy: Counter[str] = Counter()
    for log in logs:
        application = log.name.partition(".")[0]
        workers = {
            executor.name: work.name
            for work in folder.glob("work*")
            for executor in (work / application).glob("*")
        }
        for line in log.read_text("utf-8").splitlines():
            if '"Event":"SparkListenerTaskEnd"' not in line:
                continue
            event = json.loads(line)
            number = event["Task Info"]["Executor ID"]
            name = f"{number} of {workers.get(number, 'no worker')}"
            tasks[name] += 1
            busy[name] += event.get("Task Metrics", {}).get("Executor Run Time", 0)
    return tasks, busy


def dbt(environment: Mapping[str, str], *arguments: str) -> None:
    """A dbt command; stops the program where it fails."""
    run = "from dbt.cli.main import cli; cli()"
    call(environment, "-c", run, *arguments, "--quiet")


def call(environment: Mapping[str, str], *arguments: str) -> None:
    """A Python command from the project's root."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=dict(environment), check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed")


if __name__ == "__main__":
    main()

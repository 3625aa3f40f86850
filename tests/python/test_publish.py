"""Readers see a whole, validated build or the one before it, whatever goes wrong."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from pipeline import build as main_job
from pipeline.hashes import hash_of
from pipeline.project import InputError, project_vars
from pipeline.publish import (
    fingerprints,
    publish,
    published_file,
    reported,
    rollback,
)
from pipeline.publish import manifest as manifests
from pipeline.publish import run as run_module
from pipeline.publish.compare import Comparison, Difference
from pipeline.publish.lock import publisher_lock
from pipeline.publish.paths import DATABASE, MANIFEST, PublishPaths
from pipeline.publish.published_file import Mart, PublishError
from pipeline.publish.swap import recover, swap
from pipeline.reader import Published
from pipeline.settings import as_of_date
from quality.results import Gate, GateResult, SuiteResult
from tests.python.conftest import ROOT, make_reported_marts, run, settings_of
from tests.python.test_quality import (  # the last two are fixtures
    FAULTS,
    ROUNDS,
    healthy,  # noqa: F401
    planted,  # noqa: F401
)

AS_OF = "2026-09-20"
TABLES = ("subscriptions", "logins", "surveys", "exchange_rates")

# One process's worth of work: they share what was published first.
pytestmark = pytest.mark.xdist_group("publish")


# -- real publishes, in processes of their own -----------------------------------------


@dataclass(frozen=True)
class Company:
    """A small company's raw data, where it publishes, and how long that takes."""

    folder: Path
    seconds: float

    @property
    def paths(self) -> PublishPaths:
        return PublishPaths(self.folder / "publish", self.folder / "builds")

    def environment(self) -> dict[str, str]:
        return {
            "RAW_LOCATION": str(self.folder / "raw"),
            "AS_OF_DATE": AS_OF,
            "DUCKDB_PATH": str(self.folder / "no build" / "warehouse.duckdb"),
            "PUBLISH_FOLDER": str(self.paths.readers),
            "BUILDS_FOLDER": str(self.paths.private),
            "HISTORY_PATH": str(self.folder / "history.duckdb"),
        }

    def start(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        limit: Callable[[], None] | None = None,
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            # Dashboards after a publish are tested in test_dashboards.
            [sys.executable, "-m", "pipeline", *arguments, "--no-dashboards"],
            cwd=ROOT,
            env={**os.environ, **self.environment(), **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=limit,
        )

    def run(self, *arguments: str, **given: object) -> tuple[int, str]:
        process = self.start(*arguments, **given)  # type: ignore[arg-type]
        output, _ = process.communicate()
        return process.returncode, output

    def manifest(self) -> manifests.Manifest:
        found = manifests.read(self.paths.manifest)
        assert found is not None
        return found

    def hashes(self) -> dict[str, str]:
        return {name: mart["hash"] for name, mart in self.manifest()["marts"].items()}


def identity(file: Path) -> tuple[int, str]:
    """That it is the same file, and has the same bytes."""
    return file.stat().st_ino, hash_of(file)


def write_raw(folder: Path, shuffle: random.Random | None = None) -> None:
    """Sixty accounts of the demo, the required tables and exchange rates."""
    folder.mkdir(exist_ok=True)
    for table in TABLES:
        with (ROOT / "demo" / "data" / f"{table}.csv").open(newline="") as given:
            rows = [
                r for r in csv.DictReader(given) if r.get("account_id", "") < "A0061"
            ]
        if shuffle:
            shuffle.shuffle(rows)
        with (folder / f"{table}.csv").open("w", newline="") as made:
            writer = csv.DictWriter(made, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Published once."""
    company = Company(tmp_path_factory.mktemp("company"), 0)
    write_raw(company.folder / "raw")
    started = time.monotonic()
    code, output = company.run("publish")
    assert code == 0, output
    return replace(company, seconds=time.monotonic() - started)


def test_readers_get_marts_alone(company: Company) -> None:
    with duckdb.connect(str(company.paths.published), read_only=True) as connection:
        schemas = connection.execute(
            "select distinct schema_name from duckdb_tables()"
        ).fetchall()
        views = connection.execute(
            "select count(*) from duckdb_views() where not internal"
        ).fetchone()
        comments = connection.execute(
            "select count(*), count(comment) from marts.nps_segments"
        ).fetchone()
        addresses = connection.execute(
            "select table_name from duckdb_columns() where column_name = 'email'"
        ).fetchall()
        described = connection.execute(
            "select comment from duckdb_columns() where table_name = 'monthly_churn'"
            " and column_name = 'churn_rate'"
        ).fetchone()
        unexplained = connection.execute(
            "select distinct metric from marts.kpi_monthly"
            " anti join marts.metric_catalogue using (metric)"
        ).fetchall()
    assert unexplained == []
    assert schemas == [("marts",)]
    assert views == (0,)
    assert comments
    assert comments[0] > 100
    assert comments[1] == 0
    assert addresses == []
    assert described
    assert "gone at the end" in described[0]
    assert company.paths.private.stat().st_mode & 0o077 == 0


def test_the_manifest_tells_what_is_in_the_file(company: Company) -> None:
    output = company.manifest()
    assert output["as_of_date"] == AS_OF
    assert output["file_sha256"] == hash_of(company.paths.published)
    assert output["gates"]["raw"]["passed"]
    assert output["gates"]["marts"]["passed"]
    assert output["headlines"]["month"] == "2026-08"
    with duckdb.connect(str(company.paths.published), read_only=True) as connection:
        for name, mart in output["marts"].items():
            rows = connection.execute(f'select count(*) from marts."{name}"').fetchone()
            assert rows == (mart["rows"],), name
    assert len(output["marts"]) > 30


def test_the_same_input_gives_the_same_hashes(company: Company) -> None:
    # With 4 threads (the first publish had 2), and rows in another order. With one
    # thread, and incrementally: the last publish of the next test.
    before = company.hashes()
    write_raw(company.folder / "raw", shuffle=random.Random(1))
    code, output = company.run("publish", "--threads", "4", "--full-refresh")
    assert code == 0, output
    assert f"0 of {len(before)} marts changed" in output
    assert company.hashes() == before


@pytest.mark.parametrize(
    "kills", [2, pytest.param(100, marks=pytest.mark.long)], ids=["2", "100"]
)
def test_a_kill_at_any_moment(company: Company, kills: int) -> None:
    chance = random.Random(kills)
    hashes = company.hashes()
    for _ in range(kills):
        before = hash_of(company.paths.published)
        process = company.start("publish")
        time.sleep(chance.uniform(0, company.seconds))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        # Either it was too early, or it was just through: a kept build, whole.
        after = hash_of(company.paths.published)
        kept = [
            manifests.read(f) for f in company.paths.readers.glob("builds/*/*.json")
        ]
        assert after == before or after in {m["file_sha256"] for m in kept if m}
        with Published(company.paths.published) as published:
            assert published.query(
                "select count(*) from marts.monthly_churn"
            ).fetchone()
    code, output = company.run("publish", "--threads", "1", "--no-full-refresh")
    assert code == 0, output
    assert company.hashes() == hashes
    assert company.manifest()["file_sha256"] == hash_of(company.paths.published)
    assert not [*company.paths.readers.glob(".candidate*")]


def enough_for_artifacts(company: Company) -> Callable[[], None]:
    """A limit of file sizes: enough for what dbt writes, too little for a database."""
    largest = max(
        file.stat().st_size for file in company.paths.artifacts.glob("*.json")
    )
    size = largest + largest // 10
    assert size < company.paths.published.stat().st_size

    def set_limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return set_limit


@pytest.mark.parametrize(
    ("is_file_size_limited", "environment"),
    [(True, {}), (False, {"DUCKDB_MEMORY_LIMIT": "60MB"})],
    ids=["file size", "memory"],
)
def test_a_limit_that_is_reached(
    company: Company,
    is_file_size_limited: bool,
    environment: dict[str, str],
) -> None:
    before = identity(company.paths.published)
    limit = enough_for_artifacts(company) if is_file_size_limited else None
    # It grows with each publish, and is not what is to reach the limit.
    shutil.rmtree(company.paths.artifacts / "logs")
    code, output = company.run(
        "publish", "--full-refresh", environment=environment, limit=limit
    )
    assert code in {3, 5, 7}, output
    assert "Traceback" not in output
    assert identity(company.paths.published) == before
    recover(company.paths)
    assert not [*company.paths.private.glob(".candidate*")]


def test_a_second_publisher_sees_who_has_the_lock(company: Company) -> None:
    first = company.start("publish")
    holder = company.paths.readers / ".lock-holder.json"
    while not holder.exists():
        assert first.poll() is None
        time.sleep(0.05)
    started = time.monotonic()
    code, output = company.run("publish")
    assert code == 6
    assert output.strip().count("\n") == 0, output
    assert f"process {first.pid} on " in output
    assert time.monotonic() - started < 15
    first.kill()
    first.communicate()
    # The lock of a killed holder is free again.
    code, output = company.run("rollback")
    assert code == 0, output


def test_a_database_of_other_inputs_stops_the_publish(company: Company) -> None:
    before = identity(company.paths.published)
    surveys = company.folder / "raw" / "surveys.csv"
    whole = surveys.read_text(encoding="utf-8")
    surveys.write_text(whole.replace("sent_at", "sent", 1), encoding="utf-8")
    code, output = company.run("publish")
    surveys.write_text(whole, encoding="utf-8")
    assert code == 3, output
    assert "sent_at" in output
    assert identity(company.paths.published) == before


# -- small prepared files --------------------------------------------------------------

MARTS = [
    Mart("monthly_churn", ["date_month"], "Of a month.", {"date_month": "The month."}),
    Mart("nps_segments", ["response_id"], "Of an answer.", {}),
]


@pytest.fixture
def paths(tmp_path: Path) -> PublishPaths:
    paths = PublishPaths(tmp_path / "publish", tmp_path / "builds")
    paths.make()
    return paths


def keep(paths: PublishPaths, build_id: str, number: int) -> str:
    """A build that was finished: both tables hold its number."""
    for folder in (paths.built(build_id), paths.kept(build_id)):
        folder.mkdir(parents=True)
    built, kept = paths.built(build_id) / DATABASE, paths.kept(build_id) / DATABASE
    with duckdb.connect(str(built)) as connection:
        connection.execute(f"""
            create schema marts;
            create table marts.monthly_churn as
                select {number} as build, date '2026-01-01' as date_month;
            create table marts.nps_segments as
                select {number} as build, 'r' || i as response_id, '=1+1' as comment
                from range(500) as t (i);
        """)
    published_file.write(built, kept, MARTS, with_comments=False)
    published_file.check(kept, MARTS)
    output = {
        "build_id": build_id,
        "publish_number": number,
        "file_sha256": hash_of(kept),
        "inputs": {"logins": 5},
        "marts": published_file.contents(kept, MARTS),
        "headlines": {},
        "gates": {},
    }
    manifests.write(output, paths.kept(build_id) / MANIFEST)
    return build_id


def number_of(file: Path) -> tuple[int, ...]:
    """The build that each table of a file is of."""
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(
            "select distinct build from marts.monthly_churn"
            " union select distinct build from marts.nps_segments"
        ).fetchall()
    return tuple(build for (build,) in found)


def _read_on(file: Path, stop: Path, output: Path) -> None:
    """A reader in a loop: what it saw, and what went wrong."""
    seen, errors, mixed = set(), [], 0
    with Published(file) as published:
        while not stop.exists():
            try:
                found = published.query(
                    "select distinct churn.build, segments.build"
                    " from marts.monthly_churn as churn, marts.nps_segments as segments"
                ).fetchall()
                mixed += len(found) != 1 or found[0][0] != found[0][1]
                seen.add(found[0][0])
            except Exception as error:
                errors.append(repr(error))
    output.write_text(json.dumps([sorted(seen), errors, mixed]), encoding="utf-8")


def test_readers_during_fifty_swaps(paths: PublishPaths, tmp_path: Path) -> None:
    ids = [keep(paths, f"2{n:03}", n) for n in range(50)]
    swap(paths, ids[0])
    stop = tmp_path / "stop"
    spawn = multiprocessing.get_context("spawn")
    output = [tmp_path / f"reader-{n}.json" for n in range(4)]
    readers = [
        spawn.Process(target=_read_on, args=(paths.published, stop, file))
        for file in output
    ]
    for reader in readers:
        reader.start()
    time.sleep(3)  # until they have started
    for build_id in ids[1:]:
        swap(paths, build_id)
        time.sleep(0.05)
    time.sleep(0.5)
    stop.touch()
    for reader in readers:
        reader.join()
    for file in output:
        seen, errors, mixed = json.loads(file.read_text(encoding="utf-8"))
        assert errors == []
        assert mixed == 0
        assert len(seen) > 5, "it saw hardly any swap"
        assert seen[-1] == 49, "it did not see the last one"


@pytest.mark.parametrize("log", ["garbage", "of another file"])
def test_a_log_beside_the_published_file(
    paths: PublishPaths, tmp_path: Path, log: str
) -> None:
    first, second = keep(paths, "2001", 1), keep(paths, "2002", 2)
    swap(paths, first)
    left = paths.published.with_name(f"{DATABASE}.wal")
    if log == "garbage":
        left.write_bytes(os.urandom(5000))
    else:
        code = (
            "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
            "c.execute('create schema marts');"
            "c.execute('create table marts.monthly_churn as select 99 as build');"
            "os._exit(0)"
        )
        subprocess.run([sys.executable, "-c", code, tmp_path / "x.db"], check=True)
        (tmp_path / "x.db.wal").rename(left)
    swap(paths, second)
    assert not left.exists()
    assert number_of(paths.published) == (2,)


def test_a_writer_on_the_published_file_is_refused(paths: PublishPaths) -> None:
    first, second = keep(paths, "2001", 1), keep(paths, "2002", 2)
    swap(paths, first)
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]);"
        "print('open', flush=True); sys.stdin.read()"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, paths.published],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdout
    writer.stdout.readline()
    with pytest.raises(PublishError, match=r"open for writing elsewhere.*PID"):
        swap(paths, second)
    writer.communicate()
    assert number_of(paths.published) == (1,)


def test_a_kill_between_file_and_manifest_is_put_right(paths: PublishPaths) -> None:
    first, second = keep(paths, "2001", 1), keep(paths, "2002", 2)
    swap(paths, first)
    manifest = paths.manifest.read_text(encoding="utf-8")
    swap(paths, second)
    paths.manifest.write_text(manifest, encoding="utf-8")
    output = recover(paths)
    assert output
    assert output["build_id"] == second
    assert manifests.read(paths.manifest) == output


def test_a_build_that_was_never_published_is_forgotten(paths: PublishPaths) -> None:
    first = keep(paths, "2001", 1)
    swap(paths, first)
    keep(paths, "2002", 2)
    (paths.private / ".candidate-x").mkdir()
    recover(paths)
    assert paths.kept_ids() == [first]
    assert not paths.built("2002").exists()
    assert not (paths.private / ".candidate-x").exists()


def test_half_a_build_does_not_stay(paths: PublishPaths) -> None:
    # Killed between the two renames of a swap, or while old builds are removed: the
    # private file holds raw rows.
    swap(paths, keep(paths, "2002", 2))
    for lost in (paths.kept("2001"), paths.kept("2003")):
        keep(paths, lost.name, int(lost.name[-1]))
        shutil.rmtree(lost)
    keep(paths, "2004", 4)
    (paths.kept("2004") / MANIFEST).unlink()
    # What others put there is not ours to remove.
    other = paths.private / "2024-exports"
    other.mkdir()
    (other / "notes.txt").touch()
    recover(paths)
    assert sorted(f.name for f in paths.private.iterdir()) == ["2002", "2024-exports"]
    assert [f.name for f in (paths.readers / "builds").iterdir()] == ["2002"]


def test_a_kill_before_the_first_swap_leaves_nothing(paths: PublishPaths) -> None:
    keep(paths, "2001", 1)
    assert recover(paths) is None
    assert not [*paths.private.iterdir()]


def test_a_lost_published_file_does_not_cost_the_kept_builds(
    paths: PublishPaths,
) -> None:
    swap(paths, keep(paths, "2001", 1))
    paths.published.unlink()
    assert recover(paths) is None
    assert paths.kept_ids() == ["2001"]


def test_the_publish_number_orders_builds_not_the_clock(here: PublishPaths) -> None:
    # The clock was set back between the two: the id of the later one is smaller.
    first, second = keep(here, "2029", 1), keep(here, "2001", 2)
    swap(here, first)
    swap(here, second)
    recover(here)
    assert here.kept_ids() == [first, second]
    assert rollback(Console(quiet=True)) == 0
    assert number_of(here.published) == (1,)
    assert here.kept_ids() == [first]


def test_a_publish_number_is_never_given_twice(paths: PublishPaths) -> None:
    keep(paths, "2001", 7)
    assert paths.new_number() == 8
    assert paths.new_number() == 9
    paths.forget("2001")
    assert paths.new_number() == 10
    (paths.readers / ".last-publish-number").write_text("no number")
    assert paths.new_number() == 1


def test_builds_from_before_there_were_numbers_come_first(
    paths: PublishPaths,
) -> None:
    for build_id, number in (("2001", 0), ("2002", 0), ("2000", 1)):
        keep(paths, build_id, number)
    for build_id in ("2001", "2002"):
        file = paths.kept(build_id) / MANIFEST
        old = json.loads(file.read_text(encoding="utf-8"))
        del old["publish_number"]
        file.write_text(json.dumps(old), encoding="utf-8")
    assert paths.kept_ids() == ["2001", "2002", "2000"]


@pytest.mark.parametrize("fault", ["wal", "broken", "table too many", "mart missing"])
def test_an_invalid_candidate_is_not_published(paths: PublishPaths, fault: str) -> None:
    file = paths.kept(keep(paths, "2001", 1)) / DATABASE
    marts = MARTS
    if fault == "wal":
        file.with_name(f"{DATABASE}.wal").touch()
    elif fault == "broken":
        file.write_bytes(file.read_bytes()[:5000])
    elif fault == "table too many":
        with duckdb.connect(str(file)) as connection:
            connection.execute("create table main.raw_logins as select 1 as secret")
    else:
        marts = [*MARTS, Mart("renewals", ["date_month"], "", {})]
    with pytest.raises(PublishError):
        published_file.check(file, marts)


def test_a_hash_does_not_see_order_or_the_last_digits(tmp_path: Path) -> None:
    found = []
    for n, query in enumerate(
        [
            "values (1, 0.1 + 0.2, 'a'), (2, -0.0, null)",
            "values (2, 0e0, null), (1, 0.3e0, 'a')",
            "values (2, 0e0, null), (1, 0.300000001e0, 'a')",
            "values (2, 0e0, 'null'), (1, 0.3e0, 'a')",
        ]
    ):
        file = tmp_path / f"{n}.duckdb"
        with duckdb.connect(str(file)) as connection:
            connection.execute(
                "create schema marts; create table marts.m as select col0 as id,"
                f" cast(col1 as double) as rate, col2 as name from ({query})"
            )
        found.append(published_file.contents(file, [Mart("m", ["id"], "", {})])["m"])
    assert found[0] == found[1]
    assert len({str(content["hash"]) for content in found}) == 3
    assert found[0]["rows"] == 2


@pytest.fixture
def here(
    paths: PublishPaths, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PublishPaths]:
    """The paths that commands of this process take."""
    monkeypatch.setenv("PUBLISH_FOLDER", str(paths.readers))
    monkeypatch.setenv("BUILDS_FOLDER", str(paths.private))
    monkeypatch.setenv("HISTORY_PATH", str(paths.private.parent / "history.duckdb"))
    yield paths


def test_rollback_restores_both_files(here: PublishPaths) -> None:
    first, second = keep(here, "2001", 1), keep(here, "2002", 2)
    swap(here, first)
    swap(here, second)
    assert rollback(Console(quiet=True)) == 0
    assert number_of(here.published) == (1,)
    output = manifests.read(here.manifest)
    assert output
    # The next publish starts from the private file of the build that is named here.
    assert number_of(here.built(output["build_id"]) / DATABASE) == (1,)
    assert here.kept_ids() == [first]
    assert rollback(Console(quiet=True)) == 7
    assert number_of(here.published) == (1,)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("garbage", "is damaged"),
        ("missing", "is missing"),
        ("not a database", "does not open"),
        ("mart missing", "lacks monthly_churn"),
    ],
)
def test_a_damaged_kept_build_is_not_published(
    here: PublishPaths, capsys: pytest.CaptureFixture[str], fault: str, message: str
) -> None:
    first, second = keep(here, "2001", 1), keep(here, "2002", 2)
    swap(here, first)
    swap(here, second)
    before = identity(here.published)
    file = here.kept(first) / DATABASE
    if fault == "missing":
        file.unlink()
    elif fault == "mart missing":
        with duckdb.connect(str(file)) as connection:
            connection.execute("drop table marts.monthly_churn")
    else:
        file.write_bytes(b"garbage" * 1000)
    if fault in ("not a database", "mart missing"):  # and the manifest agrees with it
        kept = manifests.read(here.kept(first) / MANIFEST)
        assert kept
        manifests.write(
            {**kept, "file_sha256": hash_of(file)}, here.kept(first) / MANIFEST
        )
    assert rollback(Console(width=1000)) == 7
    assert message in capsys.readouterr().out
    assert identity(here.published) == before
    assert here.kept_ids() == [first, second]
    assert (here.built(second) / DATABASE).exists()


def test_a_rollback_without_the_private_file_is_reported(
    here: PublishPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = keep(here, "2001", 1), keep(here, "2002", 2)
    swap(here, first)
    swap(here, second)
    shutil.rmtree(here.built(first))
    assert rollback(Console(width=1000)) == 0
    assert "full refresh" in capsys.readouterr().out


@pytest.mark.parametrize("command", [publish, rollback])
def test_a_folder_that_cannot_be_made(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: Callable[[Console], int],
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BUILDS_FOLDER", str(tmp_path / "builds"))
    monkeypatch.setenv("PUBLISH_FOLDER", str(tmp_path / "file" / "publish"))
    assert command(Console(width=1000)) == 7
    assert "FAILED" in capsys.readouterr().out


def test_readers_may_read_whatever_the_umask_is(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        paths = PublishPaths(tmp_path / "publish", tmp_path / "builds")
        paths.make()
        swap(paths, keep(paths, "2001", 1))
    finally:
        os.umask(before)
    assert paths.readers.stat().st_mode & 0o777 == 0o755
    assert paths.published.stat().st_mode & 0o777 == 0o644
    assert paths.manifest.stat().st_mode & 0o777 == 0o644
    assert paths.private.stat().st_mode & 0o777 == 0o700
    swap(paths, "2001", 0o640)
    assert paths.published.stat().st_mode & 0o777 == 0o640


class Stubbed:
    """A fast main job: the results of dbt and the gates are given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, paths: PublishPaths) -> None:
        self.monkeypatch = monkeypatch
        monkeypatch.setenv("DUCKDB_PATH", str(paths.private / "no build" / DATABASE))
        self.gates: dict[Gate, GateResult] = {
            "raw": GateResult("raw", [], None, 0),
            "marts": GateResult("marts", [], None, 0),
        }
        self.dbt = True
        self.rows_in = 5
        self.mau = 10
        self.response_id = "r"
        monkeypatch.setattr(main_job, "preflight", lambda console: True)
        monkeypatch.setattr(main_job, "run_dbt", self.run_dbt)
        monkeypatch.setattr(
            main_job, "run_gate", lambda gate, *_, **__: self.gates[gate]
        )
        monkeypatch.setattr(published_file, "marts_of", lambda _: MARTS_AND_SUMMARY)
        monkeypatch.setattr("pipeline.publish.run.headlines", lambda _: {})

    def run_dbt(self, console: Console, command: str, *_: str, **given: object) -> bool:
        if command == "build" and self.dbt:
            with duckdb.connect(str(given["database"])) as connection:
                make_reported_marts(connection)
                connection.execute(f"""
                    create or replace table marts.monthly_churn as
                        select 3 as build, date '2026-01-01' as date_month;
                    create or replace table marts.nps_segments as
                        select 3 as build, '{self.response_id}' as response_id,
                            'a@b.example' as comment;
                    create or replace table marts.data_quality_summary as
                        select 'logins' as source_table, {self.rows_in} as rows_in;
                    insert into marts.kpi_monthly
                        values (date '2026-01-01', 'mau', {self.mau}, true, null);
                """)
        return command == "seed" or self.dbt


MARTS_AND_SUMMARY = [*MARTS, Mart("data_quality_summary", ["source_table"], "", {})]


@pytest.fixture
def stubbed(here: PublishPaths, monkeypatch: pytest.MonkeyPatch) -> Stubbed:
    swap(here, keep(here, "2001", 1))
    return Stubbed(monkeypatch, here)


def test_a_publish_that_passes_is_let_in(stubbed: Stubbed, here: PublishPaths) -> None:
    for _ in range(7):
        assert publish(Console(quiet=True)) == 0
    assert number_of(here.published) == (3,)
    # Var keep_builds: the last five, of both files.
    assert len(here.kept_ids()) == 5
    assert [f.name for f in sorted(here.private.glob("2*"))] == here.kept_ids()


def test_a_rollback_reports_what_changes_back(
    stubbed: Stubbed, here: PublishPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    marts = [
        *MARTS_AND_SUMMARY,
        Mart("kpi_monthly", ["date_month", "metric"], "", {}),
        Mart("figures_reported", ["publish_number", "date_month", "metric"], "", {}),
    ]
    monkeypatch.setattr(published_file, "marts_of", lambda _: marts)
    why = ("late_rows", "logins: 1 late row (A1 1)")
    monkeypatch.setattr(reported, "cause_from_builds", lambda *_: lambda *_: why)
    for mau in (10, 12):
        stubbed.mau = mau
        assert publish(Console(quiet=True)) == 0
    bad = manifests.read(here.manifest)
    assert bad
    assert rollback(Console(quiet=True)) == 0

    rows = [
        ("first_report", None, 10, None),
        (*why, 12, 10),
        ("rolled_back", f"build {bad['build_id']} was rolled back", 10, 12),
    ]
    query = (
        "select cause, detail, value, previous_value from {} order by publish_number"
    )
    with Published(here.published) as published:
        shown = published.query(query.format("marts.figures_reported")).fetchall()
        kpis = published.query(
            "select value, first_reported_value from marts.kpi_monthly"
        ).fetchall()
    with duckdb.connect(str(here.reported), read_only=True) as connection:
        kept = connection.execute(query.format("figures_reported")).fetchall()
    assert shown == kept == rows
    assert kpis == [(10, 10)]
    manifest = manifests.read(here.manifest)
    assert manifest
    assert manifest["file_sha256"] == hash_of(here.published)
    assert manifest["marts"]["figures_reported"]["rows"] == 3
    assert not [*here.readers.glob(".candidate*")]

    # the next publish continues from what was reported last
    stubbed.mau = 10
    assert publish(Console(quiet=True)) == 0
    with Published(here.published) as published:
        shown = published.query(query.format("marts.figures_reported")).fetchall()
    assert shown == rows


def test_an_address_in_a_mart_stops_a_publish(
    stubbed: Stubbed, here: PublishPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    file = identity(here.published)
    stubbed.response_id = "jane@mail.example"
    assert publish(Console(width=1000)) == 4
    said = capsys.readouterr().out
    assert "nps_segments.response_id: 1 row\n" in said
    assert "jane@" not in said
    assert identity(here.published) == file


@pytest.mark.parametrize(
    "index",
    range(len(FAULTS)),
    ids=[f"{f.table}-{'+'.join(sorted(f.checks))}" for f in FAULTS],
)
def test_no_critical_failure_of_a_gate_is_published(
    index: int,
    stubbed: Stubbed,
    here: PublishPaths,
    planted: Mapping[tuple[Gate, int], GateResult],  # noqa: F811
) -> None:
    fault = FAULTS[index]
    found = planted[ROUNDS[index]]
    alone = [suite for suite in found.suites if suite.name == fault.table]
    stubbed.gates[fault.gate] = GateResult(fault.gate, alone, None, 0)
    before = identity(here.published)
    assert publish(Console(quiet=True)) == 4
    assert identity(here.published) == before
    assert here.kept_ids() == ["2001"]


def test_a_warning_is_published(stubbed: Stubbed, here: PublishPaths) -> None:
    suite = SuiteResult("logins", "raw.raw_logins", True, warnings=["odd"])
    stubbed.gates["raw"] = GateResult("raw", [suite], None, 0)
    assert publish(Console(quiet=True)) == 0
    output = manifests.read(here.manifest)
    assert output
    assert output["gates"]["raw"]["warnings"] == ["raw.raw_logins: odd"]


def test_a_dry_run_stops_before_the_swap(
    stubbed: Stubbed, here: PublishPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    before = identity(here.published)
    assert publish(Console(), dry_run=True) == 0
    assert "Would publish" in capsys.readouterr().out
    assert identity(here.published) == before
    assert here.kept_ids() == ["2001"]
    assert not [*here.private.glob(".candidate-*"), *here.readers.glob(".candidate-*")]


def test_a_publisher_can_wait_for_another(stubbed: Stubbed, here: PublishPaths) -> None:
    held = threading.Event()

    def hold() -> None:
        with publisher_lock(here.readers):
            held.set()
            time.sleep(1)

    other = threading.Thread(target=hold)
    other.start()
    held.wait()
    before = identity(here.published)
    assert publish(Console(quiet=True)) == 6
    assert identity(here.published) == before
    assert publish(Console(quiet=True), wait=30) == 0
    assert number_of(here.published) == (3,)
    other.join()


def test_an_interrupt_is_no_traceback(
    stubbed: Stubbed,
    here: PublishPaths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    before = identity(here.published)
    monkeypatch.setattr(main_job, "run_dbt", interrupted)
    assert publish(Console(width=1000)) == 130
    assert "Interrupted: nothing was published." in capsys.readouterr().out
    assert identity(here.published) == before
    assert not [*here.private.glob(".candidate-*"), *here.readers.glob(".candidate-*")]


def test_an_interrupt_within_the_swap(
    stubbed: Stubbed, here: PublishPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    # After the file was replaced and before its manifest was: it is published.
    write = manifests.write
    killed: list[Path] = []

    def interrupted(manifest: manifests.Manifest, file: Path, mode: int = 0) -> None:
        if file == here.manifest and not killed:
            killed.append(file)
            raise KeyboardInterrupt
        write(manifest, file)

    monkeypatch.setattr(manifests, "write", interrupted)
    assert publish(Console(quiet=True)) == 130
    assert killed
    found = manifests.read(here.manifest)
    assert found
    assert found["file_sha256"] == hash_of(here.published)
    assert found["build_id"] in here.kept_ids()


@pytest.mark.parametrize("given", [0, -1, "5", True, None])
def test_keep_builds_keeps_at_least_the_present_one(given: object) -> None:
    with pytest.raises(InputError, match="keep_builds"):
        run_module.keep_builds({"keep_builds": given})


@pytest.mark.parametrize("given", ["0044", "rw-r--r--", "1777", "0"])
def test_a_file_mode_that_is_none(given: str) -> None:
    with pytest.raises(InputError, match="published_file_mode"):
        published_file.file_mode({"published_file_mode": given})


def test_the_as_of_date_of_a_publish() -> None:
    config = project_vars()
    assert run_module.run_date(config, settings_of({})) == date(
        2026, 9, 20
    )  # the demo's
    given = {"AS_OF_DATE": "2024-12-31", "RAW_LOCATION": "exports"}
    assert run_module.run_date(config, settings_of(given)) == date(2024, 12, 31)
    # On own data the last full day, where the reporting time zone is.
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Niue"):
        own = {**config, "reporting_timezone": zone}
        today = as_of_date(own, settings_of({"RAW_LOCATION": "exports"}))
        yesterday = run_module.run_date(own, settings_of({"RAW_LOCATION": "exports"}))
        assert (today - yesterday).days == 1


def test_the_as_of_date_is_fixed_for_the_whole_run(
    stubbed: Stubbed, here: PublishPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AS_OF_DATE", raising=False)
    seen = []

    def preflight(_: Console) -> bool:
        seen.append(os.environ["AS_OF_DATE"])
        return True

    monkeypatch.setattr(main_job, "preflight", preflight)
    monkeypatch.setattr(run_module, "run_date", lambda *_: date(2026, 3, 4))
    assert publish(Console(quiet=True)) == 0
    assert seen == ["2026-03-04"]
    assert "AS_OF_DATE" not in os.environ
    found = manifests.read(here.manifest)
    assert found
    assert found["as_of_date"] == "2026-03-04"


# -- against the last published build --------------------------------------------------


@pytest.fixture
def differing(
    stubbed: Stubbed, here: PublishPaths, monkeypatch: pytest.MonkeyPatch
) -> Comparison:
    """A comparison whose findings the test decides on."""
    found = Comparison([Difference("mrr", "stop", "MRR: 1, now 100", "too much")])
    assert publish(Console(quiet=True)) == 0
    monkeypatch.setattr(run_module, "compare", lambda *_, **given: found)
    return found


def test_a_difference_stops_and_can_be_accepted_once(
    differing: Comparison, here: PublishPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    before = manifests.read(here.manifest)
    assert before
    file = identity(here.published)
    assert publish(Console(width=1000)) == 9
    output = capsys.readouterr().out
    assert "DIFFERS MRR: 1, now 100. (mrr: too much)" in output
    assert f"make publish ACCEPT={before['build_id']}" in output
    assert identity(here.published) == file
    assert publish(Console(width=1000), accept="2001") == 7
    assert before["build_id"] in capsys.readouterr().out
    assert identity(here.published) == file
    assert publish(Console(quiet=True), accept=before["build_id"]) == 0
    after = manifests.read(here.manifest)
    assert after
    assert after["comparison"]["accepted"] is True
    assert after["comparison"]["with"] == before["build_id"]
    assert after["comparison"]["stops"] == ["MRR: 1, now 100. (mrr: too much)"]
    assert after["publish_number"] > before["publish_number"]
    # It was for that one comparison.
    assert publish(Console(quiet=True), accept=before["build_id"]) == 7
    assert publish(Console(quiet=True)) == 9


def test_a_warning_and_a_dry_run(differing: Comparison, here: PublishPaths) -> None:
    assert publish(Console(quiet=True), dry_run=True) == 9
    differing.differences = [Difference("mrr", "warning", "MRR: 1, now 2", "some")]
    assert publish(Console(quiet=True)) == 0
    after = manifests.read(here.manifest)
    assert after
    assert after["comparison"]["warnings"] == ["MRR: 1, now 2. (mrr: some)"]
    assert after["comparison"]["accepted"] is False


def test_a_changed_rule_needs_acceptance(
    differing: Comparison,
    here: PublishPaths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    differing.differences = []
    differing.changed_rule = ["MRR: 3 values of closed months differ"]
    rules = {**fingerprints.rules(), "models/marts/x.sql": "new"}
    monkeypatch.setattr(fingerprints, "rules", lambda: rules)
    assert publish(Console(width=1000)) == 9
    assert "models/marts/x.sql" in capsys.readouterr().out
    before = manifests.read(here.manifest)
    assert before
    assert publish(Console(quiet=True), accept=before["build_id"]) == 0
    after = manifests.read(here.manifest)
    assert after
    assert after["comparison"]["changed_rule"] == differing.changed_rule
    assert "models/marts/x.sql" in after["comparison"]["changed_files"]


def test_other_inputs_are_not_compared(
    differing: Comparison,
    here: PublishPaths,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RAW_LOCATION", "another/folder")
    monkeypatch.setenv("AS_OF_DATE", "2026-09-20")
    # the stub has no staging, of which snapshots are
    monkeypatch.setattr("pipeline.publish.snapshot.history_path", lambda *_: None)
    assert publish(Console(width=1000)) == 0
    assert "the inputs changed" in capsys.readouterr().out
    after = manifests.read(here.manifest)
    assert after
    assert after["comparison"]["with"] is None
    assert after["made_from"]["inputs"] == {"raw_location": "another/folder"}


def test_a_failed_build_is_not_published(stubbed: Stubbed, here: PublishPaths) -> None:
    stubbed.dbt = False
    before = identity(here.published)
    assert publish(Console(quiet=True)) == 5
    assert identity(here.published) == before


def test_an_input_that_is_empty_today_is_not_published(
    stubbed: Stubbed, here: PublishPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    stubbed.rows_in = 0
    before = identity(here.published)
    assert publish(Console()) == 4
    assert "logins: no rows, where the last publish had some" in capsys.readouterr().out
    assert identity(here.published) == before


def test_an_export_of_an_unknown_mart_is_reported(
    company: Company, tmp_path: Path
) -> None:
    done = run(
        *(sys.executable, "-m", "pipeline", "export", "churn", str(tmp_path / "x.csv")),
        environment=company.environment(),
    )
    assert done.returncode == 3
    assert "There is no mart churn. There are: account_activity, " in done.stdout

"""A publish after a build does not build again, unless it would make something else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import finished_build
from pipeline.build_lock import build_lock
from pipeline.finished_build import Fingerprint, difference, fingerprint
from pipeline.project import project_vars
from pipeline.publish.paths import PublishPaths
from pipeline.publish.reuse import reuse
from pipeline.settings import Settings, as_of_date, read_settings
from quality.results import CheckResult, Gate, GateResult, SuiteResult
from tests.python.conftest import MAIN_JOB, ROOT, alone, pipeline

AS_OF = date(2026, 9, 20)
SALT = b"s" * 16
FILES = {
    "raw/logins.csv": "login_id\n1\n",
    "raw/feature_events/2024/a.parquet": "rows",
    "project/models/marts/churn.sql": "select 1",
    "project/models/staging/sources.yml": "tables: []",
    "project/macros/ratio.sql": "a / b",
    "project/seeds/reference/targets.csv": "metric\n",
    "project/tests/singular/sums.sql": "select 1",
    "project/profiles/profiles.yml": "dev: {}",
    "project/pipeline/raw/relations.py": "x = 1",
    "project/quality/bounds.yml": "a: 1",
    "project/dbt_project.yml": "name: x\nvars: {gross_margin: 0.8}\n",
    "profiles/profiles.yml": "other: {}",
}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def of(
    here: Path,
    config: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    as_of: date = AS_OF,
) -> Fingerprint:
    variables = {"RAW_LOCATION": str(here / "raw"), **(environment or {})}
    names = ("raw_location", "raw_database", "email_hash_salt")
    found: dict[str, Any] = {name: variables.get(name.upper(), "") for name in names}
    return fingerprint(
        as_of,
        {"raw_location": None, "gross_margin": 0.8, **(config or {})},
        Settings.model_construct(**found),
        variables,
        root=here / "project",
        salt=SALT,
    )


def test_nothing_differs_where_nothing_changed(here: Path) -> None:
    before = of(here)
    assert before.data is not None
    assert set(before.data) == {"logins.csv", "feature_events/2024/a.parquet"}
    assert difference(before, of(here)) == ""
    # vars that only publishing reads, and variables that nothing reads
    assert difference(before, of(here, {"keep_builds": 2}, {"HOME": "x"})) == ""


@pytest.mark.parametrize("name", [*FILES][:-2])
def test_a_change_of_a_file_is_noticed(here: Path, name: str) -> None:
    before = of(here)
    file, shown = here / name, name.split("/", 1)[1]
    file.write_text(FILES[name][::-1], encoding="utf-8")  # as long as it was
    assert difference(before, of(here)).endswith(f"changed since: {shown}")
    file.write_text(FILES[name], encoding="utf-8")
    if not name.startswith("raw/"):
        assert difference(before, of(here)) == ""
    file.unlink()
    assert difference(before, of(here)).endswith(f"changed since: {shown}")


def test_a_new_file_is_noticed(here: Path) -> None:
    before = of(here)
    added = here / "raw" / "feature_events" / "2024" / "b.parquet"
    added.write_text("rows")
    assert "feature_events/2024/b.parquet" in difference(before, of(here))
    added.unlink()
    (here / "project" / "models" / "marts" / "nps.sql").write_text("select 2")
    assert "models/marts/nps.sql" in difference(before, of(here))


def test_a_file_with_its_old_time_and_size_is_noticed(here: Path) -> None:
    before, file = of(here), here / "raw" / "logins.csv"
    status = file.stat()
    file.write_text("login_id\n2\n", encoding="utf-8")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "raw data changed since: logins.csv" in difference(before, of(here))


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("history.duckdb", "a snapshot was taken since"),
        ("renewal_model.duckdb", "the renewal forecast was fitted since"),
    ],
)
def test_what_is_kept_beside_the_data_is_noticed(
    here: Path, name: str, what: str
) -> None:
    config = {"history_path": str(here / "history.duckdb")}
    before = of(here, config)
    (here / name).write_text("rows")
    assert difference(before, of(here, config)) == what


def test_a_file_behind_links_is_noticed(here: Path) -> None:
    shutil.move(here / "raw", here / "elsewhere")
    (here / "raw").mkdir()
    (here / "raw" / "feature_events").symlink_to(here / "elsewhere" / "feature_events")
    (here / "raw" / "logins.csv").symlink_to(here / "elsewhere" / "logins.csv")
    (here / "raw" / "loop").symlink_to(here / "raw")
    before = of(here)
    for name in ("logins.csv", "feature_events/2024/a.parquet"):
        with (here / "elsewhere" / name).open("a") as file:
            file.write("3\n")
        assert name in difference(before, of(here))
        before = of(here)


def test_settings_are_noticed(here: Path) -> None:
    before = of(here)
    for now, expected in (
        (of(here, {"gross_margin": 0.7}), "var changed since: gross_margin"),
        (of(here, {"new_var": 1}), "var changed since: new_var"),
        (of(here, as_of=date(2026, 9, 19)), "as of 2026-09-20, not 2026-09-19"),
        (of(here, environment={"EMAIL_HASH_SALT": "x"}), "EMAIL_HASH_SALT or a DBT_"),
        (of(here, environment={"DBT_TARGET": "prod"}), "EMAIL_HASH_SALT or a DBT_"),
        (of(here, environment={"RAW_LOCATION": str(here)}), "raw data is"),
        (
            of(here, environment={"DBT_PROFILES_DIR": str(here / "profiles")}),
            "file changed since: profiles.yml",
        ),
    ):
        assert expected in difference(before, now)
    other = replace(before, versions={**before.versions, "duckdb": "1.0.0"})
    assert difference(before, other) == "version changed since: duckdb"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"RAW_DATABASE": "postgres:dbname=x", "RAW_LOCATION": ""}, "is a database"),
        ({"RAW_LOCATION": "s3://bucket/x"}, "is in a bucket"),
        ({"RAW_LOCATION": "no/such/folder"}, "cannot be listed"),
    ],
)
def test_data_without_a_version(
    here: Path, environment: dict[str, str], expected: str
) -> None:
    found = of(here, environment=environment)
    assert expected in difference(found, found)
    assert found.events == ""


def test_event_days_depend_on_staging_and_not_on_marts(here: Path) -> None:
    before = of(here).events
    (here / "project" / "models" / "marts" / "churn.sql").write_text("select 3")
    assert of(here).events == before
    for name in ("models/staging/sources.yml", "macros/ratio.sql", "dbt_project.yml"):
        file = here / "project" / name
        file.write_text(file.read_text() + "\nmore: 1")
        assert of(here).events != before
        before = of(here).events


# -- reuse -----------------------------------------------------------------------------

SUITE = SuiteResult(
    *("raw_logins", "raw.raw_logins", True, [], ["few rows"], 1, None),
    results=[CheckResult("volume", "warning", "3", "4", "look")],
)
GATES: dict[Gate, GateResult] = {
    "raw": GateResult("raw", [SUITE], Path("build/quality/raw.html"), 0.5),
    "marts": GateResult("marts", [], None, 0.5),
}


def make_database(file: Path, logins: int = 3, as_of: str = "2026-09-20") -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema staging")
        for table in ("base_logins", "base_feature_events"):
            connection.execute(
                f"""
                create table staging.{table} as
                select
                    date '2026-09-01' as date_day, {logins} as row_count,
                    date '{as_of}' as validated_as_of, 'x' as input_fingerprint,
                    true as is_from_full_build
                union all
                select date '2026-09-19', {logins} * 2, date '{as_of}', 'x', false
                """
            )


class Place:
    """A database with the record of a build, and where a publish copies it to."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "warehouse.duckdb"
        self.candidate = folder / "candidate.duckdb"
        self.published = folder / "published.duckdb"
        self.artifacts = folder / "artifacts"
        self.target = folder / "target"
        self.config = project_vars()
        for name in finished_build.ARTIFACTS:
            self.target.mkdir(exist_ok=True)
            (self.target / name).write_text("{}")
        (self.target / "docs").mkdir()
        (self.target / "docs" / "raw.html").write_text("page")
        make_database(self.database)

    def record(self, *, failed: int = 0, reads_all_events: bool = True) -> None:
        finished_build.write(
            self.database,
            fingerprint(
                as_of_date(self.config, read_settings()), self.config, read_settings()
            ),
            failed=failed,
            reads_all_events=reads_all_events,
            gates=GATES,
            artifacts=self.target,
            docs=self.target / "docs",
        )

    def reuse(self, *, full_refresh: bool = False) -> str:
        gates, line = reuse(
            self.candidate,
            self.published,
            self.config,
            read_settings(),
            self.artifacts,
            full_refresh=full_refresh,
        )
        assert (gates is None) == line.startswith("Builds all layers: ")
        assert (gates is None) == (not self.candidate.exists())
        assert gates is None or gates == GATES
        return line


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("RAW_LOCATION", "RAW_DATABASE", "AS_OF_DATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DUCKDB_PATH", str(tmp_path / "warehouse.duckdb"))
    monkeypatch.setenv("EMAIL_HASH_SALT", "correct horse battery staple")
    return Place(tmp_path)


def test_a_finished_build_is_copied(place: Place) -> None:
    place.record()
    assert place.reuse().startswith("Not built again: ")
    assert place.candidate.read_bytes() == place.database.read_bytes()
    assert (place.artifacts / "manifest.json").exists()
    assert (place.artifacts / "quality" / "raw.html").read_text() == "page"
    record = finished_build.folder_of(place.database) / finished_build.RECORD
    assert "correct horse" not in record.read_text()


def test_why_a_build_is_not_used(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not as `make build` finished it" in place.reuse()
    place.record()
    assert "--full-refresh" in place.reuse(full_refresh=True)
    with build_lock(place.database):
        assert "is running" in place.reuse()
    place.record(failed=5)
    assert "the last build of" in place.reuse()
    place.record(reads_all_events=False)
    assert "an earlier build read" in place.reuse()
    place.record()
    place.config["gross_margin"] = 0.5
    assert "var changed since: gross_margin" in place.reuse()
    place.config = project_vars()
    monkeypatch.setenv("AS_OF_DATE", "2026-09-19")
    assert "as of 2026-09-20, not 2026-09-19" in place.reuse()
    monkeypatch.delenv("AS_OF_DATE")
    monkeypatch.setenv("EMAIL_HASH_SALT", "another")
    assert "EMAIL_HASH_SALT" in place.reuse()
    monkeypatch.setenv("EMAIL_HASH_SALT", "correct horse battery staple")
    assert place.reuse().startswith("Not built again: ")
    place.candidate.unlink()
    with duckdb.connect(str(place.database)) as connection:
        connection.execute("create table staging.more (x int)")
    assert "not as `make build` finished it" in place.reuse()
    monkeypatch.setenv("DUCKDB_PATH", str(place.database.with_name("other.duckdb")))
    assert "there is no" in place.reuse()
    make_database(place.database.with_name("other.duckdb"))
    assert "is not named warehouse.duckdb" in place.reuse()


@pytest.mark.parametrize(
    ("logins", "as_of", "is_used"),
    [(3, "2026-09-20", True), (4, "2026-09-20", False), (4, "2026-09-04", True)],
    ids=["the same days", "another number", "no final day"],
)
def test_final_days_of_the_published_build(
    place: Place, logins: int, as_of: str, is_used: bool
) -> None:
    make_database(place.published, logins, as_of)
    if is_used:  # an open day may differ
        with duckdb.connect(str(place.published)) as connection:
            connection.execute(
                "update staging.base_logins set row_count = 99"
                " where date_day = date '2026-09-19'"
            )
    place.record()
    assert place.reuse().startswith("Not built again: ") == is_used


def test_a_published_build_of_other_inputs_is_not_continued(place: Place) -> None:
    make_database(place.published, 4)
    with duckdb.connect(str(place.published)) as connection:
        for table in finished_build.EVENT_TABLES:
            connection.execute(f"update {table} set input_fingerprint = 'y'")
    place.record()
    assert place.reuse().startswith("Not built again: ")


@pytest.mark.xdist_group(MAIN_JOB)
def test_a_publish_right_after_a_build(demo_database: Path, tmp_path: Path) -> None:
    paths = PublishPaths(tmp_path / "publish", tmp_path / "builds")
    with alone():
        done = pipeline(
            *("publish", "--no-dashboards"),
            environment={
                "DUCKDB_PATH": str(demo_database),
                "PUBLISH_FOLDER": str(paths.readers),
                "BUILDS_FOLDER": str(paths.private),
            },
        )
    assert done.returncode == 0, done.stdout
    assert "Not built again: build/ci/warehouse.duckdb" in done.stdout
    assert "dbt build" not in done.stdout
    assert "0 warnings of the gates" in done.stdout
    for name in ("manifest.json", "run_results.json", "quality/index.html"):
        assert (paths.artifacts / name).exists(), name
    with duckdb.connect() as connection:
        for name, file in (("built", demo_database), ("published", paths.published)):
            connection.execute(f"attach '{file}' as {name} (read_only)")
        for column in ("churn_rate", "mrr_at_end"):
            query = f"select list({column} order by date_month) from "
            query += "{}.marts.monthly_churn"
            rows = [
                connection.execute(query.format(name)).fetchone()
                for name in ("built", "published")
            ]
            assert rows[0] == rows[1]


def test_every_folder_of_code_is_there() -> None:
    found = finished_build.code_hashes(ROOT)
    for folder, endings in finished_build.CODE.items():
        names = [name for name in found if name.startswith(f"{folder}/")]
        assert len(names) >= 1
        assert {Path(name).suffix for name in names} <= set(endings)
    # whatever git knows in these folders is hashed
    for folder in ("models", "macros", "seeds"):
        for file in (ROOT / folder).rglob("*.*"):
            if file.suffix in {".sql", ".yml", ".csv"}:
                assert file.relative_to(ROOT).as_posix() in found

"""Copies of the published build: equal, whole, and readers never wait or see half."""

from __future__ import annotations

import io
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from rich.console import Console

from pipeline.extensions import load_extension
from pipeline.hashes import hash_of
from pipeline.project import InputError
from pipeline.publish import manifest as manifests
from pipeline.publish.lock import publisher_lock
from pipeline.publish.paths import PublishPaths
from pipeline.targets import check_targets, copy_to
from pipeline.targets.build import Build
from tests.python.conftest import MAIN_JOB
from tests.python.input_formats import free_port, postgres_server

pytestmark = pytest.mark.xdist_group(MAIN_JOB)

PASSWORD = "s3cret:pass@word"
ENCODED = "s3cret%3Apass%40word"


@dataclass
class Published:
    """A published build, and what a copy of it prints."""

    paths: PublishPaths
    monkeypatch: pytest.MonkeyPatch
    environment: dict[str, str] = field(default_factory=dict)

    def set(self, **environment: str) -> None:
        for name, value in environment.items():
            self.monkeypatch.setenv(name, value)

    def copy(self, target: str) -> tuple[int, str]:
        console = Console(width=1000, record=True, file=io.StringIO())
        return copy_to(console, [target]), console.export_text()

    def change(self, build_id: str, *statements: str) -> None:
        """Publish another build, which these statements make of this one."""
        changed = self.paths.readers / "changed.duckdb"
        shutil.copy(self.paths.published, changed)
        with duckdb.connect(str(changed)) as connection:
            for statement in statements:
                connection.execute(statement)
        manifest = json.loads(self.paths.manifest.read_text())
        manifest |= {"build_id": build_id, "file_sha256": hash_of(changed)}
        changed.replace(self.paths.published)
        manifests.write(manifest, self.paths.manifest)


# Enough for most tests; the demo has more than 50.
SOME = {
    *("dim_accounts", "dim_dates", "kpi_monthly", "monthly_churn", "nps_monthly"),
    "user_lifecycle",
}


@pytest.fixture
def published(
    published_demo: PublishPaths,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Published:
    paths = PublishPaths(tmp_path / "publish", tmp_path / "builds")
    paths.make()
    for file in (published_demo.published, published_demo.manifest):
        shutil.copy(file, paths.readers)
    if "every_mart" not in request.node.name:
        leave_some(paths)
    made = Published(paths, monkeypatch)
    made.set(
        PUBLISH_FOLDER=str(paths.readers),
        BUILDS_FOLDER=str(paths.private),
        PARQUET_FOLDER=str(tmp_path / "lake"),
    )
    return made


def leave_some(paths: PublishPaths) -> None:
    with duckdb.connect(str(paths.published)) as connection:
        marts = connection.execute("select table_name from duckdb_tables()").fetchall()
        for (mart,) in marts:
            if mart not in SOME:
                connection.execute(f"drop table marts.{mart}")
    manifest = json.loads(paths.manifest.read_text("utf-8"))
    manifest["marts"] = {mart: manifest["marts"][mart] for mart in SOME}
    manifest["file_sha256"] = hash_of(paths.published)
    manifests.write(manifest, paths.manifest)


# -- PostgreSQL ------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A server, and a database of the test's own."""

    port: int
    database: str

    def url(self, user: str = f"boss:{ENCODED}") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{self.database}"

    @contextmanager
    def connected(self, user: str = f"boss:{ENCODED}") -> Iterator[Any]:
        with psycopg.connect(self.url(user), autocommit=True) as connection:
            yield connection

    def all(self, query: str) -> list[tuple[Any, ...]]:
        with self.connected() as connection:
            return list(connection.execute(query).fetchall())

    def schemas(self) -> list[str]:
        found = self.all("select nspname from pg_namespace where nspname ~ '^marts'")
        return sorted(name for (name,) in found)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with postgres_server(PASSWORD) as port:
        yield port


@pytest.fixture
def server(port: int, published: Published, request: pytest.FixtureRequest) -> Server:
    name = f"d{abs(hash(request.node.name))}"
    with Server(port, "postgres").connected() as connection:
        connection.execute(f"create database {name}")
    server = Server(port, name)
    published.set(PUBLISH_POSTGRES=server.url())
    return server


def test_postgres_has_every_mart_with_comments_keys_and_readers(
    published: Published, server: Server
) -> None:
    code, output = published.copy("postgres")
    assert code == 0, output
    assert PASSWORD not in output
    with duckdb.connect(str(published.paths.published), read_only=True) as connection:
        load_extension(connection, "postgres_scanner")
        connection.execute(f"attach '{server.url()}' as pg (type postgres, read_only)")
        marts = connection.execute(
            "select table_name, comment from duckdb_tables()"
            " where database_name = 'warehouse' and schema_name = 'marts'"
        ).fetchall()
        assert len(marts) > 50
        for mart, _ in marts:
            rows = connection.execute(
                f"select count(*) from ((from warehouse.marts.{mart} except all"
                f" from pg.marts.{mart}) union all (from pg.marts.{mart} except all"
                f" from warehouse.marts.{mart}))"
            ).fetchone()
            assert rows == (0,), mart
        described = connection.execute(
            "select table_name || '.' || column_name, comment from duckdb_columns()"
            " where database_name = 'warehouse' and schema_name = 'marts'"
        ).fetchall()
    in_postgres = server.all(
        "select relname || coalesce('.' || attname, ''),"
        " obj_description(c.oid, 'pg_class'), col_description(c.oid, attnum)"
        " from pg_class c left join pg_attribute a on attrelid = c.oid and attnum > 0"
        " where relnamespace = 'marts'::regnamespace and relkind = 'r'"
    )
    columns = {name: comment for name, _, comment in in_postgres}
    assert columns == {name: " ".join(text.split()) for name, text in described}
    assert {name.split(".")[0]: text for name, text, _ in in_postgres} == {
        mart: " ".join(text.split()) for mart, text in marts
    }
    keys = {
        table: (kind, names)
        for table, kind, names in server.all(
            "select conrelid::regclass::text, contype::text,"
            " array_agg(attname order by attnum) from pg_constraint"
            " join pg_attribute on attrelid = conrelid and attnum = any (conkey)"
            " where connamespace = 'marts'::regnamespace group by 1, 2"
        )
    }
    assert len(keys) == len(marts)
    assert keys["marts.kpi_monthly"] == ("p", ["date_month", "metric"])
    [(about,)] = server.all(
        "select obj_description('marts'::regnamespace, 'pg_namespace')"
    )
    assert "build 20260920T000000000000Z, as of 2026-09-20" in about
    assert server.schemas() == ["marts"]


def test_a_reader_reads_and_does_nothing_else(
    published: Published, server: Server
) -> None:
    assert published.copy("postgres")[0] == 0
    reader = f"anna{server.port}"
    with server.connected() as connection:
        connection.execute("create table public.salaries (amount int)")
        connection.execute(
            f"create role {reader} login password 'a' in role customer_success_readers"
        )
    for _ in range(2):  # before a swap, and after it
        with server.connected(f"{reader}:a") as connection:
            [rows] = connection.execute("select count(*) from marts.monthly_churn")
            assert rows[0] > 30
            for statement in (
                "delete from marts.monthly_churn",
                "update marts.monthly_churn set churn_rate = 0",
                "create table marts.mine (x int)",
                "drop table marts.monthly_churn",
                "select * from public.salaries",
                "create schema mine",
                "truncate marts.kpi_monthly",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
        assert published.copy("postgres")[0] == 0


def test_readers_never_see_half_and_never_wait(
    published: Published, server: Server
) -> None:
    # In each build, two marts have its number in every row.
    both = (
        "update marts.monthly_churn set customers_at_start = {0}",
        "update marts.kpi_monthly set value = {0}",
    )
    published.change("20260920T000000000001Z", *(one.format(1) for one in both))
    assert published.copy("postgres")[0] == 0
    seen: list[tuple[Any, ...]] = []
    errors: list[str] = []
    stop = threading.Event()

    def read() -> None:
        with server.connected() as connection:
            connection.execute("set statement_timeout = '5s'")
            while not stop.is_set():
                try:
                    found = connection.execute(
                        "select"
                        " (select min(customers_at_start) from marts.monthly_churn),"
                        " (select max(customers_at_start) from marts.monthly_churn),"
                        " (select min(value) from marts.kpi_monthly),"
                        " (select max(value) from marts.kpi_monthly)"
                    ).fetchone()
                    seen.append(found)
                except psycopg.Error as error:
                    errors.append(str(error))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for number in (2, 3, 4):
            statements = (one.format(number) for one in both)
            published.change(f"20260920T00000000000{number}Z", *statements)
            code, output = published.copy("postgres")
            assert code == 0, output
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert errors == []
    assert len(seen) > 100
    assert [row for row in seen if len({*row}) != 1] == []
    assert {row[0] for row in seen} == {1, 2, 3, 4}


def test_a_long_reader_keeps_its_build_and_blocks_nobody(
    published: Published, server: Server
) -> None:
    assert published.copy("postgres")[0] == 0
    with psycopg.connect(server.url()) as long:
        [before] = long.execute("select count(*) from marts.monthly_churn")
        code, output = published.copy("postgres")
        assert code == 0, output
        assert "still read, dropped by the next copy: marts_old_1_" in output
        assert len(server.schemas()) == 2
        assert server.all("select count(*) from marts.monthly_churn") == [before]
    assert published.copy("postgres")[0] == 0
    assert server.schemas() == ["marts"]


def test_a_failure_leaves_what_readers_see(
    published: Published, server: Server
) -> None:
    assert published.copy("postgres")[0] == 0
    before = server.all("select * from marts.kpi_monthly order by 1, 2")
    published.change(
        "20260920T000000000009Z",
        "update marts.kpi_monthly set value = 7",
        "update marts.user_lifecycle set date_month = date '2026-01-01'",  # its key
    )
    code, output = published.copy("postgres")
    assert code == 11
    assert "user_lifecycle: could not create unique index" in output
    assert "copy-to postgres" in output
    assert server.all("select * from marts.kpi_monthly order by 1, 2") == before
    assert server.schemas() == ["marts"]


def test_a_value_that_is_stored_otherwise_is_found(
    published: Published, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Build.write

    def other(self: Build, table: Any, file: Path, options: str) -> None:
        write(self, table, file, options)
        if table.name == "monthly_churn" and file.suffix == ".csv":
            text = file.read_text("utf-8")
            file.write_text(text.replace("2024-03-01", "2023-03-01", 1), "utf-8")

    monkeypatch.setattr(Build, "write", other)
    code, output = published.copy("postgres")
    assert code == 11
    assert "monthly_churn: 2 rows were not stored as they are" in output
    assert server.schemas() == []


def test_unusual_values_are_stored_as_they_are(
    published: Published, server: Server
) -> None:
    values = ["", "NULL", "\\N", '"', 'a"b,c', "a\nb", "\r\n", "é\u3000😀", " x "]
    published.change(
        "20260920T000000000008Z",
        *(
            "update marts.dim_accounts set account_name = '"
            + value.replace("'", "''")
            + "' where account_id = (select account_id from marts.dim_accounts"
            + f" order by account_id limit 1 offset {number})"
            for number, value in enumerate(values)
        ),
        "update marts.dim_accounts set account_name = null where account_id = 'A0100'",
        "update marts.kpi_monthly set value = 'inf', lower = 'nan', upper = 1e-310"
        " where metric = 'nps'",
    )
    code, output = published.copy("postgres")
    assert code == 0, output
    found = server.all(
        "select account_name from marts.dim_accounts order by account_id"
        f" limit {len(values)}"
    )
    assert [name for (name,) in found] == values
    assert server.all(
        "select account_name is null from marts.dim_accounts where account_id = 'A0100'"
    ) == [(True,)]


def test_what_is_not_ours_is_left_alone(published: Published, server: Server) -> None:
    with server.connected() as connection:
        connection.execute("create schema marts; create table marts.theirs (x int)")
    code, output = published.copy("postgres")
    assert code == 11
    assert "Schema marts exists, and was not made by this project" in output
    assert server.all("select count(*) from marts.theirs") == [(0,)]

    published.set(PUBLISH_POSTGRES_SCHEMA="marts_cs")
    assert published.copy("postgres")[0] == 0
    with server.connected() as connection:
        connection.execute(
            "create view public.mine as select * from marts_cs.dim_dates"
        )
    code, output = published.copy("postgres")
    assert code == 11
    assert "Views read the marts: public.mine." in output
    assert server.schemas() == ["marts", "marts_cs"]


def test_one_copy_at_a_time(published: Published, server: Server) -> None:
    with psycopg.connect(server.url()) as other:
        other.execute(
            "select pg_advisory_xact_lock(hashtext(%s))",
            ["Marts of the customer-success warehouse marts"],
        )
        code, output = published.copy("postgres")
    assert code == 11
    assert "Another copy into this database is running" in output
    with publisher_lock(published.paths.readers):
        assert published.copy("postgres")[0] == 6


def test_a_user_without_rights_is_reported(
    published: Published, server: Server
) -> None:
    with server.connected() as connection:
        connection.execute(f"create role plain{server.port} login password 'plain'")
    published.set(PUBLISH_POSTGRES=server.url(f"plain{server.port}:plain"))
    code, output = published.copy("postgres")
    assert code == 11
    assert "permission denied for database" in output
    with server.connected() as connection:
        connection.execute(
            f"grant create on database {server.database} to plain{server.port}"
        )
    published.set(PUBLISH_POSTGRES_READERS="nobody_yet")
    code, output = published.copy("postgres")
    assert code == 11
    assert "create role nobody_yet nologin" in output


SECRET = "hunter2secret"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{SECRET}@127.0.0.1:{{port}}/d",
        f"postgresql://u:{SECRET}@nowhere.invalid/d",
        f"postgresql://u:a@{SECRET}@127.0.0.1/d",
        f"postgresql://u:a/{SECRET}@127.0.0.1/d",
        f"postgresql://u:a?{SECRET}@127.0.0.1/d",
        f"postgresql://u:a#{SECRET}@127.0.0.1/d",
        f"host=127.0.0.1 port={{port}} user=u password={SECRET}",
        f"host=127.0.0.1 password='{SECRET}",
        f"{SECRET}",
        f"postgresql://u:{SECRET}@127.0.0.1:{{port}}/d?nonsense=1",
        f"postgresql://u@127.0.0.1:{{port}}/d?password={SECRET}",
    ],
)
def test_no_message_has_the_password(published: Published, url: str) -> None:
    published.set(PUBLISH_POSTGRES=url.format(port=free_port()))
    try:
        code, output = published.copy("postgres")
    except InputError as error:
        code, output = 3, str(error)
    assert code in (3, 11)
    assert "PUBLISH_POSTGRES" in output
    assert SECRET not in output


def test_a_wrong_password_is_reported_without_it(
    published: Published, server: Server
) -> None:
    published.set(PUBLISH_POSTGRES=server.url(f"boss:{SECRET}"))
    code, output = published.copy("postgres")
    assert code == 11
    assert "password authentication failed for user" in output
    assert SECRET not in output


@pytest.mark.parametrize(
    ("target", "environment", "message"),
    [
        ("oracle", {}, "There are: duckdb, postgres, parquet."),
        ("postgres", {"PUBLISH_POSTGRES": ""}, "PUBLISH_POSTGRES is not set"),
        ("postgres", {"PUBLISH_POSTGRES_SCHEMA": "public"}, "expected a name"),
        ("postgres", {"PUBLISH_POSTGRES_SCHEMA": 'a"; drop'}, "expected a name"),
        ("postgres", {"PUBLISH_POSTGRES_READERS": "pg_all"}, "expected a name"),
    ],
)
def test_a_wrong_setting_is_reported_before_a_build(
    published: Published, target: str, environment: dict[str, str], message: str
) -> None:
    published.set(PUBLISH_POSTGRES="postgresql://u@127.0.0.1/d")
    published.set(**environment)
    with pytest.raises(InputError) as raised:
        check_targets([target])
    assert message in str(raised.value)


# -- Parquet ---------------------------------------------------------------------------


def catalogue_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "catalogue.json").read_text("utf-8"))
    return found


def test_parquet_has_every_mart_and_a_catalogue(
    published: Published, tmp_path: Path
) -> None:
    code, output = published.copy("parquet")
    assert code == 0, output
    catalogue = catalogue_of(tmp_path / "lake")
    assert catalogue["build_id"] == "20260920T000000000000Z"
    assert len(catalogue["tables"]) > 50
    with duckdb.connect(str(published.paths.published), read_only=True) as connection:
        for table in catalogue["tables"]:
            file = tmp_path / "lake" / table["file"]
            assert hash_of(file) == table["sha256"]
            mart, parquet = f"marts.{table['name']}", f"read_parquet('{file}')"
            rows = connection.execute(
                f"select (select count(*) from {parquet}), count(*) from ("
                f"(from {mart} except all from {parquet}) union all"
                f" (from {parquet} except all from {mart}))"
            ).fetchone()
            assert rows == (table["rows"], 0), table["name"]
            described = connection.execute(f"describe {mart}").fetchall()
            assert [(c["name"], c["type"]) for c in table["columns"]] == [
                (name, kind) for name, kind, *_ in described
            ]
            assert all(len(c["description"]) > 5 for c in table["columns"])
            assert {*table["key"]} <= {c["name"] for c in table["columns"]}
    [folder] = [path for path in (tmp_path / "lake").iterdir() if path.is_dir()]
    assert folder.stat().st_mode & 0o777 == 0o755
    assert file.stat().st_mode & 0o777 == 0o644
    assert "already there" in published.copy("parquet")[1]


def test_a_reader_of_parquet_keeps_its_build_for_one_more(
    published: Published, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    published.paths.published.chmod(0o640)
    folders = []
    for number in (1, 2, 3):
        change = f"update marts.kpi_monthly set value = {number}"
        published.change(f"20260920T00000000000{number}Z", change)
        published.paths.published.chmod(0o640)
        assert published.copy("parquet")[0] == 0
        catalogue = catalogue_of(lake)
        folders.append(catalogue["folder"])
        [file] = [t["file"] for t in catalogue["tables"] if t["name"] == "kpi_monthly"]
        values = duckdb.sql(f"select distinct value from '{lake / file}'").fetchall()
        assert values == [(number,)]
    # Those may read it who may read the published file.
    modes = {path.stat().st_mode & 0o777 for path in lake.rglob("*")}
    assert modes == {0o640, 0o750}
    left = {path.name for path in lake.iterdir() if path.is_dir()}
    assert left == {*folders[1:]}


def test_a_parquet_file_that_differs_is_not_published(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert published.copy("parquet")[0] == 0
    before = catalogue_of(tmp_path / "lake")
    published.change("20260920T000000000005Z", "update marts.kpi_monthly set value = 1")
    write = Build.write

    def other(self: Build, table: Any, file: Path, options: str) -> None:
        write(self, table, file, options)
        if table.name == "nps_monthly":
            duckdb.sql(f"select * from '{file}' limit 3").write_parquet(f"{file}.x")
            Path(f"{file}.x").replace(file)

    monkeypatch.setattr(Build, "write", other)
    code, output = published.copy("parquet")
    assert code == 11
    assert "nps_monthly" in output
    assert catalogue_of(tmp_path / "lake") == before
    assert not [*(tmp_path / "lake").glob(".candidate*")]


def test_nothing_published_is_reported(published: Published, tmp_path: Path) -> None:
    published.paths.published.unlink()
    code, output = published.copy("parquet")
    assert code == 11
    assert "publish first" in output


def test_a_copy_reaches_nothing_but_its_folder(
    published: Published, tmp_path: Path
) -> None:
    from pipeline.targets.build import opened

    (tmp_path / "work").mkdir()
    with opened(published.paths.published, tmp_path / "work") as build:
        for statement in (
            "select * from read_csv('/etc/hostname')",
            f"copy marts.dim_dates to '{tmp_path / 'x.csv'}'",
            "set enable_external_access = true",
            "set allowed_directories = ['/']",
        ):
            with pytest.raises(duckdb.Error):
                build.connection.execute(statement)

"""Every way in gives the same marts for the same data, and keeps its secrets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
import yaml

from pipeline.extensions import extension_file, load_statement
from pipeline.project import InputError, project_vars
from pipeline.raw.connection import redacted, split_password, statements
from quality.gates import run_gate
from tests.oracle.rows import TABLES
from tests.python.conftest import ROOT, dbt, settings_of
from tests.python.input_formats import DataSet, cannot, free_port, postgres_server

pytestmark = pytest.mark.xdist_group("ways in")  # compared with one build, one server

# Its special characters want quoting in a URL and in a connection string.
PASSWORD = "hunter7f3a@/'\\ x"
TOKEN = "hunter7f3a"
RENAMED = {
    "logins": {"login_id": "Login", "logged_in_at": "At", "account_id": "Company"},
    "subscriptions": {"currency": "CurrencyCode", "started_on": "valid_from"},
    "surveys": {"response_id": "id", "sent_at": "Sent"},
    "exchange_rates": {"currency": "iso_code"},
}


@dataclass
class Built:
    """A data set, and what dbt made of its CSV folder."""

    data: DataSet
    database: Path


@dataclass
class Server:
    """A PostgreSQL server, and the port on which it listens."""

    port: int

    def url(self, name: str = "postgres") -> str:
        user = f"boss:{quote(PASSWORD, safe='')}"
        return f"postgresql://{user}@127.0.0.1:{self.port}/{name}"

    def words(self, name: str = "postgres") -> str:
        password = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
        return (
            f"postgres:host=127.0.0.1 port={self.port} user=boss"
            f" password = '{password}' dbname={name}"
        )

    def new_database(self, name: str) -> str:
        with duckdb.connect() as connection:
            connection.execute(load_statement("postgres_scanner"))
            connection.execute(f"attach '{self.url()}' as server (type postgres)")
            create = f"create database {name}"
            connection.execute(
                "call postgres_execute('server', ?, use_transaction = false)", [create]
            )
        return name


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where dbt builds, one data set after the other, so that it rarely parses from
    scratch."""
    return tmp_path_factory.mktemp("work")


def build(
    work: Path,
    database: Path,
    data: DataSet,
    environment: Mapping[str, str],
    config: Mapping[str, object] | None = None,
) -> Path:
    """All models, without the tests: they are not what may differ here."""
    (work / "warehouse.duckdb").unlink(missing_ok=True)
    done = dbt(
        work,
        "build",
        *("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"),
        environment={**data.environment, **environment},
        config={**data.config, **(config or {})},
    )
    assert done.returncode == 0, done.stdout[-6000:]
    shutil.move(work / "warehouse.duckdb", database)
    return database


def differences(one: Path, other: Path) -> list[str]:
    """What the marts of two builds do not share: columns, or rows and how many."""
    found = []
    query = (
        "select table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'marts' and database_name = '{}' order by all"
    )
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        columns = connection.execute(query.format("one")).fetchall()
        assert columns, "there was nothing to compare"
        assert columns == connection.execute(query.format("other")).fetchall()
        for mart in sorted({column[0] for column in columns}):
            for left, right in (("one", "other"), ("other", "one")):
                rows = connection.execute(
                    f"from {left}.marts.{mart} except all from {right}.marts.{mart}"
                ).fetchall()
                found += [f"{mart}, only in {left}: {row}" for row in rows[:3]]
    return found


def secrets_in(*folders: Path, token: str = TOKEN) -> list[str]:
    """Files that contain the password or another secret."""
    return [
        str(file)
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and token.encode() in file.read_bytes()
    ]


@pytest.fixture(scope="module")
def messy(work: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("messy")
    data = DataSet(folder / "csv", 1, clean=False)
    database = build(
        work, folder / "built.duckdb", data, {"RAW_LOCATION": str(folder / "csv")}
    )
    return Built(data, database)


@pytest.fixture(scope="module")
def clean(work: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("clean")
    data = DataSet(folder / "csv", 2, clean=True)
    database = build(
        work, folder / "built.duckdb", data, {"RAW_LOCATION": str(folder / "csv")}
    )
    return Built(data, database)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres_server(PASSWORD) as port:
        yield Server(port)


def summary(built: Built) -> tuple[int, int]:
    """Rejected rows, and months that customers paid for."""
    with duckdb.connect(str(built.database), read_only=True) as connection:
        found = connection.execute(
            "select (select count(*) from marts.rejected_rows),"
            " (select sum(customers_at_end) from marts.monthly_churn)"
        ).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


# ---- typed columns -----------------------------------------------------------------


def test_the_clean_data_is_worth_comparing(clean: Built) -> None:
    rejected, months = summary(clean)
    assert rejected == 0
    assert months > 100


@pytest.mark.long  # test_bucket reads Parquet, too
def test_parquet(clean: Built, work: Path, tmp_path: Path) -> None:
    # brackets and stars are no wildcards in the name of a folder
    folder = clean.data.parquet_folder(
        tmp_path / "raw [1] *?", typed=True, partitioned=("invoices", "users")
    )
    location = {"RAW_LOCATION": str(folder)}
    database = build(work, tmp_path / "built.duckdb", clean.data, location)
    assert differences(clean.database, database) == []


@pytest.mark.long  # test_your_data reads a DuckDB file, too
def test_duckdb(clean: Built, work: Path, tmp_path: Path) -> None:
    file = tmp_path / "theirs.duckdb"
    with duckdb.connect(str(file)) as connection:
        clean.data.in_duckdb(connection, "raw", typed=True)
    place = {"RAW_DATABASE": str(file)}
    database = build(work, tmp_path / "built.duckdb", clean.data, place)
    assert differences(clean.database, database) == []


def test_sqlite(clean: Built, work: Path, tmp_path: Path) -> None:
    file = clean.data.sqlite_file(tmp_path / "shop.sqlite", typed=True)
    home = tmp_path / "home"
    home.mkdir()
    place = {"RAW_DATABASE": str(file), "HOME": str(home)}
    database = build(work, tmp_path / "built.duckdb", clean.data, place)
    assert differences(clean.database, database) == []
    assert list(home.iterdir()) == []  # no extension was fetched


def test_postgres(clean: Built, work: Path, tmp_path: Path, server: Server) -> None:
    clean.data.in_postgres(server.url(), typed=True)
    place = {"RAW_DATABASE": server.url()}
    database = build(work, tmp_path / "built.duckdb", clean.data, place)
    assert differences(clean.database, database) == []
    # the raw gate reads what was validated, without access to the source
    place = {"RAW_DATABASE": server.words()}
    attach = statements(settings_of(place), project_vars())
    assert not [statement for statement in attach if TOKEN in statement]
    gate = run_gate(
        "raw",
        database,
        as_of_date=date.fromisoformat(clean.data.environment["AS_OF_DATE"]),
        config=project_vars(),
        docs_folder=tmp_path / "quality",
    )
    checked = {suite.name for suite in gate.suites if not suite.skipped_reason}
    assert checked >= {"subscriptions", "logins", "surveys"}
    assert secrets_in(work, tmp_path) == []


def test_packed_csv_and_json_lines(clean: Built, work: Path, tmp_path: Path) -> None:
    folder = clean.data.packed_folder(tmp_path / "kept out of target")
    location = {"RAW_LOCATION": str(folder)}
    database = build(work, tmp_path / "built.duckdb", clean.data, location)
    assert differences(clean.database, database) == []
    # neither what dbt compiled nor its log knows the place
    assert secrets_in(work, token=folder.name) == []


# ---- nothing but text, all kinds of it -----------------------------------------------


@pytest.mark.long
def test_the_messy_data_is_worth_comparing(messy: Built) -> None:
    rejected, months = summary(messy)
    assert rejected > 100
    assert months > 100


@pytest.mark.long
def test_duckdb_of_text(messy: Built, work: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "theirs.duckdb")) as connection:
        messy.data.in_duckdb(connection, "Export", typed=False)
    place = {"RAW_DATABASE": str(tmp_path / "theirs.duckdb")}
    database = build(
        work, tmp_path / "built.duckdb", messy.data, place, {"raw_schema": "export"}
    )
    assert differences(messy.database, database) == []


@pytest.mark.long
def test_sqlite_of_text(messy: Built, work: Path, tmp_path: Path) -> None:
    file = messy.data.sqlite_file(tmp_path / "shop.sqlite", typed=False)
    place = {"RAW_DATABASE": str(file)}
    database = build(work, tmp_path / "built.duckdb", messy.data, place)
    assert differences(messy.database, database) == []


@pytest.mark.long
def test_postgres_of_text(
    messy: Built, work: Path, tmp_path: Path, server: Server
) -> None:
    messy.data.in_postgres(server.url(server.new_database("messy")), typed=False)
    place = {"RAW_DATABASE": server.words("messy")}
    database = build(work, tmp_path / "built.duckdb", messy.data, place)
    assert differences(messy.database, database) == []


@pytest.mark.long
def test_parquet_of_text_with_other_names(
    messy: Built, work: Path, tmp_path: Path
) -> None:
    folder = messy.data.parquet_folder(
        tmp_path / "raw", typed=False, partitioned=tuple(TABLES), renamed=RENAMED
    )
    database = build(
        work,
        tmp_path / "built.duckdb",
        messy.data,
        {"RAW_LOCATION": str(folder)},
        {"raw_columns": RENAMED},
    )
    assert differences(messy.database, database) == []


@pytest.mark.long
def test_demo_folder(messy: Built, tmp_path: Path) -> None:
    """In a copy of the project whose demo is this data."""
    project = tmp_path / "project"
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.rstrip("\0").split("\0"):
        if (ROOT / name).is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, project / name, follow_symlinks=False)
    for file in (project / "demo" / "data").glob("*.csv"):
        if file.stem not in messy.data.absent:
            shutil.copy(messy.data.folder / file.name, file)
    config = {**messy.data.config, "absent_tables": messy.data.absent}
    done = subprocess.run(
        (
            *(sys.executable, "-m", "dbt.cli.main", "build"),
            *("--exclude-resource-type", "unit_test"),
            *("--exclude-resource-type", "test", "--vars", yaml.safe_dump(config)),
        ),
        cwd=project,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("RAW_")},
            **messy.data.environment,
            "DUCKDB_PATH": str(tmp_path / "warehouse.duckdb"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert differences(messy.database, tmp_path / "warehouse.duckdb") == []


def test_bucket(clean: Built, work: Path, tmp_path: Path) -> None:
    try:
        import boto3  # type: ignore[import-untyped]
        from moto.server import ThreadedMotoServer
    except ImportError as error:
        cannot(f"moto, which stands in for S3, cannot be imported: {error}")
    folder = clean.data.parquet_folder(
        tmp_path / "raw", typed=True, partitioned=("subscriptions",)
    )
    shutil.copy(clean.data.folder / "logins.csv", folder)
    (folder / "logins.parquet").unlink()
    port = free_port()
    environment = {
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": TOKEN,
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }
    moto = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    moto.start()
    try:
        bucket = boto3.client(
            "s3",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            region_name=environment["AWS_REGION"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        )
        bucket.create_bucket(
            Bucket="exports",
            CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        )
        for file in folder.rglob("*.*"):
            key = f"daily/{file.relative_to(folder)}"
            bucket.upload_file(str(file), "exports", key)
        place = {"RAW_LOCATION": "s3://exports/daily/", **environment}
        database = build(work, tmp_path / "built.duckdb", clean.data, place)
    finally:
        moto.stop()
    assert differences(clean.database, database) == []
    assert secrets_in(work) == []


# ---- unreachable sources are reported ----------------------------------------------


def test_the_wrong_schema_is_named(clean: Built, work: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "theirs.duckdb")) as connection:
        clean.data.in_duckdb(connection, "main", typed=False)
    place = {"RAW_DATABASE": str(tmp_path / "theirs.duckdb")}
    done = dbt(work, "seed", environment=place, config=clean.data.config)
    assert done.returncode != 0
    output = " ".join(done.stdout.split())
    assert "missing_schema: schema `raw` has no tables." in output
    assert "set var raw_schema: main in dbt_project.yml" in output


def test_a_server_that_does_not_answer(clean: Built, work: Path) -> None:
    place = {"RAW_DATABASE": Server(free_port()).url()}
    done = dbt(work, "seed", environment=place, config=clean.data.config)
    assert done.returncode != 0
    assert "RAW_DATABASE postgres 127.0.0.1" in done.stdout
    assert "nothing answers there" in done.stdout
    assert TOKEN not in done.stdout + done.stderr
    assert secrets_in(work) == []


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"RAW_DATABASE": "nowhere.db"}, "nowhere.db: no such file. Expected"),
        ({"RAW_DATABASE": "postgresql://u:p@ss@h/d"}, "an @ too many: write @ as %40"),
        ({"RAW_LOCATION": "gs://bucket/x"}, "only s3:// can be read"),
    ],
)
def test_places_that_are_none(environment: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        statements(settings_of(environment), project_vars())


def test_an_extension_that_is_not_there() -> None:
    with pytest.raises(InputError, match=r"DuckDB's extension spatial is missing"):
        extension_file("spatial")


@pytest.mark.parametrize(
    ("given", "place", "password"),
    [
        ("postgres:dbname=a host=b", "dbname=a host=b", None),
        ("postgres:dbname=a password=x host=b", "dbname=a  host=b", "x"),
        (r"postgres:password = 'it\'s \\' dbname=a", "dbname=a", r"it's \ "[:-1]),
        ("postgresql://u@h/d", "postgresql://u@h/d", None),
        ("postgres://u:p%40%2F@h:1/d", "postgres://u@h:1/d", "p@/"),
        ("postgresql://u:a?b#c@h/d", "postgresql://u@h/d", "a?b#c"),
        (
            "postgresql:///d?host=h&password=x&sslmode=require",
            "postgresql:///d?host=h&sslmode=require",
            "x",
        ),
    ],
)
def test_split_password(given: str, place: str, password: str | None) -> None:
    assert split_password(given) == (place, password)


def test_redacted() -> None:
    given = f"postgresql://u:{quote(PASSWORD, safe='')}@h/d"
    output = redacted(f'at "{given}" with {PASSWORD}', given)
    assert output == 'at "postgresql://u@h/d" with ***'
    assert redacted("no change", "some.duckdb") == "no change"

"""JDBC and ODBC tools read the marts from PostgreSQL: the same values, and no more."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.conftest import (  # the last two are fixtures
    MAIN_JOB,
    demo_database,  # noqa: F401
    published_demo,  # noqa: F401
)
from tests.python.test_targets import (
    Published,
    Server,
    port,  # noqa: F401
    published,  # noqa: F401
    server,  # noqa: F401
)

JAR = Path("/usr/share/java/postgresql.jar")  # Debian: libpostgresql-jdbc-java
DRIVER = "PostgreSQL Unicode"  # Debian: odbc-postgresql, and unixodbc for isql
READER = "anna"
ROWS = (
    "select date_month, churned_customers, churn_rate, mrr_at_end"
    " from marts.monthly_churn order by 1"
)
REFUSED = "42501"  # SQLSTATE: insufficient privilege

pytestmark = [pytest.mark.bi, pytest.mark.xdist_group(MAIN_JOB)]


def has_odbc() -> bool:
    if not shutil.which("isql"):
        return False
    found = subprocess.run(["odbcinst", "-q", "-d"], capture_output=True, check=False)
    return DRIVER.encode() in found.stdout


@pytest.fixture
def marts(published: Published, server: Server) -> list[tuple[Any, ...]]:  # noqa: F811
    """Copied to PostgreSQL, with a reader; the rows that a tool should get."""
    code, output = published.copy("postgres")
    assert code == 0, output
    with server.connected() as connection:
        connection.execute(f"drop role if exists {READER}")
        connection.execute(
            f"create role {READER} login password 'a' in role customer_success_readers"
        )
    with duckdb.connect(str(published.paths.published), read_only=True) as connection:
        rows = connection.execute(ROWS).fetchall()
    assert len(rows) > 30
    return comparable(rows)


def comparable(rows: list[Any]) -> list[tuple[Any, ...]]:
    """Dates as text, numbers with 12 digits, null as the drivers print it."""
    return [
        (str(day), *(None if one is None else f"{float(one):.12g}" for one in values))
        for day, *values in rows
    ]


def run(*command: str, given: str = "") -> list[str]:
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout, done.stderr
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]


def fields(text: str) -> tuple[str | None, ...]:
    return tuple(one if one not in ("", "null") else None for one in text.split("|"))


@pytest.mark.skipif(
    not (JAR.exists() and shutil.which("java")),
    reason="no PostgreSQL driver for JDBC, or no Java",
)
def test_jdbc(
    published: Published,  # noqa: F811
    server: Server,  # noqa: F811
    marts: list[tuple[Any, ...]],
) -> None:
    url = f"jdbc:postgresql://127.0.0.1:{server.port}/{server.database}"
    program = Path(__file__).with_name("Reader.java")
    lines = run("java", "-cp", str(JAR), str(program), url, READER, "a")
    rows = [fields(line)[1:] for line in lines if line.startswith("row|")]
    assert comparable(rows) == marts
    described = dict(
        line.split("|", 2)[1:] for line in lines if line.startswith("column|")
    )
    with duckdb.connect(str(published.paths.published), read_only=True) as connection:
        comments = connection.execute(
            "select column_name, comment from duckdb_columns()"
            " where table_name = 'monthly_churn'"
        ).fetchall()
    assert described == {name: " ".join(text.split()) for name, text in comments}
    assert lines[-1] == f"refused|{REFUSED}"


@pytest.mark.skipif(not has_odbc(), reason="no PostgreSQL driver for ODBC, or no isql")
def test_odbc(server: Server, marts: list[tuple[Any, ...]]) -> None:  # noqa: F811
    connection = (
        f"Driver={DRIVER};Servername=127.0.0.1;Port={server.port};"
        f"Database={server.database};Uid={READER};Pwd=a"
    )
    ask = ("isql", "-k", connection, "-b", "-v", "-d|")
    rows = [fields(line) for line in run(*ask, given=f"{ROWS}\n") if line[:2] == "20"]
    assert comparable(rows) == marts
    changed = run(*ask, given="update marts.monthly_churn set churn_rate = 0\n")
    assert any(REFUSED in line for line in changed), changed

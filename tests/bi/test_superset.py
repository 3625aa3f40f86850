"""Superset shows what the marts have, also after a publish, and nothing beside them."""

from __future__ import annotations

import calendar
import json
import os
import secrets
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from pipeline.hashes import hash_of
from pipeline.publish import manifest as manifests
from pipeline.publish.paths import DATABASE, MANIFEST, PublishPaths
from pipeline.publish.swap import swap
from tests.python.conftest import (  # the last two are fixtures
    MAIN_JOB,
    ROOT,
    demo_database,  # noqa: F401
    published_demo,  # noqa: F401
)
from tests.python.input_formats import free_port
from tests.python.probes import PROBES

PYTHON = ROOT / ".venv-superset" / "bin" / "python"
START = 600  # seconds; Superset makes its own database first

pytestmark = [
    pytest.mark.bi,
    pytest.mark.xdist_group(MAIN_JOB),
    pytest.mark.skipif(
        not PYTHON.exists(), reason=".venv-superset is not installed: make test-bi"
    ),
]

LATEST = (
    "from marts.kpi_monthly inner join marts.figures_as_of"
    " on date_month = latest_complete_month inner join marts.metric_catalogue"
    " using (metric)"
)
MONTHS = "where is_complete_month"
# What each chart of the dashboard shows, from the marts.
CHARTS = {
    "As of": "select as_of_date, latest_complete_month, note from marts.figures_as_of",
    "MRR": f"select value {LATEST} where metric = 'mrr_at_end'",
    "Customer churn rate": f"select value {LATEST} where metric = 'churn_rate'",
    "Net revenue retention, 12 months": (
        f"select value {LATEST} where metric = 'nrr_12m'"
    ),
    "NPS": f"select value {LATEST} where metric = 'nps'",
    "Customer churn rate by month, with its 95% interval": (
        "select date_month, churn_rate, churn_rate_lower, churn_rate_upper"
        f" from marts.monthly_churn {MONTHS}"
    ),
    "MRR at the end of each month": (
        f"select date_month, mrr_at_end from marts.monthly_churn {MONTHS}"
    ),
    "MRR movements by month": (
        "select date_month, movement_type, mrr_change"
        f" from marts.mrr_movements_monthly {MONTHS}"
    ),
    "Accounts by health band": (
        "select date_month, health_band, accounts"
        f" from marts.health_bands_monthly {MONTHS}"
    ),
    "All metrics of the latest complete month": (
        "select label, value, value_change, change_is, lower, upper, is_small_sample,"
        f" unit {LATEST}"
    ),
    "Paying accounts in the red or yellow band": (
        "select account_id, account_name, csm_owner, current_plan, current_mrr,"
        " health_score, top_driver, next_renewal_on, open_alerts"
        " from marts.customer_360 where health_band in ('red', 'yellow')"
        " and current_mrr > 0"
    ),
}


class Superset:
    """Its API, as a signed-in user."""

    def __init__(self, port: int, paths: PublishPaths) -> None:
        self.port = port
        self.paths = paths
        self.headers: dict[str, str] = {}
        cookies = urllib.request.HTTPCookieProcessor()
        self.opener = urllib.request.build_opener(cookies)

    def ask(self, path: str, body: object = None) -> tuple[int, Any]:
        """Status and answer of the API."""
        posted = {} if body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={**self.headers, **posted},
        )
        try:
            with self.opener.open(request, timeout=120) as answer:
                return int(answer.status), json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def sign_in(self, password: str) -> None:
        login = {"username": "admin", "password": password, "provider": "db"}
        status, answer = self.ask("/api/v1/security/login", login)
        assert status == 200, answer
        self.headers["Authorization"] = f"Bearer {answer['access_token']}"
        status, answer = self.ask("/api/v1/security/csrf_token/")
        assert status == 200, answer
        self.headers["X-CSRFToken"] = answer["result"]

    def listed(self, kind: str) -> list[dict[str, Any]]:
        status, found = self.ask(f"/api/v1/{kind}/?q=(page_size:100)")
        assert status == 200, found
        return [*found["result"]]

    def charts(self) -> dict[str, int]:
        return {one["slice_name"]: one["id"] for one in self.listed("chart")}

    def rows(self, chart: int) -> list[tuple[Any, ...]]:
        """What a chart shows, sorted."""
        status, found = self.ask(f"/api/v1/chart/{chart}/data/")
        assert status == 200, found
        [result] = found["result"]
        names = result["colnames"]
        return comparable(tuple(row[name] for name in names) for row in result["data"])

    def run(self, sql: str) -> tuple[int, Any]:
        """What SQL Lab answers."""
        [database] = self.listed("database")
        asked = {"database_id": database["id"], "sql": sql, "schema": "marts"}
        client = {"client_id": secrets.token_hex(5), "runAsync": False}
        return self.ask("/api/v1/sqllab/execute/", {**asked, **client})


def comparable(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows in one order: dates as JSON has them, numbers with 12 digits."""
    return sorted((tuple(map(plain, row)) for row in rows), key=str)


def plain(value: Any) -> Any:
    if isinstance(value, date):
        return float(calendar.timegm(value.timetuple()) * 1000)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return float(f"{value:.12g}")
    return value


def expected(paths: PublishPaths, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(paths.published), read_only=True) as connection:
        return comparable(connection.execute(sql).fetchall())


@pytest.fixture(scope="module")
def superset(
    published_demo: PublishPaths,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Superset]:
    """Superset over a copy of the published demo, which a test may replace."""
    folder = tmp_path_factory.mktemp("superset")
    paths = PublishPaths(folder / "publish", folder / "builds")
    paths.make()
    shutil.copy(published_demo.published, paths.published)
    shutil.copy(published_demo.manifest, paths.manifest)
    port = free_port()
    log = folder / "log"
    with log.open("w") as opened:
        server = subprocess.Popen(
            [
                *(str(PYTHON), "-m", "bi.superset.serve", "--port", str(port)),
                *("--work", str(folder / "work")),
            ],
            cwd=ROOT,
            env={**os.environ, "PUBLISH_FOLDER": str(paths.readers)},
            stdout=opened,
            stderr=subprocess.STDOUT,
        )
    try:
        found = Superset(port, paths)
        until = time.monotonic() + START
        while True:
            try:
                if found.ask("/api/v1/chart/")[0] == 401:
                    break
            except OSError:
                pass
            text = log.read_text(errors="replace")
            assert server.poll() is None, text[-3000:]
            assert time.monotonic() < until, text[-3000:]
            time.sleep(1)
        found.sign_in((folder / "work" / "admin_password").read_text())
        yield found
    finally:
        server.terminate()
        server.wait(timeout=30)


def wrong(superset: Superset) -> dict[str, Any]:
    """The charts that do not show what the published marts have."""
    charts = superset.charts()
    assert {*charts} == {*CHARTS}
    differ = {}
    for title, sql in CHARTS.items():
        found, marts = superset.rows(charts[title]), expected(superset.paths, sql)
        assert marts, title
        if found != marts:
            differ[title] = (found[:3], marts[:3])
    return differ


def test_the_dashboard_shows_what_the_marts_have(superset: Superset) -> None:
    [dashboard] = superset.listed("dashboard")
    status, found = superset.ask(f"/api/v1/dashboard/{dashboard['id']}/charts")
    assert status == 200
    assert {one["slice_name"] for one in found["result"]} == {*CHARTS}
    assert wrong(superset) == {}


def test_descriptions_of_columns_travel(superset: Superset) -> None:
    comments = {
        (mart, column): comment
        for mart, column, comment in expected(
            superset.paths,
            "select table_name, column_name, comment from duckdb_columns()"
            " where schema_name = 'marts'",
        )
    }
    compared = 0
    for dataset in superset.listed("dataset"):
        status, found = superset.ask(f"/api/v1/dataset/{dataset['id']}")
        assert status == 200
        if found["result"]["sql"]:
            continue
        for column in found["result"]["columns"]:
            key = (dataset["table_name"], column["column_name"])
            assert column["description"] == comments[key], key
            compared += 1
    assert compared > 50


def test_probes_in_sql_lab(superset: Superset) -> None:
    before = superset.paths.published.read_bytes()
    status, found = superset.run("select count(*) as n from marts.monthly_churn")
    assert status == 200, found
    assert found["data"][0]["n"] > 30
    passed = []
    for sql in PROBES:
        status, found = superset.run(sql)
        if status == 200:
            passed.append(sql)
        for secret in (str(superset.paths.readers), "/proc/"):
            if secret not in sql:
                assert secret not in str(found), sql
        assert "Traceback" not in str(found), sql
    # Superset runs several statements one by one, and each is checked.
    assert passed == ["select 1; select 2"]
    assert superset.paths.published.read_bytes() == before


def test_nobody_is_answered_who_has_not_signed_in(superset: Superset) -> None:
    stranger = Superset(superset.port, superset.paths)
    for path in ("chart/", "chart/1/data/", "dataset/1", "database/", "dashboard/1"):
        assert stranger.ask(f"/api/v1/{path}")[0] in (401, 404), path


def test_a_publish_while_it_runs(superset: Superset) -> None:
    paths = superset.paths
    title = "MRR movements by month"
    chart, before = superset.charts()[title], expected(paths, CHARTS[title])
    after = changed_build(paths, "20260921T000000000000Z", CHARTS[title])
    answers: list[Any] = []
    stop = threading.Event()

    def read_on() -> None:
        while not stop.is_set():
            try:
                answers.append(superset.rows(chart))
            except BaseException as error:
                answers.append(error)
                return

    readers = [threading.Thread(target=read_on) for _ in range(2)]
    for reader in readers:
        reader.start()
    while len(answers) < 4:
        time.sleep(0.1)
    swap(paths, "20260921T000000000000Z")
    seen = len(answers)
    while len(answers) < seen + 6:
        time.sleep(0.1)
    stop.set()
    for reader in readers:
        reader.join()
    # Each answer is of one build, the old or the new one, and none is an error.
    assert [one for one in answers if one not in (before, after)] == []
    assert answers[0] == before
    assert answers[-1] == after
    assert before != after
    assert wrong(superset) == {}


def changed_build(
    paths: PublishPaths, build_id: str, sql: str
) -> list[tuple[Any, ...]]:
    """A kept build with other values; what a query of it returns."""
    kept = paths.kept(build_id)
    kept.mkdir(parents=True)
    shutil.copy(paths.published, kept / DATABASE)
    with duckdb.connect(str(kept / DATABASE)) as connection:
        connection.execute("""
            update marts.mrr_movements_monthly set mrr_change = mrr_change * 2;
            update marts.kpi_monthly set value = value + 1;
            update marts.monthly_churn
                set churn_rate = churn_rate + 0.01, mrr_at_end = mrr_at_end + 1;
            update marts.health_bands_monthly set accounts = accounts + 1;
            update marts.customer_360 set account_name = account_name || ' II';
            update marts.figures_as_of set note = 'Another build.';
        """)
        found = comparable(connection.execute(sql).fetchall())
    manifest = manifests.read(paths.manifest)
    assert manifest
    manifest["build_id"] = build_id
    manifest["file_sha256"] = hash_of(kept / DATABASE)
    manifests.write(manifest, kept / MANIFEST)
    return found

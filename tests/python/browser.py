"""The demo as readers have it, its pages, and a browser: what tests of pages share."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console

from pipeline import dashboards
from pipeline.dashboards import dbt_charts
from pipeline.dashboards.site.reading import Build
from pipeline.hashes import hash_of
from pipeline.project import ROOT
from pipeline.publish import manifest as manifests
from pipeline.publish import published_file
from pipeline.publish.paths import DATABASE, MANIFEST, PublishPaths
from quality import pages as gate_reports
from quality.results import CheckResult, Gate, GateResult, SuiteResult
from tests.python.input_formats import cannot, free_port


@dataclass
class Published:
    """The demo as readers have it, with where its pages go."""

    paths: PublishPaths
    pages: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.paths.published), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PUBLISH_FOLDER": str(self.paths.readers),
            "BUILDS_FOLDER": str(self.paths.private),
            "DASHBOARDS_FOLDER": str(self.pages),
            "HISTORY_PATH": str(self.pages.with_name("history.duckdb")),
        }


MONTH = "(select latest_complete_month from marts.figures_as_of)"
# An account of the demo whose name is hostile in these builds.
HOSTILE = "A0013"
HOSTILE_NAME = "</title></script><script>console.error('planted')</script>\"'& Co"
BEFORE = "20260913T000000000000Z"
NOW = "20260920T000000000000Z"


@pytest.fixture(scope="session")
def published(
    demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Published:
    """What two runs of `make publish` leave, from the demo that is built already.

    In the build before, one alert is not yet open and another one still is, one account
    is in another band, and NPS of a month is different.
    """
    if not dbt_charts.installed():
        cannot("dbt Charts is not installed (it needs Python 3.11 to 3.13)")
    folder = tmp_path_factory.mktemp("dashboards")
    paths = PublishPaths(folder / "publish", folder / "builds")
    paths.make()
    # The build of the demo has just written it.
    marts = published_file.marts_of(ROOT / "target" / "manifest.json")
    published_file.write(demo_database, paths.published, marts, with_comments=False)
    kept = {build: paths.kept(build) / DATABASE for build in (BEFORE, NOW)}
    for file in kept.values():
        file.parent.mkdir()
    with duckdb.connect(str(paths.published)) as connection:
        for mart in ("customer_360", "dim_accounts"):
            connection.execute(
                f"update marts.{mart} set account_name = ? where account_id = ?",
                [HOSTILE_NAME, HOSTILE],
            )
    shutil.copyfile(paths.published, kept[BEFORE])
    with duckdb.connect(str(kept[BEFORE])) as connection:
        for statement in CHANGED_SINCE:
            connection.execute(statement)
    with duckdb.connect(str(paths.published)) as connection:
        connection.execute(
            "insert into marts.figures_reported"
            " select 2, latest_complete_month, 'nps', as_of_date, as_of_date, 7.75,"
            " 4.5, 3.25, 'late_data', 'surveys: 3 rows', ? from marts.figures_as_of",
            [NOW],
        )
    os.link(paths.published, kept[NOW])
    check = CheckResult("freshness", "warning", "9 days", "2 days", "ask", "select 1")
    suite = SuiteResult(
        *("raw.raw_logins", "raw_logins", True, [], ["a <warning>"]),
        checks=12,
        results=[check],
    )
    gates: dict[Gate, GateResult] = {
        "raw": GateResult("raw", [suite], folder / "raw.html", 0),
        "marts": GateResult("marts", [], folder / "marts.html", 0),
    }
    for number, (build, file) in enumerate(kept.items(), start=1):
        output = manifests.make(
            build,
            date.fromisoformat(f"{build[:4]}-{build[4:6]}-{build[6:8]}"),
            publish_number=number,
            file_hash=hash_of(file),
            marts={},
            headlines={"MRR": "59,366.37"},
            inputs={},
            gates=gates,
        )
        manifests.write(output, file.with_name(MANIFEST))
    manifests.write(output, paths.manifest)
    for result in gates.values():
        gate_reports.write(result, paths.artifacts / "quality", date(2026, 9, 20))
    return Published(paths, folder / "pages")


# How the build before is made from the present one.
_OF_ALERTS = "select {}(alert_id) from marts.account_alerts where {}"
CHANGED_SINCE = (
    "update marts.account_alerts set is_open = false where alert_id ="
    f" ({_OF_ALERTS.format('min', 'is_open')})",
    "update marts.account_alerts set is_open = true where alert_id ="
    f" ({_OF_ALERTS.format('max', 'not is_open')})",
    "update marts.customer_360 set health_band = 'thriving' where account_id ="
    " (select min(account_id) from marts.customer_360 where health_band = 'yellow')",
)


@pytest.fixture(scope="session")
def pages(published: Published) -> Path:
    """All pages, rendered so that a warning, or an empty chart, is a failure."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in published.environment().items():
            patch.setenv(name, value)
        console = Console(file=io.StringIO())
        code = dashboards.render(console, strict=True)
    assert code == 0, console.file.getvalue()  # type: ignore[attr-defined]
    return published.pages


@dataclass
class Browser:
    """A browser that keeps what a page complains of, and whom it asks."""

    chromium: Any
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, address: str) -> Any:
        # An open page of a server keeps asking it for news.
        for context in self.chromium.contexts:
            context.close()
        self.complaints.clear()
        self.asked.clear()
        page = self.chromium.new_page(viewport={"width": 1400, "height": 900})
        page.on("console", lambda output: self.complaints.append(output.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(address)
        return page


@contextmanager
def chromium() -> Iterator[Any]:
    """The system's Chromium, driven by playwright."""
    program = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if program is None:
        cannot("no chromium is installed (README: optional system packages)")
    if find_spec("playwright") is None:
        cannot("playwright is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=program,
            args=[
                *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
                *("--disable-background-networking", "--disable-component-update"),
                "--disable-sync",
            ],
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of pages."""
    with chromium() as started:
        yield Browser(started)


@contextmanager
def served(published: Published) -> Iterator[str]:
    """The address of `make serve`, once it answers; dct may still be starting."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "serve", "--port", str(port)],
        cwd=ROOT,
        env=published.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: process.poll() is not None or answers(f"{address}/"), seconds=60)
        assert process.poll() is None, process.stdout and process.stdout.read()
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        assert f"Ready: {address}/" in output


def answers(address: str) -> bool:
    """Whether a server answers there."""
    return status_of(urllib.request.Request(address)) == 200


def status_of(asked: urllib.request.Request) -> int:
    """The status of an answer; 0 without one."""
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something holds."""
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)


@contextmanager
def published_instead(published: Published, *statements: str) -> Iterator[None]:
    """Another build in place of the published one, changed by statements."""
    candidate = published.paths.readers / "next.duckdb"
    shutil.copyfile(published.paths.published, candidate)
    with duckdb.connect(str(candidate)) as connection:
        for statement in statements:
            connection.execute(statement)
    kept = published.paths.readers / "kept.duckdb"
    os.link(published.paths.published, kept)
    try:
        candidate.replace(published.paths.published)
        yield
    finally:
        kept.replace(published.paths.published)


def plain(text: str) -> str:
    """A text without what is for the eye: breaks, thin spaces, capitals, long minus."""
    text = re.sub(r"[\s\u200b-\u200f\u2060-\u206f]", "", text)
    return text.replace("\N{MINUS SIGN}", "-").casefold()


def changed_build(published: Published, folder: Path, *statements: str) -> Build:
    """A copy of the published build, changed by statements.

    It has its own place: DuckDB opens the file of a path once per process.
    """
    file = folder / "warehouse.duckdb"
    shutil.copyfile(published.paths.published, file)
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)
    return Build(file)


def rows(page: Any, table: str, *, visible: bool = True) -> list[list[str]]:
    """The cells of a table, as shown; by default without rows that are hidden."""
    found: list[list[str]] = page.evaluate(
        """([name, visible]) => [...document.querySelectorAll(
            `[data-table='${name}'] tbody tr`)]
            .filter(row => !visible || !row.hidden)
            .map(row => [...row.cells].map(cell => cell.innerText.trim()))""",
        [table, visible],
    )
    return [[plain(cell) for cell in row] for row in found]

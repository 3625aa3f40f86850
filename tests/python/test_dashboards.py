"""Dashboards select only, show what the marts hold, and fail where they cannot."""

from __future__ import annotations

import io
import os
import re
import shutil
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from rich.console import Console
from typer.testing import CliRunner

from pipeline import __main__ as command_line
from pipeline import docs
from pipeline.dashboards import catalogue, dbt_charts, folders, lineage, navigation
from pipeline.dashboards.navigation import Links, State
from pipeline.dashboards.render import draw
from pipeline.dashboards.site.tiles import ABOVE_CHARTS
from pipeline.exit_codes import DASHBOARDS_FAILED
from tests.python.browser import (
    NOW,
    Browser,
    Published,
    plain,
    published_instead,
    served,
    status_of,
)
from tests.python.conftest import ROOT, settings_of

# One process draws the pages.
pytestmark = pytest.mark.xdist_group("dashboards")

QUIET = Console(quiet=True)
# The tiles above the charts of dct are ours: tests/python/test_pages.py.
OF_TILES = {"figures_as_of", "data_quality_summary", "kpi_monthly", "metric_catalogue"}
OF_TILES |= {"metric_targets"}


def dashboard(name: str) -> dict[str, Any]:
    read = yaml.safe_load(
        (dbt_charts.CHARTS / f"{name}.yml").read_text(encoding="utf-8")
    )
    return dict(read)


# -- the content of charts/ ------------------------------------------------------------


def computed(sql: str) -> list[str]:
    """What in a query is more than selecting: arithmetic, functions, grouping."""
    text = re.sub(r"\{\{.*?\}\}", " true ", sql)
    text = re.sub(r"'[^']*'", "'text'", text)
    found = re.findall(r"[-+*/%|^]", text)
    found += [
        name
        for name in re.findall(r"(\w+)\s*\(", text.lower())
        if name not in {"coalesce", "in"}
    ]
    words = "group|having|over|window|distinct|pivot|unpivot|qualify|sample"
    return found + re.findall(rf"\b(?:{words})\b", text.lower())


@pytest.mark.parametrize("name", dbt_charts.DASHBOARDS)
def test_a_dashboard_selects_and_computes_nothing(name: str) -> None:
    queries = lineage.queries(dbt_charts.CHARTS / f"{name}.yml")
    assert queries
    assert [found for found in map(computed, queries.values()) if found] == []
    for sql in queries.values():
        tables = re.findall(r"\b(?:from|join)\s+([\w.]+)", sql.lower())
        assert tables
        assert all(table.startswith("marts.") for table in tables), sql
    # Nor does dct compute: it could sum, bin, and make shares of what it draws.
    text = (dbt_charts.CHARTS / f"{name}.yml").read_text(encoding="utf-8")
    for word in ("aggregate", "support_table", "normalize", "histogram", "svg", "expr"):
        assert word not in text


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select a - b as c from marts.x", ["-"]),
        ("select sum(mrr) from marts.x", ["sum"]),
        ("select a from marts.x group by a", ["group"]),
        ("select distinct a from marts.x", ["distinct"]),
        ("select * from marts.x", ["*"]),
        ("select a || 'b' from marts.x", ["|", "|"]),
        ("select round (a) from marts.x", ["round"]),
        ("select coalesce(a, 'b-c') from marts.x where {{ filter('a', b) }}", []),
    ],
)
def test_what_counts_as_computing(sql: str, found: list[str]) -> None:
    assert computed(sql) == found


def test_each_dashboard_is_an_exposure_of_the_marts_it_reads() -> None:
    assert {f.stem for f in dbt_charts.CHARTS.glob("*.yml")} == {
        *dbt_charts.DASHBOARDS,
        "meta",
    }
    for name in dbt_charts.DASHBOARDS:
        exposure = catalogue.exposures()[catalogue.exposure_name(name)]
        assert exposure["label"] == dashboard(name)["title"]
        assert exposure["owner"]["name"] and exposure["description"]
        marts = lineage.marts(dbt_charts.CHARTS / f"{name}.yml") | OF_TILES
        assert exposure["depends_on"] == [f"ref('{mart}')" for mart in sorted(marts)]


@pytest.mark.parametrize("name", dbt_charts.DASHBOARDS)
def test_tiles_are_ours(name: str) -> None:
    # dct's would have no target, month and sparkline, and a word for good or bad that
    # follows the sign, not the mart.
    assert ABOVE_CHARTS[name]
    kinds = {shown["type"] for shown in dashboard(name)["charts"].values()}
    assert kinds == {"bar", "line", "table"}


# -- in a browser ----------------------------------------------------------------------


def chart(page: Any, name: str) -> str:
    """All texts of a chart."""
    texts = page.locator(f"g.dbt-chart[data-chart-id='{name}'] text")
    return plain("".join(texts.all_text_contents()))


@pytest.mark.parametrize("name", dbt_charts.DASHBOARDS)
def test_a_page_opens_and_shows_every_section(
    name: str, published: Published, pages: Path, browser: Browser
) -> None:
    page = browser.open((pages / f"{name}.html").as_uri())
    read = dashboard(name)
    assert page.title() == read["title"]
    text = plain(page.locator("body").inner_text() + page.content())
    for shown in read["charts"].values():
        assert plain(shown.get("title") or shown["label"]) in text
    drawn = page.locator("g.dbt-chart").evaluate_all(
        "charts => charts.map(chart => chart.dataset.chartId)"
    )
    assert sorted(drawn) == sorted(read["charts"])
    [(note,)] = published.rows("select note from marts.figures_as_of")
    assert plain(note) in plain("".join(page.locator("text").all_text_contents()))
    assert browser.complaints == []
    shared = [(pages / "assets" / file).as_uri() for file in ("site.css", "site.js")]
    assert browser.asked == [page.url, *shared]
    links = page.locator("nav.pages a").evaluate_all("all => all.map(a => a.href)")
    assert links == [(pages / f"{other}.html").as_uri() for other in catalogue.PAGES]
    assert page.locator("nav.pages [aria-current]").all_text_contents() == [
        catalogue.title(name)
    ]
    assert NOW in page.locator("p.build").inner_text()
    # On a phone the drawing is moved sideways, not shrunk until nobody can read it.
    page.set_viewport_size({"width": 390, "height": 800})
    drawing = page.locator(".dbt-charts-svg-container > svg").bounding_box()
    assert drawing["width"] == 1400
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_charts_show_the_values_of_the_marts(
    published: Published, pages: Path, browser: Browser
) -> None:
    page = browser.open((pages / "onboarding-and-adoption.html").as_uri())
    for sql, name, shown in (
        (
            "select date_month, adoption_breadth from marts.product_adoption"
            " where is_complete_month and adoption_breadth is not null",
            "breadth",
            "{:.0%}",
        ),
        (
            "select date_month, adoption_depth from marts.product_adoption"
            " where is_complete_month and adoption_depth is not null",
            "depth",
            "{:.1f}",
        ),
    ):
        marks = page.locator(f"g.dbt-chart[data-chart-id='{name}'] [aria-label]")
        labels = marks.evaluate_all("all => all.map(mark => mark.ariaLabel)")
        output = [plain(label) for label in labels]
        rows = published.rows(sql)
        assert len(rows) > 20
        for month, value in rows:
            about = [text for text in output if plain(f"{month:%b %Y}") in text]
            assert [text for text in about if shown.format(value) in text], (
                *(name, month, value, about),
            )
    page.close()


def test_served_dashboards_have_the_navigation_and_see_a_new_publish(
    published: Published, browser: Browser
) -> None:
    with served(published) as address:
        # Our own pages are there before dct's, whose pages load once it has started.
        charts = f"{address}/onboarding-and-adoption/"
        page = browser.open(charts)
        page.wait_for_selector("g.dbt-chart", timeout=60_000)
        # Another name for this machine is another site's (DNS rebinding).
        for host, status in (("localhost", 200), ("evil.example", 400), ("", 400)):
            for path in ("/", "/health"):
                asked = urllib.request.Request(address + path, headers={"Host": host})
                assert status_of(asked) == status, (host, path)
        # A build running at the same time must not reload the page.
        page = browser.open(charts)
        page.evaluate("window.opened = true")
        busy = ROOT / "build" / "served_beside"
        for _ in range(10):
            busy.touch()
            page.wait_for_timeout(300)
        busy.unlink()
        assert page.evaluate("window.opened") is True
        links = page.locator("nav.pages a").evaluate_all("all => all.map(a => a.href)")
        assert [urllib.parse.urlparse(link).path for link in links] == [
            Links(served=True).page(name) for name in catalogue.PAGES
        ]
        assert {url.split("/")[2] for url in browser.asked} == {address[7:]}
        # dct's pages have no icon; a browser asks for one all the same.
        assert [c for c in browser.complaints if "404" not in c] == []
        tile = page.locator("article.tile[data-metric='login_ratio'] .value").first
        [(before, note)] = published.rows(
            "select value, note from marts.kpi_monthly inner join marts.figures_as_of"
            " on date_month = latest_complete_month where metric = 'login_ratio'"
        )
        assert tile.inner_text() == f"{before:.1%}"
        texts = page.locator(".dbt-charts-svg-container text")
        assert plain(note) in plain("".join(texts.all_text_contents()))
        with published_instead(
            published,
            "update marts.kpi_monthly set value = 0.4321 where metric = 'login_ratio'",
            "update marts.figures_as_of set note = 'Published in the meantime.'",
        ):
            page.reload()
            assert tile.inner_text() == "43.2%"
            drawn = plain("".join(texts.all_text_contents()))
            assert plain("Published in the meantime.") in drawn
        # Pages that dct drew before are ours now, at the addresses of ours.
        for old in ("company", "voice"):
            page.goto(f"{address}/{old}/")
            assert page.url == f"{address}/{old}.html"
        page.close()


def test_the_documentation_opens(tmp_path: Path, browser: Browser) -> None:
    page_file = tmp_path / "docs" / "index.html"
    assert docs.docs(QUIET, page_file) == 0
    page = browser.open(page_file.as_uri())
    page.get_by_role("heading", name="The metrics").wait_for()
    assert "Customer churn rate" in page.locator("body").inner_text()
    assert [url for url in browser.asked if url.startswith("http")] == []
    assert browser.complaints == []
    page.close()


# -- what fails ------------------------------------------------------------------------


def test_a_wrong_column_and_an_empty_chart_fail(
    published: Published, tmp_path: Path
) -> None:
    shutil.copyfile(ROOT / "dbt_charts.yml", tmp_path / "dbt_charts.yml")
    charts = tmp_path / "charts"
    charts.mkdir()
    good = "select date_month, cli as nps from marts.customer_loyalty_index where true"
    written = {
        "fine": (good, "nps"),
        "no-such-column": (good.replace("cli as", "icl as"), "nps"),
        "not-in-the-query": (good, "nsp"),
        "empty": (f"{good} and cli > 100", "nps"),
    }
    for name, (sql, y) in written.items():
        drawn = {"type": "bar", "query": "q", "x": "date_month", "y": y}
        output = {
            "source": "published",
            "queries": {"q": {"sql": f"{sql} order by date_month"}},
            "charts": {"c": {**drawn, "title": "NPS"}},
            "rows": ["c"],
        }
        (charts / f"{name}.yml").write_text(yaml.safe_dump(output), encoding="utf-8")
    found = draw(published.paths.published, tmp_path, charts, list(written))
    by_dashboard: dict[str, set[str]] = {}
    for finding in found:
        by_dashboard.setdefault(finding.dashboard, set()).add(finding.code)
    by_dashboard.pop("", None)  # what dct logs in addition to its findings
    assert set(by_dashboard) == set(written) - {"fine"}, found
    assert by_dashboard["empty"] == {dbt_charts.EMPTY}
    for name in ("no-such-column", "not-in-the-query"):
        assert any(f.fails(strict=False) for f in found if f.dashboard == name), found


def test_a_publish_succeeds_when_only_its_dashboards_fail(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever dct does, readers have the build, the pages are those of before, and the
    # exit code tells.
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.html").write_text("before")
    (pages / folders.MARKER).touch()
    monkeypatch.setenv("PUBLISH_FOLDER", str(published.paths.readers))
    monkeypatch.setenv("DASHBOARDS_FOLDER", str(pages))
    monkeypatch.setattr(command_line, "run_publish", lambda *_, **__: 0)
    broken = tmp_path / "dct"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(dbt_charts, "COMMAND", broken)
    done = CliRunner().invoke(command_line.app, ["publish"])
    assert done.exit_code == DASHBOARDS_FAILED
    assert {f.name for f in pages.iterdir()} == {"index.html", folders.MARKER}
    assert (pages / "index.html").read_text() == "before"
    assert [f for f in tmp_path.glob(".*candidate*") if f.is_dir()] == []
    # Without dct (Python 3.10) it publishes without pages.
    monkeypatch.setattr(dbt_charts, "COMMAND", tmp_path / "nowhere")
    assert CliRunner().invoke(command_line.app, ["publish"]).exit_code == 0
    for command in ("dashboards", "boards"):
        assert CliRunner().invoke(command_line.app, [command]).exit_code == 8


def test_nothing_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISH_FOLDER", str(tmp_path))
    for command in ("dashboards", "boards", "serve"):
        output = io.StringIO()
        monkeypatch.setattr(command_line, "console", Console(file=output))
        done = CliRunner().invoke(command_line.app, [command])
        assert done.exit_code == DASHBOARDS_FAILED
        assert "publish first, with `make publish`" in output.getvalue()


@pytest.mark.parametrize(
    ("content", "is_ours"),
    [
        ([], True),
        ([folders.MARKER, "index.html", "company.html"], True),
        ([folders.MARKER, "index.html", "my notes.txt"], False),
        (["index.html"], False),  # of somebody else's site
        (["thesis.docx"], False),
    ],
)
def test_only_our_own_folder_is_replaced(
    tmp_path: Path, content: list[str], is_ours: bool
) -> None:
    target = tmp_path / "pages"
    target.mkdir()
    for name in content:
        (target / name).write_text("before")
    if is_ours:
        with folders.replacing(target) as candidate:
            (candidate / "index.html").write_text("new")
        assert (target / "index.html").read_text() == "new"
        assert (target / folders.MARKER).exists()
        return
    with (
        pytest.raises(folders.FolderError, match=r"DASHBOARDS_FOLDER"),
        folders.replacing(target),
    ):
        pass
    assert {f.name for f in target.iterdir()} == set(content)


@pytest.mark.parametrize("kind", ["link", "broken link", "file"])
def test_a_link_or_a_file_is_not_replaced(tmp_path: Path, kind: str) -> None:
    target, other = tmp_path / "pages", tmp_path / "other"
    if kind == "file":
        target.touch()
    else:
        if kind == "link":
            other.mkdir()
        target.symlink_to(other)
    with (
        pytest.raises(folders.FolderError, match=r"is a (link|file), not a folder"),
        folders.replacing(target),
    ):
        pass
    assert target.is_symlink() or target.is_file()


def test_what_a_killed_render_left_is_removed(tmp_path: Path) -> None:
    for left in (f"{folders.UNFINISHED}-1", ".candidate-x/pages", ".candidate-y/mine"):
        (tmp_path / left).mkdir(parents=True)
    with folders.replacing(tmp_path / "pages"):
        found = {f.name for f in tmp_path.iterdir() if f.is_dir()}
        assert found == {f"{folders.UNFINISHED}-{os.getpid()}", ".candidate-y"}
        with (
            pytest.raises(folders.FolderError, match="Another process is rendering"),
            folders.replacing(tmp_path / "pages"),
        ):
            pass
    assert {f.name for f in tmp_path.iterdir() if f.is_dir()} == {
        *("pages", ".candidate-y"),
    }


def test_the_old_folder_variable_works_with_a_deprecation_notice(
    tmp_path: Path,
) -> None:
    output = io.StringIO()
    console = Console(file=output)
    old = {"BOARDS_FOLDER": str(tmp_path / "old")}
    assert folders.target(console, settings_of(old)) == tmp_path / "old"
    assert "DASHBOARDS_FOLDER" in output.getvalue()
    new = {**old, "DASHBOARDS_FOLDER": str(tmp_path / "new")}
    assert folders.target(console, settings_of(new)) == tmp_path / "new"
    assert folders.target(console, settings_of({})) == ROOT / "build" / "dashboards"


def test_pages_of_the_version_before_are_ours(tmp_path: Path) -> None:
    target = tmp_path / "boards"
    target.mkdir()
    (target / "index.html").write_text("<title>Boards</title>")
    (target / "company.html").touch()
    with folders.replacing(target):
        pass
    assert [f.name for f in target.iterdir()] == [folders.MARKER]


def test_a_page_that_is_none_is_not_passed_over(tmp_path: Path) -> None:
    page = tmp_path / "company.html"
    page.write_text("<p>no head")
    with pytest.raises(OSError, match="dbt Charts"):
        navigation.add_to_file(page, "company", State("", "", "", True), lambda _: None)


def test_links_to_accounts_lead_to_their_pages_or_nowhere() -> None:
    drawn = (
        '<a href="/account/A &amp; B">A</a><a href="/account/C%20D">C</a><a href="x">'
    )
    known = {"A & B": 'account/a"b.html'}
    assert navigation.with_account_links(drawn, known.get) == (
        '<a href="account/a&quot;b.html">A</a><a>C</a><a href="x">'
    )


def test_lists_of_accounts_link_their_pages(pages: Path, browser: Browser) -> None:
    for name in dbt_charts.DASHBOARDS:
        page = browser.open((pages / f"{name}.html").as_uri())
        links = page.locator("g.dbt-chart a[href]").evaluate_all(
            "all => all.map(a => a.getAttribute('href'))"
        )
        assert links
        for link in links:
            assert link.startswith("account/"), link
            assert (pages / link).exists(), link
        page.close()


def test_a_name_of_300_letters_fails_no_page(
    published: Published, tmp_path: Path
) -> None:
    file = tmp_path / "warehouse.duckdb"
    shutil.copyfile(published.paths.published, file)
    with duckdb.connect(str(file)) as connection:
        for mart in ("customer_360", "dim_accounts"):
            connection.execute(
                f"update marts.{mart} set account_name = repeat('W', 300),"
                " csm_owner = repeat('M', 300) where hash(account_id) % 5 = 0"
            )
    pages = tmp_path / "pages"
    pages.mkdir()
    found = draw(file, pages, dashboards=["onboarding-and-adoption"])
    assert [str(f) for f in found if f.fails(strict=False)] == []


@pytest.mark.parametrize(
    "code",
    [
        *("WARN-TABLE-COLUMNS-OVERFLOW", "WARN-KPI-ALIGN-OVERFLOW"),
        *("WARN-CALLOUT-TEXT-TRUNCATED", "WARN-VALUE-LABELS-CROWD-WIDTH"),
    ],
)
def test_values_that_are_too_long_are_the_days_data(code: str) -> None:
    finding = dbt_charts.Finding("warning", code, "accounts", "too long")
    assert not finding.fails(strict=False)
    assert finding.fails(strict=True)


def test_findings_about_data_do_not_fail_a_dashboard_but_others_do() -> None:
    for level, code, fails in (
        ("warning", dbt_charts.EMPTY, False),
        ("warning", "WARN-ENDPOINT-LABEL-RAIL-TIED", False),
        ("error", dbt_charts.EMPTY, True),
        ("warning", "WARN-QUERY-RESULT-TRUNCATED", True),
        ("warning", "WARN-UNREFERENCED-CHART", True),
        ("warning", "unreadable", True),
    ):
        finding = dbt_charts.Finding(level, code, "company", "said")
        assert (finding.fails(strict=False), finding.fails(strict=True)) == (
            fails,
            True,
        )


def test_what_is_not_understood_is_not_passed_over() -> None:
    output = (
        'Rendered charts/a.yml to a.html\nTraceback (most recent call last):\n\n{"x'
    )
    assert [f.code for f in dbt_charts.findings(output)] == ["unreadable", "unreadable"]

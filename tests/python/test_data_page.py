"""The data's own page: what came in, what was not used, and the rows to fix."""

from __future__ import annotations

import csv
import io
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from pipeline.dashboards.site import formats
from pipeline.dashboards.site.pages import Site
from pipeline.dashboards.site.reading import Build
from pipeline.dashboards.site.reports import reports_of
from pipeline.dashboards.site.served import Served
from pipeline.project import ROOT
from pipeline.publish import manifest as manifests
from pipeline.publish.paths import PublishPaths
from tests.python.browser import (
    Browser,
    Published,
    changed_build,
    plain,
    rows,
    served,
    status_of,
)

# One process draws the pages.
pytestmark = pytest.mark.xdist_group("dashboards")

TO_FIX = (
    "select source_table, row_key, reason, occurrence, detected_on, raw_row"
    " from marts.rejected_rows"
    " where reason not in ('filtered', 'deleted_at_source', 'merged_account')"
    " order by source_table, reason, row_key, occurrence"
)


def csv_rows(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def whole(value: object) -> str:
    return "—" if value is None else f"{value:,}"


def test_each_table_says_what_came_in_and_how_fresh_it_is(
    published: Published, pages: Path, browser: Browser
) -> None:
    page = browser.open((pages / "data-quality.html").as_uri())
    expected = published.rows(
        "select source_table, rows_in, accepted, rejected, rejection_rate, filtered,"
        " deleted_at_source, inferred_ids, history_from,"
        " strftime(latest_row_at, '%Y-%m-%d%H:%M'), days_since_latest_row, freshness"
        " from marts.data_quality_summary order by 1"
    )
    shown = rows(page, "tables")
    assert len(shown) == len(expected) > 10
    for found, row in zip(shown, expected, strict=True):
        name, *counts, history_from, newest, days, fresh = row
        assert found[0] == name
        rate = "—" if counts[3] is None else f"{counts[3]:.2%}"
        assert found[1:8] == [*map(whole, counts[:3]), rate, *map(whole, counts[4:])]
        assert found[8:11] == [str(history_from or "—"), newest or "—", whole(days)]
        assert found[11].lstrip("✓!✗") == (fresh or "norows")
    assert {row[11][0] for row in shown if row[11] != "norows"} <= {*"✓!✗"}
    page.close()


def test_each_reason_is_counted_and_in_words(
    published: Published, pages: Path, browser: Browser
) -> None:
    page = browser.open((pages / "data-quality.html").as_uri())
    expected = published.rows(
        "select source_table, reason, rejected_rows from marts.rejections_by_reason"
        " order by 3 desc, 1, 2"
    )
    shown = rows(page, "rejections")
    assert [[row[0], row[1], row[3]] for row in shown] == [
        [table, code, f"{count:,}"] for table, code, count in expected
    ]
    assert [row[2] for row in shown] == [
        plain(formats.reason(code)) for _, code, _ in expected
    ]
    assert {row[4] == "yes" for row in shown if row[1] in formats.AS_MEANT} <= {False}
    assert {row[4] for row in shown if row[1] not in formats.AS_MEANT} == {"yes"}
    page.close()


def test_every_documented_reason_has_words() -> None:
    text = (ROOT / "docs" / "rejections.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `([\w<>]+)` \|", text, re.MULTILINE)
    assert len(documented) >= 13
    for code in documented:
        words = formats.reason(code.replace("<column>", "amount"))
        assert " " in words, code
    assert {*formats.REASONS} == {code for code in documented if "<" not in code}
    assert formats.reason("invalid_amount").startswith("amount is out of range")
    assert formats.reason("of_another_version") == "of_another_version"


def test_the_rows_to_fix_are_listed_filtered_and_a_file(
    published: Published, pages: Path, browser: Browser
) -> None:
    expected = published.rows(TO_FIX)
    assert len(expected) > 10
    assert len({row[0] for row in expected}) > 1
    address = (pages / "data-quality.html").as_uri()
    page = browser.open(address)
    listed = rows(page, "rows_to_fix", visible=False)
    assert [[row[0], row[1], row[2], row[4]] for row in listed] == [
        [table, plain(key) or "—", code, str(found)]
        for table, key, code, _, found, _ in expected
    ]
    # The number of rejected rows of a table leads to them.
    link = page.locator("[data-table='tables'] a").first
    [table] = re.findall(r"source_table=(\w+)#fix", link.get_attribute("href"))
    link.click()
    assert {row[0] for row in rows(page, "rows_to_fix")} == {table}
    assert page.locator("select[name='source_table']").input_value() == table
    assert browser.complaints == []
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download the rows to fix").click()
    saved = Path(downloading.value.path()).read_text(encoding="utf-8")
    assert saved == (pages / "rows-to-fix.csv").read_text(encoding="utf-8")
    found = csv_rows(saved)
    assert [{**row} for row in found] == [
        {
            "source_table": table,
            "row_key": key,
            "reason": code,
            "what_is_wrong": formats.reason(code),
            "occurrence": str(occurrence),
            "detected_on": str(day),
            "raw_row": raw_row,
        }
        for table, key, code, occurrence, day, raw_row in expected
    ]
    page.close()


def test_what_is_left_out_on_purpose_is_not_to_be_fixed(
    published: Published, tmp_path: Path
) -> None:
    build = changed_build(
        published,
        tmp_path,
        "update marts.rejected_rows set reason = 'filtered' where source_table = ("
        "select min(source_table) from marts.rejected_rows)",
        "insert into marts.rejections_by_reason values ('users', 'filtered', 7)",
    )
    site = Site(build, None)
    found = csv_rows(site.download("rows-to-fix.csv"))
    tables = {table for table, *_ in published.rows(TO_FIX)}
    assert {row["source_table"] for row in found} == tables - {min(tables)}
    assert "no, it is as meant" in site.page("data-quality")


def test_hostile_rows_are_text_on_the_page_and_in_a_spreadsheet(
    published: Published, tmp_path: Path
) -> None:
    hostile = '=HYPERLINK("http://x.example")</td><script>console.error(1)</script>'
    build = changed_build(
        published,
        tmp_path,
        f"update marts.rejected_rows set row_key = '{hostile}', raw_row = ' +1'"
        " where reason not in ('filtered', 'deleted_at_source', 'merged_account')",
    )
    site = Site(build, None)
    assert "<script>console" not in site.page("data-quality")
    assert "&lt;/td&gt;&lt;script&gt;console" in site.page("data-quality")
    found = csv_rows(site.download("rows-to-fix.csv"))
    assert {row["row_key"] for row in found} == {f"'{hostile}"}
    assert {row["raw_row"] for row in found} == {"' +1"}


def test_more_rows_than_a_page_lists_are_said_to_be(
    published: Published, tmp_path: Path
) -> None:
    build = changed_build(
        published,
        tmp_path,
        "insert into marts.rejected_rows select 'logins', 'k' || i, 'missing_key', 1,"
        " '{}', date '2026-09-20' from range(2500) as numbers(i)",
    )
    site = Site(build, None)
    text = site.page("data-quality")
    assert "The first 2,000 are listed here" in text
    assert text.count('<tr data-source_table="') == 2_000
    assert len(csv_rows(site.download("rows-to-fix.csv"))) >= 2_500


def test_identity_coverage_and_the_ids_without_an_account(
    published: Published, pages: Path, tmp_path: Path, browser: Browser
) -> None:
    none = (pages / "data-quality.html").read_text(encoding="utf-8")
    assert "No tools are named as sources" in none
    assert csv_rows((pages / "unmatched-ids.csv").read_text(encoding="utf-8")) == []
    build = changed_build(
        published,
        tmp_path,
        "insert into marts.identity_coverage values ('stripe', 1203, 1200, 3, 90, 42),"
        " ('zendesk', 0, 0, 0, 0, 0)",
        "insert into marts.unmatched_ids values"
        " ('stripe', '<b>cus_1', 1000, 40, date '2026-01-05', date '2026-03-05'),"
        " ('stripe', '-2', 0, 2, null, null)",
    )
    file = tmp_path / "data-quality.html"
    site = Site(build, None)
    file.write_text(site.page("data-quality"), encoding="utf-8")
    page = browser.open(file.as_uri())
    assert rows(page, "coverage") == [
        ["stripe", "1,203", "1,200", "3", "90", "42"],
        ["zendesk", "0", "0", "0", "0", "0"],
    ]
    assert rows(page, "unmatched_ids") == [
        ["stripe", "<b>cus_1", "1,000", "40", "2026-01-05", "2026-03-05"],
        ["stripe", "-2", "0", "2", "—", "—"],
    ]
    found = csv_rows(site.download("unmatched-ids.csv"))
    assert [row["id"] for row in found] == ["<b>cus_1", "'-2"]
    assert found[0]["mrr"] == "1000.0000" and found[1]["first_seen_on"] == ""
    page.close()


def test_the_gates_are_in_words(
    published: Published, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("index", "data-quality"):
        text = (pages / f"{name}.html").read_text(encoding="utf-8")
        assert "Of 12 checks none failed, 1 warned:" in text
        assert "<li>raw_logins: a &lt;warning&gt;</li>" in text
    said = {"passed": False, "checks": 2, "failed": ["x <is> wrong"], "warnings": []}
    manifest = {"build_id": "b", "gates": {"marts": said}}
    monkeypatch.setattr(Build, "manifest", lambda _: manifest)
    text = Site(Build(published.paths.published), None).page("data-quality")
    assert 'Marts gate: <span class="worse">✗ failed' in text
    assert "Of 2 checks 1 failed, none warned." in text
    assert "x &lt;is&gt; wrong" in text


def test_the_reports_of_the_gates_open_offline_and_have_an_index(
    pages: Path, browser: Browser
) -> None:
    page = browser.open((pages / "data-quality.html").as_uri())
    page.get_by_role("link", name="Every check of both gates").click()
    assert page.url == (pages / "gates" / "index.html").as_uri()
    for gate in ("raw", "marts"):
        page.goto((pages / "gates" / "index.html").as_uri())
        page.get_by_role("link", name=f"{gate} gate").click()
        assert page.url == (pages / "gates" / f"{gate}.html").as_uri()
        for link in page.locator("a[href]").evaluate_all("all => all.map(a => a.href)"):
            assert Path(link.removeprefix("file://").split("#")[0]).exists(), link
    assert all(url.startswith(pages.as_uri()) for url in browser.asked)
    assert browser.complaints == []
    page.close()
    for file in (pages / "gates").iterdir():  # they may be put on a web server
        assert str(pages.parent) not in file.read_text(encoding="utf-8"), file


@pytest.mark.parametrize(
    "other",
    [
        {"as_of_date": "2026-09-19"},
        {"gates": {"raw": {"passed": True, "checks": 1, "failed": [], "warnings": []}}},
        {"gates": {}},
    ],
)
def test_a_report_of_another_run_is_not_linked(
    published: Published, other: dict[str, Any]
) -> None:
    folder = published.paths.artifacts / "quality"
    manifest = manifests.read(published.paths.manifest)
    assert manifest
    assert {*reports_of(folder, manifest)} == {"raw", "marts"}
    assert reports_of(folder, {**manifest, **other}) == {}
    assert reports_of(PublishPaths(folder, folder).artifacts, manifest) == {}
    text = Site(Build(published.paths.published), None).page("data-quality")
    assert "gates/index.html" not in text


def test_the_files_and_the_old_address_are_served(published: Published) -> None:
    with served(published) as address:
        for old in ("/data-quality/", "/data-quality"):
            with urllib.request.urlopen(address + old, timeout=20) as answer:
                assert answer.url == f"{address}/data-quality.html"
                page = answer.read().decode()
        for link in ("/rows-to-fix.csv", "/gates/index.html"):
            assert f'href="{link}"' in page
        with urllib.request.urlopen(f"{address}/rows-to-fix.csv", timeout=20) as answer:
            assert answer.headers["Content-Disposition"] == "attachment"
            assert answer.headers["Content-Type"].startswith("text/csv")
            found = csv_rows(answer.read().decode())
        assert len(found) == len(published.rows(TO_FIX))
        for path, status in (
            ("/gates/raw.html", 200),
            ("/gates/raw.json", 200),
            ("/gates/other.html", 404),
        ):
            assert status_of(urllib.request.Request(address + path)) == status, path
    for path in ("gates/../manifest.json", "gates/../../manifest.json", "other.csv"):
        assert Served(published.paths).page(path).status == 404, path

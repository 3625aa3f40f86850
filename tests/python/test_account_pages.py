"""An account's page shows what the marts hold of it, on one printed page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.dashboards.site import accounts
from pipeline.dashboards.site.pages import Site
from pipeline.dashboards.site.reading import Build
from pipeline.project import InputError
from tests.python.browser import (
    HOSTILE,
    HOSTILE_NAME,
    MONTH,
    Browser,
    Published,
    changed_build,
    plain,
    rows,
)

# One process draws the pages.
pytestmark = pytest.mark.xdist_group("dashboards")

MOST_BYTES = 60_000  # of an account's page


def test_an_account_shows_the_marts_and_its_name_is_text(
    published: Published, pages: Path, browser: Browser
) -> None:
    page = browser.open((pages / "account" / f"{HOSTILE}.html").as_uri())
    assert HOSTILE_NAME in page.locator("h1").inner_text()
    assert page.title() == HOSTILE_NAME
    assert browser.complaints == []
    [(mrr, owner, band, score)] = published.rows(
        "select current_mrr, csm_owner, health_band, health_score"
        f" from marts.customer_360 where account_id = '{HOSTILE}'"
    )
    text = plain(page.locator("main").inner_text())
    for part in (f"{mrr:,.0f} USD", owner, f"Health {band} {score}"):
        assert plain(part) in text
    [scores] = published.rows(
        "select usage_score, usage_points_lost, billing_score, billing_points_lost,"
        " support_score, support_points_lost, nps_score, nps_points_lost"
        " from marts.account_health inner join marts.figures_as_of on date_month ="
        f" coalesce(open_month, latest_complete_month) where account_id = '{HOSTILE}'"
    )
    shown = [cell for row in rows(page, "components") for cell in row[1:]]
    assert shown == [
        ("—" if value is None else f"{value:,.1f}" if i % 2 else f"{value:,.0f}")
        for i, value in enumerate(scores)
    ]
    [(people,)] = published.rows(
        f"select count(*) from marts.dim_users where account_id = '{HOSTILE}'"
    )
    assert len(rows(page, "people")) == min(people, accounts.MOST_PEOPLE)
    events = page.locator("[data-list='timeline'] li").all_text_contents()
    days = [re.match(r"\d{4}-\d\d-\d\d", event) for event in events]
    assert all(days) and len(events) > 10
    assert events == sorted(events, key=lambda event: event[:10], reverse=True)
    kinds = {
        kind
        for kind in ("survey", "MRR", "terms", "alert", "note")
        for e in events
        if kind in e
    }
    assert kinds == {"survey", "MRR", "terms", "alert", "note"}
    # Twenty are shown, the earlier ones on request.
    shown = page.locator("[data-list='timeline']")
    assert shown.nth(0).locator("li").count() == 20
    assert shown.nth(1).is_hidden()
    page.get_by_text(f"{len(events) - 20} earlier").click()
    assert shown.nth(1).is_visible()
    page.close()


def test_the_timeline_has_tickets_late_invoices_and_notes_one_by_one(
    published: Published, tmp_path: Path
) -> None:
    build = changed_build(
        published,
        tmp_path,
        "update marts.account_events set risk_reason = 'too <b>slow</b>', next_step ="
        " 'call' where event_type = 'note'",
    )
    site = Site(build, None)
    said = {
        "ticket_opened": "Ticket {id} opened",
        "ticket_closed": "Ticket {id} closed",
        "invoice_overdue": "Invoice {id} overdue",
        "invoice_paid_late": "Invoice {id} paid {days} days late",
        "note": "Note of {author}, pulse {pulse} of 5",
    }
    found = published.rows(
        "select account_id, event_type, record_id, event_on, days_after, amount,"
        " priority, account_events.note_author, account_events.csm_pulse"
        " from marts.account_events"
        " inner join marts.customer_360 as account using (account_id)"
        " where account.current_mrr > 0"
        " and (event_type != 'note' or account_events.csm_pulse is not null)"
        " qualify row_number() over"
        " (partition by event_type order by event_on desc, record_id) <= 3"
    )
    assert {row[1] for row in found} == {*said}
    for account, kind, record, day, days, amount, priority, author, pulse in found:
        text = site.account(accounts.file_name(account))
        assert text is not None
        expected = said[kind].format(id=record, days=days, author=author, pulse=pulse)
        [line] = [
            line
            for line in re.findall("<li.*?</li>", text)
            if expected in line and f"<time>{day}</time>" in line
        ]
        if kind == "ticket_closed":
            assert f"after {days} day" in line
        if kind == "ticket_opened":
            assert priority in line
        if kind == "invoice_overdue":
            assert f"{amount:,.0f} USD" in line
        if kind == "note":
            assert "Risk: too &lt;b&gt;slow&lt;/b&gt;. Next: call." in line


def test_people_are_active_dormant_or_were_never_there(
    published: Published, pages: Path, browser: Browser
) -> None:
    page = browser.open((pages / "account" / f"{HOSTILE}.html").as_uri())
    expected = published.rows(
        "select user_id, activity_status from marts.dim_users"
        f" where account_id = '{HOSTILE}'"
        " order by last_active_on desc nulls last, user_id"
    )
    assert [(row[0], row[3]) for row in rows(page, "people")] == [
        (plain(user), plain(state.replace("_", " "))) for user, state in expected
    ][: accounts.MOST_PEOPLE]
    assert len({state for _, state in expected}) > 1
    page.close()


def test_use_of_features_is_compared_with_the_plan(
    published: Published, pages: Path, browser: Browser, tmp_path: Path
) -> None:
    page = browser.open((pages / "account" / f"{HOSTILE}.html").as_uri())
    of_plan = (
        f"from marts.feature_adoption_by_segment where date_month = {MONTH} and"
        " segment_type = 'plan' and segment_value = (select current_plan from"
        f" marts.customer_360 where account_id = '{HOSTILE}')"
    )
    expected = published.rows(
        "select coalesce(feature_name, feature_key), share_of_customers"
        " from marts.account_feature_months"
        f" left join (from marts.feature_adoption where date_month = {MONTH}) as named"
        " using (feature_key) left join (select feature_key, share_of_customers"
        f" {of_plan}) as of_plan using (feature_key)"
        f" where account_feature_months.account_id = '{HOSTILE}'"
        f" and account_feature_months.date_month = {MONTH}"
        " order by account_feature_months.events desc, feature_key"
    )
    shown = [[row[0].removesuffix("core"), row[4]] for row in rows(page, "features")]
    assert len({share for _, share in shown}) > 3
    assert shown == [[plain(name), f"{share:.0%}"] for name, share in expected]
    [(customers,)] = published.rows(f"select distinct customers {of_plan}")
    text = page.locator("section[aria-labelledby='usage']").inner_text()
    assert f"the {customers} customers on" in text and "small sample" not in text
    page.close()
    changed = "update marts.feature_adoption_by_segment set is_small_sample = true"
    small = Site(changed_build(published, tmp_path, changed), None).account(HOSTILE)
    assert small is not None and "small sample" in small


def test_each_paying_account_has_a_small_page(
    published: Published, pages: Path
) -> None:
    files = {file.stem: file for file in (pages / "account").iterdir()}
    paying = published.rows(
        "select account_id from marts.customer_360 where current_mrr > 0"
    )
    assert {*files} == {accounts.file_name(account) for (account,) in paying}
    assert {
        n: f.stat().st_size for n, f in files.items() if f.stat().st_size > MOST_BYTES
    } == {}


def test_an_account_prints_on_one_page(pages: Path, browser: Browser) -> None:
    page = browser.open((pages / "account" / f"{HOSTILE}.html").as_uri())
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    page.close()


def test_comments_are_shown_where_they_are_published(
    published: Published, tmp_path: Path
) -> None:
    comment = "Too <b>slow</b> for us"
    changed = (
        f"update marts.nps_segments set comment = '{comment}'"
        f" where account_id = '{HOSTILE}'"
    )
    without = Site(Build(published.paths.published), None).account(HOSTILE)
    assert without is not None and "slow" not in without
    text = Site(changed_build(published, tmp_path, changed), None).account(HOSTILE)
    assert text is not None and "Too &lt;b&gt;slow&lt;/b&gt; for us" in text


def test_files_of_accounts_are_safe_and_their_own() -> None:
    ids = [
        "A1",
        "a1",
        "A 1",
        "a-1",
        "../../etc/passwd",
        "Ä",
        "ä",
        "?",
        "con",
        "x" * 300,
    ]
    names = [accounts.file_name(account) for account in ids]
    assert names[0] == "A1"
    assert len({name.casefold() for name in names}) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name) for name in names)


def test_account_pages_sets_how_many_there_are(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "vars.yml"
    monkeypatch.setenv("VARS_FILE", str(given))
    given.write_text("account_pages: 3", encoding="utf-8")
    chosen = Site(Build(published.paths.published), None).accounts
    assert [(account,) for account in chosen] == published.rows(
        "select account_id from marts.customer_360 where current_mrr > 0"
        " and open_alerts > 0 order by current_mrr desc, account_id limit 3"
    )
    given.write_text("account_pages: many", encoding="utf-8")
    with pytest.raises(InputError, match=r"account_pages is 'many': expected"):
        Site(Build(published.paths.published), None)

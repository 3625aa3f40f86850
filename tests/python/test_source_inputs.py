"""What the preflight says of sources: settings, tables, columns, syncs and schemas."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.project import project_vars
from pipeline.raw.findings import Inspection
from pipeline.raw.inspect import inspect_inputs, report
from tests.python.conftest import settings_of

FILES = {
    "logins.csv": "login_id,user_id,account_id,logged_in_at\n",
    "surveys.csv": "response_id,survey_type,question,account_id,sent_at\n",
    "stripe/customer.csv": "id\nc1\n",
    "stripe/subscription_history.csv": "id,customer_id,status\ns1,c1,active\n",
    "stripe/subscription_item.csv": "id,subscription_id,plan_id\ni1,s1,p1\n",
    "stripe/price.csv": "id,currency,recurring_interval,unit_amount\n"
    "p1,usd,month,500\n",
    "stripe/invoice.csv": "id,customer_id,total,currency,status\nv1,c1,500,usd,paid\n",
    "stripe/invoice_line_item.csv": "invoice_id,amount,period_start,period_end\n"
    "v1,500,2026-01-01,2026-02-01\n",
}
SOURCES: dict[str, Any] = {"subscriptions": "stripe", "invoices": "stripe"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def inspected(place: dict[str, str], **config: Any) -> Inspection:
    settings = settings_of(place)
    return inspect_inputs({**project_vars(), "sources": SOURCES, **config}, settings)


def test_sources_are_reported_by_their_tables(folder: Path) -> None:
    found = inspected({"RAW_LOCATION": str(folder)})
    assert found.problems == []
    lines = "\n".join(report(found))
    assert "stripe gives invoices, subscriptions" in lines
    assert "product  not there: read as empty (optional)" in lines
    assert "subscriptions: from stripe (var sources)" in lines


Change = Callable[[Path], object]
WRONG: dict[str, tuple[Change, dict[str, Any], str, str]] = {
    "a table is missing": (
        lambda folder: (folder / "stripe/price.csv").unlink(),
        {},
        "missing_table",
        "docs/sources/stripe.md",
    ),
    "a column is missing": (
        lambda folder: (folder / "stripe/price.csv").write_text(
            "id,currency\np1,usd\n"
        ),
        {},
        "missing_column",
        "recurring_interval",
    ),
    "a type has changed": (
        lambda folder: (folder / "stripe/invoice.csv").write_text(
            "id,customer_id,total,currency,status\nv1,c1,$5,usd,paid\n"
        ),
        {},
        "wrong_value",
        "`total`: 1 of 1 values are not a number, such as `$5`",
    ),
    "a sync stopped halfway": (
        lambda folder: (folder / "stripe/invoice.csv").write_text(
            "id,customer_id,total,currency,status\nv2,c1,500,usd,paid\n"
        ),
        {},
        "incomplete_sync",
        "1 of 1 rows have a `invoice_id` that is not in stripe's `invoice`, such as"
        " `v1`",
    ),
    "a table is delivered as well": (
        lambda folder: (folder / "invoices.csv").write_text("invoice_id\nx\n"),
        {},
        "two_sources",
        "var sources takes `invoices` from stripe",
    ),
    "no such source": (
        lambda folder: None,
        {"sources": {**SOURCES, "accounts": "hubspt"}},
        "bad_source",
        "Did you mean `hubspot`?",
    ),
    "a source without that table": (
        lambda folder: None,
        {"sources": {**SOURCES, "support_tickets": "stripe"}},
        "bad_source",
        "stripe gives no `support_tickets`",
    ),
    "no such table": (
        lambda folder: None,
        {"sources": {**SOURCES, "invoice": "stripe"}},
        "bad_source",
        "Did you mean `invoices`?",
    ),
    "no such loader": (
        lambda folder: None,
        {"source_settings": {"stripe": {"loader": "dtl"}}},
        "bad_source_setting",
        "expected fivetran, airbyte, dlt",
    ),
    "a loader that does not land a table": (
        lambda folder: (folder / "surveys.csv").unlink(),
        {
            "sources": {**SOURCES, "surveys": "hubspot"},
            "source_settings": {"hubspot": {"loader": "dlt"}},
        },
        "bad_source_setting",
        "`hubspot` gives no `surveys` as dlt lands it, only accounts, support_tickets,"
        " users.",
    ),
    "no such setting": (
        lambda folder: None,
        {"source_settings": {"stripe": {"discount": ["once"]}}},
        "bad_source_setting",
        "Did you mean `discounts`?",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_as_the_source_names_it(folder: Path, name: str) -> None:
    change, config, rule, text = WRONG[name]
    change(folder)
    found = inspected({"RAW_LOCATION": str(folder)}, **config)
    (problem,) = found.problems
    assert problem.rule == rule
    assert text in problem.message


def test_a_few_rows_without_parents_are_a_warning(folder: Path) -> None:
    lines = [f"v{n % 40 or 99},500,2026-01-01,2026-02-01" for n in range(1, 41)]
    invoices = [f"v{n},c1,500,usd,paid" for n in range(1, 41)]
    header = "invoice_id,amount,period_start,period_end"
    path = folder / "stripe/invoice_line_item.csv"
    path.write_text("\n".join([header, *lines, ""]))
    header = "id,customer_id,total,currency,status"
    (folder / "stripe/invoice.csv").write_text("\n".join([header, *invoices, ""]))
    found = inspected({"RAW_LOCATION": str(folder)})
    assert found.problems == []
    assert "WARNING  1 of 40 rows have a `invoice_id`" in "\n".join(report(found))


def test_a_database_has_a_schema_for_each_source(folder: Path) -> None:
    file = folder / "landed.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema raw; create schema pay")
        for name in FILES:
            schema = "pay" if name.startswith("stripe/") else "raw"
            connection.execute(
                f"create table {schema}.{Path(name).stem} as"
                f" from read_csv('{folder / name}', all_varchar = true)"
            )
    place = {"RAW_DATABASE": str(file)}
    (problem,) = inspected(place).problems
    assert problem.rule == "missing_schema"
    assert "Schema `pay` has 6 tables" in problem.message
    assert "var source_settings, stripe: schema: pay" in problem.message
    found = inspected(place, source_settings={"stripe": {"schema": "pay"}})
    assert found.problems == []


def test_no_schema_of_the_contract_is_needed_where_sources_give_all(
    tmp_path: Path,
) -> None:
    file = tmp_path / "landed.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create schema stripe; create table stripe.customer (id text)"
        )
    place = {"RAW_DATABASE": str(file)}
    given = {"logins": "segment", "surveys": "delighted", "accounts": "stripe"}
    found = inspected(place, sources={**given, "subscriptions": "stripe"})
    texts = [problem.message for problem in found.problems]
    assert any("schema `segment` has no tables" in text for text in texts)
    assert not any("schema `raw`" in text for text in texts)
    del given["logins"]
    found = inspected(place, sources=given)
    assert any("schema `raw`" in problem.message for problem in found.problems)

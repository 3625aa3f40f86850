"""Settings of sources that name a column: it is read under the name of sources.yml."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.project import project_vars
from pipeline.raw.inspect import inspect_inputs
from pipeline.raw.source_tables import source_query
from tests.python.conftest import ROOT, dbt, settings_of

REQUIRED = {
    "subscriptions": "subscription_id,account_id,plan,billing_interval,amount,currency"
    ",started_on",
    "logins": "login_id,user_id,account_id,logged_in_at",
    "surveys": "response_id,survey_type,question,account_id,sent_at,score",
}
COMPANY = (
    "id,property_createdate,property_account_id,property_hubspot_owner_id,external_id\n"
    "1,2026-01-01,007,9,other\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for table, header in REQUIRED.items():
        (tmp_path / f"{table}.csv").write_text(header + "\n")
    (tmp_path / "hubspot").mkdir()
    (tmp_path / "hubspot" / "company.csv").write_text(COMPANY)
    return tmp_path


def config(**settings: str) -> dict[str, Any]:
    return {
        **project_vars(),
        "sources": {"accounts": "hubspot"},
        "source_settings": {"hubspot": settings},
    }


def company(folder: Path, columns: str, **settings: str) -> list[tuple[Any, ...]]:
    found = inspect_inputs(
        config(**settings), settings_of({"RAW_LOCATION": str(folder)})
    )
    assert found.problems == []
    (finding,) = (f for f in found.sources[0].findings if f.table.name == "company")
    with duckdb.connect() as connection:
        query = f"select {columns} from ({source_query(finding)})"
        return connection.execute(query).fetchall()


def test_a_setting_names_the_column(folder: Path) -> None:
    rows = company(folder, "external_id", external_id_property="Property_Account_Id")
    assert rows == [("007",)]


def test_the_column_is_still_read_under_its_own_name(folder: Path) -> None:
    columns = "csm_owner, property_hubspot_owner_id, external_id"
    owner = "property_hubspot_owner_id"
    rows = company(folder, columns, owner_property=owner, external_id_property=owner)
    assert rows == [("9", "9", "9")]


def test_a_column_that_is_not_there_is_a_problem(folder: Path) -> None:
    wrong = config(external_id_property="property_acount_id")
    found = inspect_inputs(wrong, settings_of({"RAW_LOCATION": str(folder)}))
    (problem,) = found.problems
    assert problem.rule == "missing_column"
    assert problem.where.endswith("company.csv")
    assert "no column `property_acount_id`" in problem.message
    assert "setting `external_id_property` of hubspot" in problem.message
    assert "`property_account_id`" in problem.message  # did you mean


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"opportunity_types": "all", "amount_is": "annual"},
            "contract_start_column, contract_end_column or term_months_column.",
        ),
        (
            {
                "opportunity_types": "all",
                "contract_start_column": "contract_start_c",
                "term_months_column": "term_c",
                "amount_is": "monthly",
            },
            "amount_is of salesforce is monthly, and must be annual or per_term",
        ),
    ],
    ids=["missing", "wrong"],
)
def test_subscriptions_of_salesforce_need_a_mapping(
    folder: Path, settings: dict[str, str], words: str
) -> None:
    (folder / "subscriptions.csv").unlink()
    tables = ROOT / "tests" / "data" / "sources" / "salesforce"
    shutil.copytree(tables, folder / "salesforce")
    given = {
        "sources": {"subscriptions": "salesforce"},
        "source_settings": {"salesforce": settings},
    }
    done = dbt(
        folder,
        *("compile", "--select", "salesforce__subscriptions"),
        environment={"RAW_LOCATION": str(folder)},
        config=given,
    )
    assert done.returncode != 0
    message = " ".join(done.stdout.split())
    assert words in message, done.stdout
    assert "docs/sources/salesforce.md" in message

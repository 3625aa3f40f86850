"""Sources: small files with each tool's columns, against rows worked out by hand.

`tests/data/sources/<source>/` holds a source's tables, with hard cases, and
`tests/data/sources/expected/<source>__<table>.csv` the raw table that they make. One
build reads all of them.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipeline.raw.sources import known_sources, landed_tables
from tests.python.conftest import ROOT, dbt

DATA = ROOT / "tests" / "data" / "sources"
MODELS = ROOT / "models" / "sources"
EXPECTED = sorted((DATA / "expected").glob("*.csv"))
AS_OF = "2026-07-31"
REQUIRED = ("subscriptions", "logins", "surveys")
SETTINGS: dict[str, dict[str, Any]] = {
    "hubspot": {
        "external_id_property": "property_account_id",
        "user_id_property": "property_user_id",
        "signed_up_property": "property_signed_up",
        "internal_domains": ["vendor.example"],
        "surveys": {"13": "nps"},
    },
    "pendo": {
        "email_column": "agent_email",
        "role_column": "agent_role",
        "external_id_column": "agent_accountkey",
        "domain_column": "agent_website",
        "name_column": "agent_name",
    },
    "stripe": {"coupon_products": {"team_four": "prod_team"}},
    "salesforce": {
        "external_id_column": "account_key_c",
        "signed_up_column": "customer_since_c",
        "internal_domains": ["house.example"],
        "opportunity_types": ["New Business", "Renewal", "Add-On"],
        "renewal_types": ["Renewal"],
        "contract_column": "contract_c",
        "contract_start_column": "contract_start_c",
        "contract_end_column": "contract_end_c",
        "term_months_column": "term_c",
        "item_start_column": "service_date",
        "amount_is": "per_term",
        "product_families": ["Software"],
        "currency": "USD",
    },
}

pytestmark = pytest.mark.xdist_group("sources")


def all_sources() -> dict[str, list[str]]:
    """Var sources with every source that has test files, for every table it gives."""
    found: dict[str, list[str]] = {}
    for file in EXPECTED:
        source, _, table = file.stem.partition("__")
        if table and table != "account_aliases" and table in known_sources()[source]:
            found.setdefault(table, []).append(source)
    return found


def headers() -> dict[str, str]:
    """The header of each table of the contract."""
    text = (ROOT / "models" / "staging" / "sources.yml").read_text(encoding="utf-8")
    return {
        table["name"].removeprefix("raw_"): ",".join(
            c["name"] for c in table["columns"]
        )
        for table in yaml.safe_load(text)["sources"][0]["tables"]
    }


def write_what_no_source_gives(raw: Path, sources: dict[str, list[str]]) -> None:
    """The required tables without rows, and exchange rates."""
    for table in REQUIRED:
        if table not in sources:
            (raw / f"{table}.csv").write_text(headers()[table] + "\n")
    (raw / "exchange_rates.csv").write_text(
        "currency,rate_date,rate_to_base\nJPY,2026-01-01,0.01\nKWD,2026-01-01,3.25\n"
    )


@pytest.fixture(scope="module")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Everything built from the files of all sources."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.copytree(DATA, folder / "raw")
    sources = all_sources()
    write_what_no_source_gives(folder / "raw", sources)
    config: dict[str, Any] = {
        "sources": sources,
        "source_settings": SETTINGS,
        "max_rejection_rate": 1,
    }
    where = {"RAW_LOCATION": str(folder / "raw"), "AS_OF_DATE": AS_OF}
    done = dbt(
        folder,
        "build",
        *("--exclude-resource-type", "unit_test"),
        environment=where,
        config=config,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    unit = dbt(
        folder,
        "test",
        *("--select", "path:models/sources,test_type:unit"),
        environment=where,
        config=config,
    )
    assert unit.returncode == 0, unit.stdout[-6000:]
    assert "PASS=0" not in unit.stdout
    database = str(folder / "warehouse.duckdb")
    with duckdb.connect(database, read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("file", EXPECTED, ids=lambda file: file.stem)
def test_a_source_gives_the_rows_worked_out_by_hand(
    warehouse: duckdb.DuckDBPyConnection, file: Path
) -> None:
    with file.open(encoding="utf-8", newline="") as opened:
        columns, *rows = csv.reader(opened)
    expected = sorted(tuple(row) for row in rows)
    assert expected
    texts = ", ".join(f"coalesce(cast({name} as varchar), '')" for name in columns)
    found = warehouse.execute(f"select {texts} from raw.{file.stem}").fetchall()
    assert sorted(found) == expected


# Settings that name columns, which have other names from other loaders.
OTHER_NAMES: dict[tuple[str, str], dict[str, str]] = {
    ("airbyte", "salesforce"): {
        "external_id_column": "AccountKey__c",
        "signed_up_column": "CustomerSince__c",
        "contract_column": "Contract__c",
        "contract_start_column": "ContractStart__c",
        "contract_end_column": "ContractEnd__c",
        "term_months_column": "Term__c",
        "item_start_column": "ServiceDate",
    },
    ("dlt", "hubspot"): {
        "external_id_property": "account_id",
        "user_id_property": "user_id",
        "signed_up_property": "signed_up",
    },
    ("airbyte", "hubspot"): {
        "external_id_property": "properties_account_id",
        "user_id_property": "properties_user_id",
        "signed_up_property": "properties_signed_up",
    },
}
ABSENT = {"_fivetran_deleted": "false"}  # what it means where there is nothing
# Columns that a loader does not know, by loader and model: what follows is in the docs.
UNKNOWN: dict[tuple[str, str], set[str]] = {
    ("airbyte", "stripe__accounts"): {"updated_at"},  # when the row was read
    ("airbyte", "intercom__surveys"): {"responded_at"},
}
TESTED_ELSEWHERE = {("dlt", "stripe")}  # tests/dlt lands it
SHAPES = sorted(
    {
        (folder.name.removeprefix("from_"), folder.parent.name)
        for folder in MODELS.glob("*/from_*")
    }
    - TESTED_ELSEWHERE
)
# Rows that rest on what a loader does not know: their condition is left out.
UNKNOWN_ROWS: dict[tuple[str, str], str] = {
    # Airbyte asks for a version of the API in which items have no discounts
    ("airbyte", "stripe__subscriptions"): "subscription_id = 'sub_24'",
}


def sources_landed_by(loader: str) -> dict[str, list[str]]:
    """Var sources, without what that loader does not land of a source."""
    return {
        table: [
            source
            for source in sources
            if (loader, source) not in SHAPES or table in landed_tables(source, loader)
        ]
        for table, sources in all_sources().items()
    }


@pytest.fixture(scope="module")
def other_shapes(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, duckdb.DuckDBPyConnection]:
    """By loader: the raw tables made from its shape, where there are files of it."""
    found = {}
    for loader in sorted({loader for loader, _ in SHAPES}):
        folder = tmp_path_factory.mktemp(loader)
        shutil.copytree(DATA, folder / "raw")
        settings: dict[str, Any] = {name: dict(own) for name, own in SETTINGS.items()}
        for source in [source for other, source in SHAPES if other == loader]:
            shutil.rmtree(folder / "raw" / source)
            landed = ROOT / "tests" / "data" / loader / source
            shutil.copytree(landed, folder / "raw" / source)
            settings[source] = {
                **settings.get(source, {}),
                **OTHER_NAMES.get((loader, source), {}),
                "loader": loader,
            }
        sources = sources_landed_by(loader)
        write_what_no_source_gives(folder / "raw", sources)
        made = " ".join(f"+{source}__{t}" for t in sources for source in sources[t])
        identities = " ".join(f"+{source}_identities" for _, source in SHAPES)
        done = dbt(
            folder,
            "build",
            *("--select", *made.split(), *identities.split()),
            *("--exclude-resource-type", "unit_test", "test"),
            environment={"RAW_LOCATION": str(folder / "raw"), "AS_OF_DATE": AS_OF},
            config={"sources": sources, "source_settings": settings},
        )
        assert done.returncode == 0, done.stdout[-6000:]
        found[loader] = duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True)
    return found


@pytest.mark.parametrize(("loader", "source"), SHAPES)
def test_another_loaders_tables_give_the_same_rows(
    warehouse: duckdb.DuckDBPyConnection,
    other_shapes: dict[str, duckdb.DuckDBPyConnection],
    loader: str,
    source: str,
) -> None:
    models = [
        f"{source}__{table}"
        for table, sources in sources_landed_by(loader).items()
        if source in sources
    ]
    models += [f"{source}_identities"]
    different, rows = {}, 0
    for model in models:
        columns = ", ".join(
            f"coalesce(cast({name} as varchar), '{ABSENT.get(name, '')}') as {name}"
            for name in warehouse.sql(f"select * from raw.{model}").columns
            if name not in UNKNOWN.get((loader, model), ())
        )
        left_out = UNKNOWN_ROWS.get((loader, model), "false")
        query = f"select {columns} from raw.{model} where not ({left_out}) order by all"
        ours = warehouse.execute(query).fetchall()
        theirs = other_shapes[loader].execute(query).fetchall()
        rows += len(ours)
        if ours != theirs:
            different[model] = {*ours} ^ {*theirs} or "rows twice"
    assert different == {}
    assert rows > 3


# Of tests/data/sources/stripe, worked out from the cases before the first build.
STRIPE_MRR = {
    "2026-01-01": "295.0000",
    "2026-02-01": "475.0000",
    "2026-03-01": "510.0000",
    "2026-04-01": "486.0000",
    "2026-05-01": "596.0000",
    "2026-06-01": "666.6667",
    "2026-07-01": "836.7917",
}

# Of tests/data/sources/recurly: 60, then 100 of rs1; 100 of the year from the trial's
# end on; 20 with an add-on of 10 in February, March and April; 40 until the pause in
# May; 20 until April; 1,500, then 3,000 yen a quarter; 5 a week; 80, then 180 of rs8;
# 100 of two years.
RECURLY_MRR = {
    "2026-01-01": "145.0000",
    "2026-02-01": "355.0000",
    "2026-03-01": "416.6667",
    "2026-04-01": "401.6667",
    "2026-05-01": "431.6667",
    "2026-06-01": "531.6667",
    "2026-07-01": "531.6667",
}

# Of tests/data/sources/chargebee: the same, but for the two years; 15 dinars from March
# on and 5 of an addon from June on; 20 in February, March and April; 5 a week but for
# two weeks before the end of March; 20, then 100 of cs13; 20 from the last day of
# January on.
CHARGEBEE_MRR = {
    "2026-01-01": "165.0000",
    "2026-02-01": "315.0000",
    "2026-03-01": "425.4167",
    "2026-04-01": "490.4167",
    "2026-05-01": "500.4167",
    "2026-06-01": "616.6667",
    "2026-07-01": "616.6667",
}

# Of tests/data/sources/salesforce: 1000 of the platform; 100 of seats from February on
# and 200 of the add-on from April on; 41.6667 of the yen contract until its early
# renewal at 60; 111.0208 of the pilot of 100 days, which runs at three month ends.
SALESFORCE_MRR = {
    "2026-01-01": "1000.0000",
    "2026-02-01": "1141.6667",
    "2026-03-01": "1252.6875",
    "2026-04-01": "1452.6875",
    "2026-05-01": "1452.6875",
    "2026-06-01": "1341.6667",
    "2026-07-01": "1360.0000",
}


@pytest.mark.parametrize(
    ("rows_of", "expected"),
    [
        ("starts_with(subscription_id, 'sub_')", STRIPE_MRR),
        ("account_id in ('001A', '001B', '001D')", SALESFORCE_MRR),
        ("starts_with(subscription_id, 'rs')", RECURLY_MRR),
        ("starts_with(subscription_id, 'cs')", CHARGEBEE_MRR),
    ],
    ids=["stripe", "salesforce", "recurly", "chargebee"],
)
def test_mrr_of_a_sources_subscriptions(
    warehouse: duckdb.DuckDBPyConnection, rows_of: str, expected: dict[str, str]
) -> None:
    rows = warehouse.execute(
        "select cast(month_start as varchar), sum(mrr)"
        " from (values (date '2026-01-01'), (date '2026-02-01'), (date '2026-03-01'),"
        " (date '2026-04-01'), (date '2026-05-01'), (date '2026-06-01'),"
        " (date '2026-07-01')) as months (month_start)"
        " inner join marts.fct_subscription_periods as periods"
        " on periods.started_on <= last_day(month_start)"
        " and coalesce(periods.ended_on, date '9999-12-31') > last_day(month_start)"
        f" where {rows_of} group by 1"
    ).fetchall()
    assert dict(rows) == {month: Decimal(mrr) for month, mrr in expected.items()}

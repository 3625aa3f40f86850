"""The gates pass what is honest, and stop what is broken: each check, caught once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
import yaml

from quality import checks as quality_checks
from quality.gates import GateError, GateResult, SuiteResult, run_gate
from quality.report import lines
from quality.results import Gate
from tests.python.staged import create_base

pytestmark = pytest.mark.xdist_group("quality")  # its import takes seconds

ROOT = Path(__file__).parents[2]
AS_OF = date(2026, 9, 20)
CONFIG: Mapping[str, Any] = yaml.safe_load(
    (ROOT / "dbt_project.yml").read_text(encoding="utf-8")
)["vars"]

# -- a healthy company: 60 accounts, delivered and published ---------------------------

RAW = {
    "accounts": """
        select 'a' || i as account_id, 'Account ' || i as account_name,
            day - (i * 11) % 700 as signed_up_on, 'false' as is_internal
        from numbers(120) as t (i), as_of
    """,
    "users": """
        select 'u' || i as user_id, 'a' || i % 60 as account_id,
            'secret' || i || '@example.com' as email, day - (i * 7) % 500 as created_at,
            case when i % 9 = 0 then day - i % 50 end as deactivated_at
        from numbers(180) as t (i), as_of
    """,
    "subscriptions": """
        select 's' || i as subscription_id, 'a' || i % 120 as account_id,
            'pro' as plan, if(i % 3 = 0, 'year', 'month') as billing_interval,
            if(i % 3 = 0, 1200, 100) + i % 40 as amount,
            if(i % 10 = 0, 'EUR', 'USD') as currency, 'false' as is_trial,
            day - (i * 7) % 800 as started_on,
            if(i // 120 % 2 = 1, started_on + 30, null) as ended_on,
            if(ended_on is not null, 'price', null) as cancel_reason
        from numbers(480) as t (i), as_of
    """,
    "logins": """
        select 'l' || d || '-' || i as login_id, 'u' || i as user_id,
            'a' || i % 60 as account_id, (day - d) || 'T09:30:00Z' as logged_in_at
        from numbers(100) as days (d), numbers(60) as t (i), as_of
    """,
    "feature_events": """
        select 'e' || d || '-' || i as event_id, 'u' || i as user_id,
            'a' || i % 60 as account_id, 'dashboards' as feature_key,
            (day - d) || ' 10:00' as occurred_at
        from numbers(80) as days (d), numbers(60) as t (i), as_of
    """,
    "surveys": """
        select 'r' || i as response_id,
            ['nps', 'cli', 'csat'][i % 3 + 1] as survey_type,
            ['recommend', 'product_quality', 'satisfaction'][i % 3 + 1] as question,
            'a' || i % 60 as account_id, 'u' || i % 180 as user_id,
            case when i % 2 = 0 then if(i % 3 = 0, i // 6 % 11, 1 + i % 5) end as score,
            day - i % 470 as sent_at,
            case when i % 2 = 0 then day - i % 470 end as responded_at
        from numbers(1800) as t (i), as_of
    """,
    "support_tickets": """
        select 't' || i as ticket_id, 'a' || i % 60 as account_id,
            ['low', 'normal', 'high', 'urgent'][i % 4 + 1] as priority,
            day - i % 400 as opened_at,
            case when i % 400 > 5 then day - i % 400 + 3 end as closed_at
        from numbers(600) as t (i), as_of
    """,
    "invoices": """
        select 'i' || i as invoice_id, 'a' || i % 60 as account_id, 100 as amount,
            'USD' as currency, day - i % 400 as issued_on, day - i % 400 + 14 as due_on,
            case when i % 400 > 9 then day - i % 400 + 9 end as paid_on,
            if(i % 400 > 9, 'paid', 'open') as status
        from numbers(700) as t (i), as_of
    """,
    "referrals": """
        select 'f' || i as referral_id, 'a' || i % 60 as referrer_account_id,
            day - (i * 5) % 360 as referred_on
        from numbers(90) as t (i), as_of
    """,
    "costs": """
        select date_trunc('month', day) - to_months(i // 2) as date_month,
            if(i % 2 = 0, 'acquisition', 'retention') as cost_type,
            1000 + i as amount, 'USD' as currency
        from numbers(48) as t (i), as_of
    """,
    "exchange_rates": """
        select 'EUR' as currency,
            date_trunc('month', day) - to_months(i) as rate_date,
            1.1 + i * 0.001 as rate_to_base
        from numbers(36) as t (i), as_of
    """,
}

MARTS = {
    "monthly_churn": """
        select m as date_month, 100 + n as customers_at_start,
            101 + n as customers_at_end, 50000.0 + 500 * n as mrr_at_start,
            50500.0 + 500 * n as mrr_at_end, 0.02 as churn_rate,
            last_day(m) <= day as is_complete_month
        from months
    """,
    "churn_by_segment": """
        select m as date_month, segment.type as segment_type,
            segment.value as segment_value, 60 as customers_at_start,
            1 as churned_customers, 1 / 60 as churn_rate
        from months, (values ('plan', 'pro'), ('industry', 'software'),
            ('industry', 'unknown')) as segment (type, value)
    """,
    "mrr_movements": """
        select 'a' || n || '-' || i as account_id, m as date_month,
            if(i < 3, 'new', 'churn') as movement_type
        from months, numbers(4) as t (i)
        union all
        select 'first-' || i, (select min(m) from months), 'new'
        from numbers(60) as t (i)
    """,
    "customer_lifetime_value": """
        select 'a' || i as account_id, true as is_paying, 500.0 as current_mrr,
            5000.0 as revenue_to_date, 20000.0::double as formula_clv,
            9000.0::double as survival_clv
        from numbers(60) as t (i)
    """,
    "active_users": """
        select unnest(generate_series(date '2024-10-07', day, interval 1 day))::date
            as date_day, 80 as dau, 150 as wau, 200 as mau
        from as_of
    """,
    "account_activity": """
        select 'a' || i as account_id, m as date_month, 5 as provisioned_users,
            3 as active_users
        from months, numbers(60) as t (i)
    """,
    "product_adoption": """
        select m as date_month, last_day(m) <= day as is_complete_month,
            300 as signed_up_users, 0.3::double as adoption_rate, 0 as unmapped_events
        from months
    """,
    "nps_segments": """
        select 'r' || i as response_id, (day - i % 300)::timestamp as responded_at,
            ['promoter', 'passive', 'detractor'][i % 3 + 1] as nps_segment
        from numbers(400) as t (i), as_of
    """,
    "nps_monthly": """
        select m as date_month, period_type, last_day(m) <= day as is_complete_month,
            120 as responses, 30.0::double as nps
        from months, (values ('month'), ('trailing_90_days')) as p (period_type)
    """,
    "customer_loyalty_index": """
        select m as date_month, last_day(m) <= day as is_complete_month,
            40 as responses, 80.0::double as cli
        from months
    """,
    "account_health": """
        select 'a' || i as account_id, m as date_month, 70 + i % 20 as health_score,
            if(i < 5, 'red', 'green') as health_band, 1.0::double as score_coverage
        from months, numbers(60) as t (i)
    """,
    "dim_accounts": """
        select 'a' || i as account_id, 'Account ' || i as account_name,
            day - 100 as signed_up_on, day - 90 as first_paid_on, 500.0 as current_mrr
        from numbers(60) as t (i), as_of
    """,
}

MONTHS = f"""
    with as_of as (select date '{AS_OF}' as day),
    months as (
        select m::date as m, row_number() over (order by m) as n, day
        from as_of, (select unnest(generate_series(
            date '2024-10-01', date '{AS_OF}', interval 1 month)) as m)
    )
"""


# Integers, because a date less a bigint is not a date.
NUMBERS = """
    create or replace temp macro numbers(n) as table
        select cast(i as integer) as i from range(n) as t (i)
"""


def write(path: Path, *statements: str) -> Path:
    """Execute statements; then staging is what the raw tables make it."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(NUMBERS)
        for statement in statements:
            connection.execute(statement)
        if any("raw" in statement for statement in statements):
            create_base(connection, RAW, AS_OF)
    return path


def create_raw(tables: Mapping[str, str]) -> list[str]:
    """Raw tables are text, all of them."""
    return ["create schema raw"] + [
        f"create table raw.raw_{table} as {MONTHS}"
        f" select cast(columns(*) as varchar) from ({query})"
        for table, query in tables.items()
    ]


def create_marts(tables: Mapping[str, str]) -> list[str]:
    return ["create schema marts"] + [
        f"create table marts.{table} as {MONTHS} select * from ({query})"
        for table, query in tables.items()
    ]


CATALOGUE = (
    "create schema if not exists reference",
    "create table reference.feature_catalogue as select 'dashboards' as feature_key",
)


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("quality") / "healthy.duckdb"
    return write(path, *create_raw(RAW), *CATALOGUE, *create_marts(MARTS))


@pytest.fixture
def company(healthy: Path, tmp_path: Path) -> Path:
    """A healthy company of one's own, to break."""
    return Path(shutil.copy(healthy, tmp_path / "company.duckdb"))


def validate(
    gate: Gate,
    database: Path,
    *,
    only: Iterable[str] = (),
    config: Mapping[str, Any] = CONFIG,
    as_of_date: date = AS_OF,
) -> GateResult:
    return run_gate(
        gate,
        database,
        as_of_date=as_of_date,
        config=config,
        docs_folder=None,
        only=list(only),
    )


def suite_of(result: GateResult, table: str) -> SuiteResult:
    (suite,) = [suite for suite in result.suites if suite.name == table]
    return suite


def checks(findings: Iterable[str]) -> set[str]:
    return {finding.split(":")[0] for finding in findings}


# -- what is healthy, passes -----------------------------------------------------------


@pytest.mark.parametrize("gate", ["raw", "marts"])
def test_a_healthy_company_passes_without_a_warning(gate: Gate, healthy: Path) -> None:
    result = validate(gate, healthy)
    assert result.passed
    assert [suite.warnings for suite in result.suites if suite.warnings] == []
    assert [suite.name for suite in result.suites] == list(
        RAW_ORDER if gate == "raw" else MARTS
    )
    assert all(suite.checks for suite in result.suites)


RAW_ORDER = (
    "subscriptions",
    "logins",
    "surveys",
    "accounts",
    "users",
    "feature_events",
    "support_tickets",
    "invoices",
    "referrals",
    "costs",
    "exchange_rates",
)

# -- what is broken, fails -------------------------------------------------------------


class Fault(NamedTuple):
    gate: Gate
    table: str
    checks: set[str]
    sql: str | tuple[str, ...]


def statements_of(fault: Fault) -> list[str]:
    return [fault.sql] if isinstance(fault.sql, str) else list(fault.sql)


def late(table: str, column: str, days: int, *also: str) -> Fault:
    return Fault(
        "raw",
        table,
        {"freshness", *also},
        f"update raw.raw_{table} set {column} ="
        f" cast(cast(left({column}, 10) as date) - {days} as varchar)",
    )


def garbage(table: str, **values: str) -> Fault:
    """Two rows of three get such values: staging rejects them."""
    columns = ", ".join(f"{column} = {value}" for column, value in values.items())
    sql = f"update raw.raw_{table} set {columns} where rowid % 3 > 0"
    return Fault("raw", table, {"accepted rows"}, sql)


def strangers(table: str, *also: str, column: str = "account_id") -> Fault:
    sql = f"update raw.raw_{table} set {column} = 'x' || {column}"
    return Fault("raw", table, {"same accounts", *also}, sql)


def collapsed(table: str, column: str) -> Fault:
    sql = (
        f"delete from raw.raw_{table} where left({column}, 10) > '2026-09-13'"
        " and account_id not in ('a1', 'a2')"
    )
    return Fault("raw", table, {"collapse of rows", "collapse of accounts"}, sql)


def raw(table: str, checks: set[str], *sql: str) -> Fault:
    return Fault("raw", table, checks, sql)


RAW_FAULTS = [
    late("subscriptions", "started_on", 120),
    late("logins", "logged_in_at", 20),
    late("surveys", "sent_at", 150),
    late("accounts", "signed_up_on", 400),
    late("users", "created_at", 150),
    late("feature_events", "occurred_at", 20),
    late("support_tickets", "opened_at", 60),
    late("invoices", "issued_on", 120),
    late("referrals", "referred_on", 400),
    raw(
        "costs",
        {"freshness"},
        "update raw.raw_costs set date_month ="
        " cast(cast(date_month as date) - to_months(5) as date)",
    ),
    late("exchange_rates", "rate_date", 150, "rates of late"),
    raw(
        "accounts",
        {"internal accounts"},
        "update raw.raw_accounts set is_internal = if(account_id = 'a1', 'f', 'Yes')",
    ),
    strangers("subscriptions", "paying accounts known"),
    strangers("logins"),
    strangers("surveys"),
    strangers("users"),
    strangers("feature_events"),
    strangers("support_tickets"),
    strangers("invoices"),
    strangers("referrals", column="referrer_account_id"),
    collapsed("logins", "logged_in_at"),
    collapsed("feature_events", "occurred_at"),
    garbage("subscriptions", amount="'$ 100'", billing_interval="'monthly'"),
    garbage("logins", user_id="'  '", logged_in_at="'20/09/2026'"),
    garbage("surveys", account_id="null", survey_type="'NPS'", sent_at="'?'"),
    garbage("accounts", signed_up_on="'1726790400'"),
    garbage("users", account_id="null", created_at="'?'"),
    garbage("feature_events", feature_key="null"),
    garbage("support_tickets", priority="'P1'"),
    garbage("invoices", amount="'nan'", currency="'XXX'", status="'Paid'"),
    garbage("referrals", referred_on="'?'"),
    garbage("costs", date_month="'Sep 26'", amount="'1.000,00'"),
    garbage("exchange_rates", rate_to_base="'1,1'"),
    raw(
        "surveys",
        {"scores on scale"},
        "update raw.raw_surveys set score = '100' where score <> '' and rowid % 8 > 0",
    ),
    raw(
        "subscriptions",
        {"running subscriptions"},
        "update raw.raw_subscriptions set ended_on = '2026-09-15'"
        " where (ended_on is null or ended_on > '2026-09-15')"
        " and started_on < '2026-09-15' and account_id not in ('a1', 'a2', 'a3')",
    ),
    raw(
        "subscriptions",
        {"paying accounts known"},
        "delete from raw.raw_accounts where cast(substr(account_id, 2) as int) % 5 > 1",
    ),
    raw(
        "subscriptions",
        {"usual amounts", "amounts by month"},
        "update raw.raw_subscriptions set amount = cast(amount as int) * 100"
        " where started_on > '2026-06-20'",
    ),
    raw(
        "subscriptions",
        {"amounts by month"},
        "update raw.raw_subscriptions set amount = cast(amount as int) * 100"
        " where started_on between '2026-03-01' and '2026-03-31'",
    ),
    raw(
        "subscriptions",
        {"amounts as invoiced"},
        "update raw.raw_subscriptions set amount = cast(amount as int) * 100",
    ),
    raw(
        "subscriptions",
        {"inclusive ends"},
        """
        insert into raw.raw_subscriptions by name
        select * replace (
            cast(cast(ended_on as date) + 1 as varchar) as started_on,
            null as ended_on, null as cancel_reason
        )
        from raw.raw_subscriptions where ended_on < '2026-06-01'
        """,
    ),
    raw(
        "subscriptions",
        {"ended periods"},
        "update raw.raw_subscriptions set ended_on = null, cancel_reason = null",
    ),
    raw(
        "subscriptions",
        {"ends of the last quarter"},
        "update raw.raw_subscriptions set ended_on = null, cancel_reason = null"
        " where ended_on > '2026-06-10'",
    ),
    raw(
        "subscriptions",
        {"cancel reasons of the last quarter"},
        "update raw.raw_subscriptions set cancel_reason = null"
        " where ended_on > '2026-06-10'",
    ),
    raw(
        "surveys",
        {"answers"},
        "update raw.raw_surveys set score = null, responded_at = null"
        " where sent_at > '2026-05-01'",
    ),
    raw(
        "surveys",
        {"nps scale"},
        "update raw.raw_surveys set score = least(cast(score as int), 5)"
        " where survey_type = 'nps'",
    ),
    raw(
        "surveys",
        {"nps scale of late"},
        "update raw.raw_surveys set score = least(cast(score as int), 5)"
        " where survey_type = 'nps' and sent_at > '2026-07-20'",
    ),
    *(
        raw(
            table,
            {"ids as elsewhere"},
            f"update raw.raw_{table} set user_id = substr(user_id, 2) || '.0'",
            "update raw.raw_users set user_id = ltrim(user_id, 'u')",
        )
        for table in ("logins", "feature_events")
    ),
    *(
        raw(
            table,
            {"ids as elsewhere"},
            f"update raw.raw_{table} set account_id = '1.00235E+15'"
            " where account_id = 'a7'",
        )
        for table in ("logins", "feature_events")
    ),
    *(
        raw(
            table,
            {"one user's share"},
            f"""
            insert into raw.raw_{table} by name
            with numbered as (
                select *, row_number() over (partition by left({at}, 10)) as n
                from raw.raw_{table} where rowid % 10 > 0
            )
            select * exclude (n) replace (
                'bot-' || n || {key} as {key}, 'bot' as user_id,
                left({at}, 10) || ' 09:' || 10 + n % 50 || ':' || 10 + n // 50 as {at}
            )
            from numbered
            """,
        )
        for table, key, at in (
            ("logins", "login_id", "logged_in_at"),
            ("feature_events", "event_id", "occurred_at"),
        )
    ),
    raw(
        "logins",
        {"hours of day"},
        "update raw.raw_logins set logged_in_at = replace(logged_in_at, 'T09', 'T16')"
        " where logged_in_at > '2026-08-31'",
    ),
    raw(
        "feature_events",
        {"hours of day"},
        "update raw.raw_feature_events set occurred_at = replace(occurred_at, ' 10',"
        " ' 03') where occurred_at > '2026-09-15'",
    ),
    raw(
        "logins",
        {"repeated rows"},
        "insert into raw.raw_logins select 'again-' || login_id, * exclude (login_id)"
        " from raw.raw_logins",
    ),
    raw(
        "feature_events",
        {"catalogue against before"},
        "update raw.raw_feature_events set feature_key = 'Dashboards v2'"
        " where occurred_at > '2026-08-23'",
    ),
    raw(
        "invoices",
        {"any paid invoice"},
        "update raw.raw_invoices set status = 'open', paid_on = null",
    ),
    raw(
        "invoices",
        {"amounts by month"},
        "update raw.raw_invoices set amount = '10000'"
        " where issued_on between '2026-05-01' and '2026-05-31'",
    ),
    raw(
        "costs",
        {"usual costs"},
        "update raw.raw_costs set amount = cast(amount as int) * 100"
        " where date_month >= '2026-09-01'",
    ),
    raw(
        "exchange_rates",
        {"rates of late"},
        "update raw.raw_exchange_rates set rate_to_base = '1.105'"
        " where rate_date >= '2026-05-01'",
    ),
    raw(
        "exchange_rates",
        {"rates turned round"},
        "update raw.raw_exchange_rates set rate_to_base ="
        " 1 / cast(rate_to_base as double) where rate_date >= '2026-06-01'",
    ),
    raw(
        "exchange_rates",
        {"direction of rates"},
        "insert into raw.raw_exchange_rates by name"
        " select * replace ('GBP' as currency, 0.78 as rate_to_base)"
        " from raw.raw_exchange_rates",
    ),
]

# As large as staging accepts.
RAW_FAULTS += [
    raw(
        table,
        {"totals within range"},
        f"update raw.raw_{table} set amount = '99999999999999.9999' where rowid = 7",
    )
    for table in ("subscriptions", "invoices", "costs")
]

# Odd, but possible: these warn.
RAW_WARNINGS = [
    raw("subscriptions", {"volume"}, "delete from raw.raw_subscriptions"),
    raw(
        "subscriptions",
        {"one spelling of plans"},
        "update raw.raw_subscriptions set plan = 'Pro' where rowid % 2 = 0",
    ),
    raw(
        "subscriptions",
        {"future ends"},
        "update raw.raw_subscriptions set ended_on = '2027-01-31'"
        " where ended_on is null",
    ),
    raw(
        "subscriptions",
        {"subscriptions of one account"},
        """
        insert into raw.raw_subscriptions by name
        select * replace (
            ended_on as started_on, null as ended_on, 'a7' as account_id
        )
        from raw.raw_subscriptions where subscription_id = 's120'
        """,
    ),
    raw(
        "subscriptions",
        {"one plan at a time"},
        "insert into raw.raw_subscriptions by name select * replace ('addon' as plan)"
        " from raw.raw_subscriptions where subscription_id = 's7'",
    ),
    raw(
        "subscriptions",
        {"cancel reasons"},
        "update raw.raw_subscriptions set cancel_reason = null",
    ),
    raw(
        "logins",
        {"users of many accounts"},
        "update raw.raw_logins set user_id = 'anybody'"
        " where left(logged_in_at, 10) = '2026-08-03'",
    ),
    raw(
        "logins",
        {"surge of rows"},
        """
        insert into raw.raw_logins by name
        select raw_logins.* replace (
            login_id || '-' || n as login_id,
            left(logged_in_at, 10) || 'T09:' || 31 + n || ':00' as logged_in_at
        )
        from raw.raw_logins, range(6) as t (n) where logged_in_at > '2026-09-13'
        """,
    ),
    raw(
        "surveys",
        {"users of many accounts"},
        "update raw.raw_surveys set user_id = 'anybody' where sent_at > '2026-09-10'",
    ),
    raw(
        "surveys",
        {"survey types"},
        "delete from raw.raw_surveys where survey_type = 'cli'"
        " and sent_at > '2026-06-01'",
    ),
    raw(
        "feature_events",
        {"repeated rows"},
        "insert into raw.raw_feature_events"
        " select 'again-' || event_id, * exclude (event_id)"
        " from raw.raw_feature_events",
    ),
    raw(
        "feature_events",
        {"events in the catalogue"},
        "update raw.raw_feature_events set feature_key = 'Dashboards v2'",
    ),
    raw(
        "users",
        {"deactivated users"},
        "update raw.raw_users set deactivated_at = '2026-09-01'",
    ),
    raw(
        "support_tickets",
        {"closed tickets"},
        "update raw.raw_support_tickets set closed_at = null",
    ),
    raw(
        "invoices",
        {"paid invoices"},
        "update raw.raw_invoices set status = 'open', paid_on = null"
        " where rowid % 3 > 0",
    ),
    raw(
        "exchange_rates",
        {"steady rates"},
        "update raw.raw_exchange_rates set rate_to_base = '3'"
        " where rate_date >= '2026-06-01'",
    ),
]

MART_FAULTS = [
    Fault(
        "marts",
        "monthly_churn",
        {"customers month on month"},
        "update marts.monthly_churn set customers_at_end = 40"
        " where date_month = date '2026-09-01'",
    ),
    Fault(
        "marts",
        "monthly_churn",
        {"MRR month on month"},
        "update marts.monthly_churn set mrr_at_end = mrr_at_end / 100"
        " where date_month = date '2026-08-01'",
    ),
    Fault(
        "marts",
        "monthly_churn",
        {"MRR month on month, up"},
        "update marts.monthly_churn set mrr_at_end = mrr_at_end * 100"
        " where date_month = date '2026-09-01'",
    ),
    Fault(
        "marts",
        "monthly_churn",
        {"mean churn rate"},
        "update marts.monthly_churn set churn_rate = 0.55",
    ),
    Fault(
        "marts",
        "churn_by_segment",
        {"churn rates of segments"},
        "update marts.churn_by_segment set churn_rate = 0.7"
        " where segment_type = 'plan'",
    ),
    Fault(
        "marts",
        "mrr_movements",
        {"customers replaced"},
        """
        insert into marts.mrr_movements
        select 'b' || i, date '2026-09-01', kind
        from numbers(100) as t (i), (values ('new'), ('churn')) as kinds (kind)
        """,
    ),
    Fault(
        "marts",
        "active_users",
        {"monthly active users"},
        "update marts.active_users set mau = 15 where date_day > date '2026-09-10'",
    ),
    Fault(
        "marts",
        "account_activity",
        {"active users month on month", "provisioned users month on month"},
        "update marts.account_activity set active_users = 0, provisioned_users = 0"
        " where date_month = date '2026-08-01' and account_id not in ('a1', 'a2')",
    ),
    Fault(
        "marts",
        "product_adoption",
        {"adoption month on month"},
        "update marts.product_adoption set adoption_rate = 0.01"
        " where date_month = date '2026-08-01'",
    ),
    Fault(
        "marts",
        "nps_segments",
        {"mixture of answers"},
        "update marts.nps_segments set nps_segment = 'detractor'",
    ),
    Fault(
        "marts",
        "nps_monthly",
        {"NPS quarter on quarter"},
        "update marts.nps_monthly set nps = -95 where date_month = date '2026-08-01'",
    ),
    Fault(
        "marts",
        "nps_monthly",
        {"extreme NPS"},
        "update marts.nps_monthly set nps = 130",
    ),
    Fault(
        "marts",
        "customer_loyalty_index",
        {"CLI quarter on quarter"},
        "update marts.customer_loyalty_index set cli = 15"
        " where date_month between '2026-06-01' and '2026-08-01'",
    ),
    Fault(
        "marts",
        "customer_loyalty_index",
        {"extreme CLI"},
        "update marts.customer_loyalty_index set cli = 8",
    ),
    Fault(
        "marts",
        "account_health",
        {"mean score", "mean score month on month"},
        "update marts.account_health set health_score = 5"
        " where date_month = '2026-08-01'",
    ),
    Fault(
        "marts",
        "account_health",
        {"red accounts"},
        "update marts.account_health set health_band = 'red'",
    ),
]

FAULTS = RAW_FAULTS + MART_FAULTS


# The first fault of each table is planted together, then the second of each, and so on:
# a run of the gate costs more than a suite.
def rounds(faults: list[Fault]) -> dict[int, tuple[Gate, int]]:
    return {
        index: (fault.gate, [f.table for f in faults[:index]].count(fault.table))
        for index, fault in enumerate(faults)
    }


def plant(healthy: Path, faults: list[Fault]) -> dict[tuple[Gate, int], GateResult]:
    """What the gates find, by gate and round."""
    results = {}
    by_round = rounds(faults)
    for gate, number in sorted(set(by_round.values())):
        planted_here = [faults[i] for i, at in by_round.items() if at == (gate, number)]
        broken = healthy.with_name(f"{gate}-{number}.duckdb")
        shutil.copy(healthy, broken)
        statements: list[str] = []
        for fault in planted_here:
            statements += statements_of(fault)
        write(broken, *statements)
        tables = [fault.table for fault in planted_here]
        results[gate, number] = validate(gate, broken, only=tables)
    return results


ROUNDS = rounds(FAULTS)


@pytest.fixture(scope="session")
def planted(healthy: Path) -> dict[tuple[Gate, int], GateResult]:
    return plant(healthy, FAULTS)


def names(faults: list[Fault]) -> list[str]:
    return [f"{f.table}-{'+'.join(sorted(f.checks))}" for f in faults]


@pytest.mark.parametrize("index", range(len(FAULTS)), ids=names(FAULTS))
def test_a_fault_is_caught_by_its_checks_alone(
    index: int, planted: dict[tuple[Gate, int], GateResult]
) -> None:
    fault = FAULTS[index]
    result = planted[ROUNDS[index]]
    suite = suite_of(result, fault.table)
    assert checks(suite.failed_critical) == fault.checks, suite.failed_critical
    assert not result.passed
    assert not suite.passed


@pytest.fixture(scope="session")
def planted_oddities(
    healthy: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[Gate, int], GateResult]:
    folder = tmp_path_factory.mktemp("odd")
    return plant(Path(shutil.copy(healthy, folder)), RAW_WARNINGS)


@pytest.mark.parametrize("index", range(len(RAW_WARNINGS)), ids=names(RAW_WARNINGS))
def test_what_is_odd_warns(
    index: int, planted_oddities: dict[tuple[Gate, int], GateResult]
) -> None:
    oddity = RAW_WARNINGS[index]
    result = planted_oddities[rounds(RAW_WARNINGS)[index]]
    suite = suite_of(result, oddity.table)
    assert suite.passed, suite.failed_critical
    assert checks(suite.warnings) >= oddity.checks, suite.warnings


def test_each_check_has_a_fault_that_it_catches() -> None:
    gates: tuple[Gate, ...] = ("raw", "marts")
    critical: set[tuple[str, str, str]] = set()
    warning: set[tuple[str, str, str]] = set()
    for gate in gates:
        for table in quality_checks.tables_of(gate):
            for check in quality_checks.checks_of(gate, table, CONFIG):
                (critical if check.fail else warning).add((gate, table, check.name))
    caught = {(f.gate, f.table, name) for f in FAULTS for name in f.checks}
    assert critical == caught
    warned = {(f.table, name) for f in RAW_WARNINGS for name in f.checks}
    shared = {("logins", "volume"), ("surveys", "volume")}  # one of three is planted
    shared |= {("feature_events", "surge of rows")}
    assert {(t, c) for gate, t, c in warning if gate == "raw"} == warned | shared


def test_each_query_is_that_of_a_check() -> None:
    written = set(quality_checks.QUERIES.rglob("*.sql"))
    assert written - {quality_checks.QUERIES / "macros.sql"} == set(
        quality_checks.queries_used()
    )


def test_every_mart_has_a_suite_or_a_reason_for_none() -> None:
    marts = {file.stem for file in (ROOT / "models" / "marts").rglob("*.sql")}
    without = quality_checks.bounds()["marts_without_suite"]
    assert all(without.values())
    assert set(without).isdisjoint(quality_checks.mart_tables())
    assert marts == {*without, *quality_checks.mart_tables()}


# -- what is small or odd, but honest, passes ------------------------------------------


def test_a_header_without_rows_only_warns(company: Path) -> None:
    write(company, *(f"delete from raw.raw_{table}" for table in RAW))
    result = validate("raw", company)
    assert result.passed
    for suite in result.suites:
        required = suite.name in {"subscriptions", "logins", "surveys"}
        assert checks(suite.warnings) == ({"volume"} if required else set())
        assert (suite.skipped_reason is None) == required


def test_tables_may_be_absent(company: Path) -> None:
    required = {"subscriptions", "logins", "surveys"}
    write(
        company,
        *(f"drop table raw.raw_{table}" for table in RAW if table not in required),
    )
    write(company, "update raw.raw_subscriptions set currency = 'USD'")
    result = validate("raw", company)
    assert result.passed
    assert {s.name for s in result.suites if not s.skipped_reason} == required
    assert {s.skipped_reason for s in result.suites} == {None, "not provided"}


def test_optional_columns_may_be_absent(company: Path) -> None:
    write(
        company,
        "alter table raw.raw_subscriptions drop column cancel_reason",
        "alter table raw.raw_users drop column deactivated_at",
        "alter table raw.raw_surveys drop column user_id",
        "alter table raw.raw_surveys drop column responded_at",
        "alter table raw.raw_accounts drop column is_internal",
    )
    result = validate("raw", company, only=["subscriptions", "surveys", "accounts"])
    assert result.passed
    warned = {name for suite in result.suites for name in checks(suite.warnings)}
    assert warned == {"cancel reasons"}


def test_three_accounts_with_odd_data_pass_the_raw_gate(company: Path) -> None:
    mine = "('a1', 'a2', 'a3')"
    write(
        company,
        *(
            f"delete from raw.raw_{table} where account_id not in {mine}"
            for table in RAW
            if table not in {"referrals", "costs", "exchange_rates"}
        ),
        # busy until each took a month of holiday, one after the other
        "insert into raw.raw_logins select login_id || '-' || i, user_id, account_id,"
        " logged_in_at from raw.raw_logins, range(30) as t (i)",
        "delete from raw.raw_logins where logged_in_at > '2026-08-20'"
        " or logged_in_at > '2026-08-14' and length(login_id) > 5",
        "delete from raw.raw_feature_events where occurred_at > '2026-08-20'",
        "delete from raw.raw_surveys where sent_at > '2025-09-01' or rowid % 5 > 1",
        # with a survey tool that exports nonsense, under ids of its own
        "update raw.raw_surveys set score = 'great', survey_type = 'other',"
        " account_id = 'x' || account_id",
        "update raw.raw_accounts set is_internal = 'true', signed_up_on = '?'",
        "update raw.raw_subscriptions set ended_on = '2026-09-01'",
        "delete from raw.raw_referrals",
        "delete from raw.raw_costs where date_month < '2026-03-01'"
        " or date_month > '2026-05-01'",
    )
    result = validate("raw", company)
    assert result.passed, list(lines(result))
    assert checks(suite_of(result, "logins").warnings) == {"freshness"}
    with duckdb.connect(str(company), read_only=True) as connection:
        weeks = connection.execute(
            "select count(*) from raw.raw_logins group by (date '2026-08-20'"
            " - cast(left(logged_in_at, 10) as date)) // 7 order by 1"
        ).fetchall()
    assert weeks[0][0] < 0.1 * weeks[3][0], "the collapse this test is about"


def test_a_start_up_passes_the_mart_gate(company: Path) -> None:
    """Three customers, of whom two leave; one survey; no events."""
    write(
        company,
        *(f"delete from marts.{table}" for table in MARTS if table not in KEEP),
        "delete from marts.monthly_churn where date_month < date '2026-08-01'",
        "update marts.monthly_churn set customers_at_start = 3, customers_at_end = 1,"
        " mrr_at_start = 300, mrr_at_end = 10, churn_rate = 0.67",
        "insert into marts.nps_segments values"
        " ('r1', timestamp '2026-09-02', 'promoter')",
        "insert into marts.nps_monthly values"
        " (date '2026-09-01', 'month', false, 1, 100),"
        " (date '2026-09-01', 'trailing_90_days', false, 1, 100)",
        "insert into marts.customer_loyalty_index values"
        " (date '2026-09-01', false, 1, 10)",
        "insert into marts.account_health values"
        " ('a1', date '2026-08-01', 0, 'red', 0.3)",
    )
    result = validate("marts", company)
    assert result.passed, list(lines(result))


KEEP = {"monthly_churn"}


def test_empty_marts_pass(company: Path) -> None:
    write(company, *(f"delete from marts.{table}" for table in MARTS))
    result = validate("marts", company)
    assert result.passed, list(lines(result))
    assert all(checks(suite.warnings) == {"volume"} for suite in result.suites)


def test_a_collapse_that_comes_every_year_passes(company: Path) -> None:
    """Schools are closed in the last week of the data, as they were a year ago."""
    quiet = "and account_id not in ('a1', 'a2')"
    write(
        company,
        """
        insert into raw.raw_logins
        select login_id || '-' || hundreds, user_id, account_id,
            cast(left(logged_in_at, 10) as date) - 100 * hundreds::int || 'T09:30:00Z'
        from raw.raw_logins, range(1, 6) as t (hundreds)
        """,
        "delete from raw.raw_logins where logged_in_at > '2026-09-14'" + quiet,
        "delete from raw.raw_logins where logged_in_at between '2025-08-30' and"
        " '2025-10-06'" + quiet,
    )
    assert validate("raw", company, only=["logins"]).passed


def test_a_source_with_its_own_rhythm_is_not_stale(company: Path) -> None:
    """Surveys in campaigns, every five months or so: 150 days of silence are usual."""
    write(
        company,
        "delete from raw.raw_surveys where month(cast(sent_at as date)) not in (4, 10)",
    )
    suite = suite_of(validate("raw", company, only=["surveys"]), "surveys")
    assert suite.passed
    assert "freshness" in checks(suite.warnings)


def test_freshness_limits_come_from_the_var(company: Path) -> None:
    write(company, *statements_of(late("logins", "logged_in_at", 20)))
    patient = {**CONFIG, "freshness": {"logins": {"warn_days": 25, "fail_days": 30}}}
    suite = suite_of(
        validate("raw", company, only=["logins"], config=patient), "logins"
    )
    assert (suite.passed, suite.warnings) == (True, [])
    no_limit = {**CONFIG, "freshness": {"logins": {"warn_days": 3, "fail_days": None}}}
    suite = suite_of(
        validate("raw", company, only=["logins"], config=no_limit), "logins"
    )
    assert (suite.passed, checks(suite.warnings)) == (True, {"freshness"})


def test_an_earlier_as_of_date_ignores_what_came_later(company: Path) -> None:
    earlier = date(2026, 8, 1)
    write(company, *statements_of(collapsed("logins", "logged_in_at")))
    assert validate("raw", company, only=["logins"], as_of_date=earlier).passed


def test_a_check_in_gate_exceptions_only_warns(company: Path) -> None:
    fault = collapsed("logins", "logged_in_at")
    write(company, *statements_of(fault))
    config = {**CONFIG, "gate_exceptions": ["raw.raw_logins: collapse of rows"]}
    suite = suite_of(validate("raw", company, only=["logins"], config=config), "logins")
    assert checks(suite.failed_critical) == {"collapse of accounts"}
    assert checks(suite.warnings) == {"collapse of rows"}
    assert "gate_exceptions" in suite.warnings[0]


# -- what cannot be checked is reported ------------------------------------------------


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(GateError, match=r"nowhere\.duckdb is not there.*make build"):
        validate("raw", tmp_path / "nowhere.duckdb")


def test_a_file_that_is_not_a_database_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "notes.duckdb"
    path.write_text("not a database\n" * 500, encoding="utf-8")
    with pytest.raises(GateError, match=r"notes\.duckdb cannot be read"):
        validate("raw", path)


@pytest.mark.parametrize(("gate", "schema"), [("raw", "staging"), ("marts", "marts")])
def test_a_missing_schema_is_reported(gate: Gate, schema: str, tmp_path: Path) -> None:
    empty = write(tmp_path / "empty.duckdb", "create table t as select 1")
    with pytest.raises(GateError, match=f"no schema {schema}.*make build"):
        validate(gate, empty)


def test_missing_tables_are_named(company: Path) -> None:
    write(
        company,
        "drop table raw.raw_logins",
        "drop table marts.nps_monthly",
        "drop table marts.dim_accounts",
    )
    with pytest.raises(GateError, match=r"staging\.base_logins: not in the database"):
        validate("raw", company)
    with pytest.raises(
        GateError, match=r"marts\.nps_monthly, marts\.dim_accounts: not"
    ):
        validate("marts", company)


def test_a_missing_column_of_a_mart_fails_its_checks(company: Path) -> None:
    write(company, "alter table marts.active_users drop column mau")
    suite = suite_of(validate("marts", company, only=["active_users"]), "active_users")
    (failure,) = suite.failed_critical
    assert failure.startswith("monthly active users: could not be checked")
    assert "mau" in failure


def test_a_file_open_for_writing_is_reported(company: Path) -> None:
    with (
        duckdb.connect(str(company)),
        pytest.raises(GateError, match="open for writing elsewhere"),
    ):
        validate("raw", company, only=["costs"])


# -- how it behaves --------------------------------------------------------------------


def test_pages_are_written_without_an_address_and_nothing_is_printed(
    company: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "jane.doe@secret.example"
    write(
        company,
        *(
            f"update raw.raw_users set {column} = '{secret}'"
            for column in ("account_id", "email", "created_at")
        ),
        f"update raw.raw_surveys set user_id = '{secret}'",
    )
    folder = tmp_path / "out"
    found = run_gate(
        "raw",
        company,
        as_of_date=AS_OF,
        config=CONFIG,
        docs_folder=folder,
        only=["users", "surveys"],
    )
    assert capfd.readouterr() == ("", "")
    assert not found.passed
    assert checks(suite_of(found, "surveys").warnings) == {"users of many accounts"}
    assert "1, <address> (" in suite_of(found, "surveys").warnings[0]
    assert found.docs == folder / "raw.html"
    assert json.loads((folder / "raw.json").read_text())["passed"] is False
    written = {path.name: path for path in folder.rglob("*") if path.is_file()}
    assert set(written) == {"index.html", "raw.html", "raw.json"}
    assert not [p for p in written.values() if secret.encode() in p.read_bytes()]
    # The file is closed: the build can write to it again.
    write(company, "create table staging.afterwards as select 1")


class Links(HTMLParser):
    """What a page links to, and the ids that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.targets.add(value)
            if name == "id" and value:
                self.ids.add(value)


def links(page: Path) -> Links:
    found = Links()
    found.feed(page.read_text(encoding="utf-8"))
    return found


def test_the_pages_open_offline_and_lead_to_each_other(
    company: Path, tmp_path: Path
) -> None:
    gates: tuple[Gate, ...] = ("raw", "marts")
    for gate in gates:
        run_gate(
            gate,
            company,
            as_of_date=AS_OF,
            config=CONFIG,
            docs_folder=tmp_path,
            only=["logins", "monthly_churn"],
        )
    index = links(tmp_path / "index.html")
    assert {"raw.html", "marts.html", "raw.html#logins"} <= index.targets
    for name in ("index.html", "raw.html", "marts.html"):
        for target in links(tmp_path / name).targets:
            page, _, anchor = target.partition("#")
            assert (tmp_path / page).is_file(), target  # a file here, no address
            assert not anchor or anchor in links(tmp_path / page).ids, target
    page = (tmp_path / "raw.html").read_text(encoding="utf-8")
    assert "collapse of rows" in page
    assert "from staging.base_logins" in page  # the query, to run by hand


def test_the_report_shows_what_is_wrong_and_what_to_do(company: Path) -> None:
    write(
        company,
        *statements_of(collapsed("logins", "logged_in_at")),
        "delete from raw.raw_surveys",
        "drop table raw.raw_costs",
        "update raw.raw_referrals set referred_on = 'soon' where rowid % 3 > 0",
    )
    tables = ["logins", "surveys", "costs", "referrals"]
    output = list(lines(validate("raw", company, only=tables)))
    complete = "is the export complete? Compare its newest days with the source"
    assert output == [
        "raw.raw_logins     12 checks  2 FAILED",
        "    FAILED  collapse of rows: 14 rows of 2 accounts in the last seven days,"
        f" 420.0 of 60.0 are usual, expected at least 10% - {complete}",
        "    FAILED  collapse of accounts: 14 rows of 2 accounts in the last seven"
        f" days, 420.0 of 60.0 are usual, expected at least 20% - {complete}",
        "raw.raw_surveys    1 check    1 warning",
        "    warning volume: 0 rows, expected at least 1 row - the table is required;"
        " without rows its metrics are empty. Is this meant?",
        "raw.raw_referrals  3 checks   1 FAILED",
        "    FAILED  accepted rows: 30 of 90 rows accepted (unparseable_referred_on"
        " 60), expected at least 50% of the rows - compare the columns that the"
        " reasons name with the contract; is the right column delivered under this"
        " name? Var raw_columns renames",
        "raw.raw_costs      skipped    not provided",
    ]


# -- rules whose message or bounds are part of them ------------------------------------


def outcome(
    company: Path,
    table: str,
    check: str,
    *sql: str,
    config: Mapping[str, Any] = CONFIG,
) -> tuple[str, str]:
    """A check's outcome and what it found, after some SQL, without the whole gate."""
    write(company, *sql, "-- raw")
    with duckdb.connect(str(company), read_only=True) as connection:
        relation = f"staging.base_{table}"
        columns = connection.execute(f"describe {relation}").fetchall()
        context = quality_checks.TableContext(
            name=table,
            relation=relation,
            rows=1,
            as_of_date=AS_OF,
            config=config,
            columns=frozenset(column[0] for column in columns),
            present=frozenset(RAW),
            has_catalogue=True,
        )
        (found,) = [
            each
            for each in quality_checks.checks_of("raw", table, config)
            if each.name == check
        ]
        result = connection.execute(quality_checks.sql_of("raw", context, found))
        names = [column[0] for column in result.description or ()]
        row = dict(zip(names, result.fetchone() or (), strict=True))
    if found.fail and not found.fail.holds(row[found.fail.measure]):
        return "failed", row["message"]
    if found.warn and not found.warn.holds(row[found.warn.measure]):
        return "warning", row["message"]
    return "passed", row["message"]


def terms(*rows: str) -> list[str]:
    """The subscriptions alone: id, account, plan, amount, started_on, ended_on."""
    values = ", ".join(f"({row})" for row in rows)
    return [
        "delete from raw.raw_subscriptions",
        f"""
        insert into raw.raw_subscriptions by name
        select *, 'month' as billing_interval, 'USD' as currency
        from (values {values}) as t (
            subscription_id, account_id, plan, amount, started_on, ended_on
        )
        """,
    ]


def successions(day_between: int, without: int) -> list[str]:
    """Subscriptions of two periods, some with a day between them."""
    rows = []
    for i in range(day_between + without):
        start = "2024-02-01" if i < day_between else "2024-01-31"
        rows += [
            f"'s{i}', 'a{i}', 'pro', '10', '2024-01-01', '2024-01-31'",
            f"'s{i}', 'a{i}', 'pro', '10', '{start}', null",
        ]
    return terms(*rows)


@pytest.mark.parametrize(
    ("day_between", "without", "expected"),
    [
        (2, 0, "passed"),  # fewer than 3
        (3, 12, "warning"),  # 20%
        (3, 13, "passed"),
        (10, 9, "warning"),  # most of them, but fewer than 20 successions
        (10, 10, "failed"),
        (9, 11, "warning"),
        (0, 30, "passed"),
    ],
)
def test_inclusive_ends_are_counted_in_successions(
    company: Path, day_between: int, without: int, expected: str
) -> None:
    sql = successions(day_between, without)
    found, message = outcome(company, "subscriptions", "inclusive ends", *sql)
    assert found == expected
    assert message.startswith(f"{day_between} of {day_between + without} ")
    assert "is ended_on inclusive?" in message


def test_two_items_without_an_item_id_are_named(company: Path) -> None:
    sql = terms(
        "'02-S', '02-A', 'base', '100', '2024-01-01', null",
        "'02-S', '02-A', 'addon', '20', '2024-01-01', null",
        # a plan that was changed, and its old term closed: on the day itself, later
        "'S2', 'B', 'base', '30', '2024-01-01', '2024-01-01'",
        "'S2', 'B', 'pro', '50', '2024-01-01', '2024-03-01'",
        "'S2', 'B', 'base', '30', '2024-03-01', null",
        # a plan that was left open
        "'S3', 'C', 'base', '30', '2024-01-01', null",
        "'S3', 'C', 'pro', '50', '2024-05-01', null",
        # a plan that was left open at a renewal, and then changed
        "'S4', 'D', 'base', '30', '2024-01-01', null",
        "'S4', 'D', 'base', '30', '2024-05-01', '2024-09-01'",
        "'S4', 'D', 'pro', '50', '2024-09-01', null",
    )
    found, message = outcome(company, "subscriptions", "one plan at a time", *sql)
    assert found == "warning"
    assert message == (
        "pairs of plans of one subscription that run at once: 2, MRR 200.00 at stake,"
        " 1 of them an earlier plan left open: 02-S (addon 20.00 and base 100.00 USD),"
        " S3 (base 30.00 and pro 50.00 USD)"
    )


def test_items_with_an_id_may_run_at_once(company: Path) -> None:
    write(
        company,
        *terms(
            "'02-S', '02-A', 'base', '100', '2024-01-01', null",
            "'02-S', '02-A', 'addon', '20', '2024-02-01', null",
        ),
    )
    with duckdb.connect(str(company)) as connection:
        connection.execute(
            "update staging.base_subscriptions set subscription_item_id = plan"
        )
    result = validate("raw", company, only=["subscriptions"])
    assert "one plan at a time" not in checks(
        suite_of(result, "subscriptions").warnings
    )


def test_a_subscription_under_another_account_is_named(company: Path) -> None:
    sql = terms(
        "'S1', 'A', 'pro', '100', '2024-01-01', '2024-06-01'",
        "'S1', 'B', 'pro', '120', '2024-06-01', null",
        # with a gap it is another story
        "'S2', 'C', 'pro', '100', '2024-01-01', '2024-06-01'",
        "'S2', 'D', 'pro', '100', '2024-08-01', null",
    )
    found = outcome(company, "subscriptions", "subscriptions of one account", *sql)
    assert found == (
        "warning",
        "subscriptions that continue under another account: 1,"
        " S1 from A to B (MRR 120.00 USD)",
    )


def test_ends_in_the_future_warn_where_most_have_one(company: Path) -> None:
    ending = "'S{0}', 'A{0}', 'pro', '100', '2026-01-01', '2027-01-01'"
    open_end = "'S{0}', 'A{0}', 'pro', '100', '2026-01-01', null"
    half = [ending.format(1), open_end.format(2)]
    check = ("subscriptions", "future ends")
    assert outcome(company, *check, *terms(*half))[0] == "passed"
    most = [*half, ending.format(3)]
    assert outcome(company, *check, *terms(*most)) == (
        "warning",
        "2 of 3 running paid periods have an end in the future",
    )
    off = {**CONFIG, "future_end_is_cancellation": False}
    assert outcome(company, *check, config=off)[0] == "passed"
    # one that a later period follows is no cancellation
    renewed = [*most, "'S4', 'A3', 'pro', '100', '2027-01-01', null"]
    assert outcome(company, *check, *terms(*renewed))[0] == "passed"


def test_five_stars_in_one_month_are_found(company: Path) -> None:
    check = ("surveys", "nps scale of late")
    assert outcome(company, *check)[0] == "passed"
    found, message = outcome(
        company,
        *check,
        "update raw.raw_surveys set score = least(cast(score as int), 5)"
        " where survey_type = 'nps' and sent_at > '2026-08-20'",
    )
    assert found == "failed"
    assert "of the last 31 days is above 5" in message


# -- honest change ---------------------------------------------------------------------

GROWTH = [
    # a third of all accounts came in the last two months, with their users
    """
    insert into raw.raw_logins by name
    select * replace (
        login_id || '-g' as login_id, user_id || 'g' as user_id,
        'a' || 60 + cast(substr(account_id, 2) as int) as account_id)
    from raw.raw_logins
    where logged_in_at > '2026-07-20' and cast(substr(account_id, 2) as int) % 2 = 0
    """,
    """
    insert into raw.raw_subscriptions by name
    select * replace (
        subscription_id || 'g' as subscription_id, started_on as started_on)
    from raw.raw_subscriptions where started_on > '2026-07-20'
    """,
]
PRICE_RISE = [
    "update raw.raw_subscriptions set amount = cast(amount as int) * 1.6"
    " where started_on > '2026-06-20'",
    "update raw.raw_invoices set amount = '160' where issued_on > '2026-06-20'",
]
BIG_CUSTOMER_LEAVES = [
    # half of all MRR, and a fifth of the logins, at other hours than the others
    "update raw.raw_subscriptions set amount = '20000' where account_id = 'a9'",
    "update raw.raw_subscriptions set ended_on = '2026-09-01', cancel_reason = 'price'"
    " where account_id = 'a9' and (ended_on is null or ended_on > '2026-09-01')"
    " and started_on < '2026-09-01'",
    """
    insert into raw.raw_logins by name
    select * replace (
        login_id || '-b' as login_id, 'big' || user_id as user_id, 'a9' as account_id,
        replace(logged_in_at, 'T09', 'T22') as logged_in_at)
    from raw.raw_logins where logged_in_at < '2026-09-01' and rowid % 4 = 0
    """,
]
HOLIDAY = [
    "delete from raw.raw_logins where logged_in_at > '2026-09-13' and rowid % 10 > 5",
    "delete from raw.raw_feature_events where occurred_at > '2026-09-13'"
    " and rowid % 10 > 5",
    "delete from raw.raw_support_tickets where opened_at > '2026-09-13'",
]


def test_growth_price_rises_losses_and_holidays_pass(company: Path) -> None:
    write(company, *GROWTH, *PRICE_RISE, *BIG_CUSTOMER_LEAVES, *HOLIDAY)
    result = validate("raw", company)
    assert result.passed, list(lines(result))
    warned = {name for suite in result.suites for name in checks(suite.warnings)}
    assert warned <= {"collapse of rows", "collapse of accounts"}, warned


def test_importing_the_package_is_cheap() -> None:
    code = (
        "import quality, quality.gates, quality.report, sys;"
        "sys.exit('great_expectations' in sys.modules or 'sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0

"""A candidate is compared with the published build: faults stop it, clean data passes.

Here faults are planted in published files, as the changes of marts that they make;
in `test_compare_raw.py` they are planted in raw data, which is then built.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipeline import hashes
from pipeline.publish import compare as module
from pipeline.publish import fingerprints, published_file
from pipeline.publish.compare import CHECKS, Comparison, compare
from tests.python.conftest import ROOT, settings_of

Plant = Callable[[str], Path]


@pytest.fixture(scope="module")
def base(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as readers have it."""
    file = tmp_path_factory.mktemp("compare") / "warehouse.duckdb"
    marts = published_file.marts_of(ROOT / "target" / "manifest.json")
    published_file.write(demo_database, file, marts, with_comments=False)
    return file


@pytest.fixture
def plant(base: Path, tmp_path: Path) -> Plant:
    """A copy of the demo in which some SQL was run."""

    def planted(sql: str) -> Path:
        file = tmp_path / f"{len([*tmp_path.iterdir()])}.duckdb"
        shutil.copyfile(base, file)
        with duckdb.connect(str(file)) as connection:
            connection.execute("use marts")
            connection.execute(MACROS)
            connection.execute(sql)
        return file

    return planted


def differences(before: Path, candidate: Path, **given: Any) -> Comparison:
    return compare(before, candidate, late_arrival_days=3, **given)


# What raw faults do to the marts. `part(x)`: a number from 0 to 99 that is x's own.
MACROS = "create temp macro part(x) as hash(x) % 100;"
AMOUNTS_TIMES_100 = """
    update fct_subscription_periods set mrr = mrr * 100;
    update fct_mrr_ledger set mrr_balance = mrr_balance * 100;
    update monthly_churn set mrr_at_end = mrr_at_end * 100;
"""
# MRR of the months from the ledger, after it was changed.
MRR_FROM_LEDGER = """
    update monthly_churn set
        mrr_at_end = (
            select coalesce(sum(balance), 0)
            from (
                select max_by(mrr_balance, date_day) as balance from fct_mrr_ledger
                where date_day <= last_day(date_month) group by account_id
            )
        ),
        customers_at_end = (
            select count(*)
            from (
                select max_by(mrr_balance, date_day) as balance from fct_mrr_ledger
                where date_day <= last_day(date_month) group by account_id
            )
            where balance > 0
        );
"""
LOGINS_FROM_DAYS = """
    update activity_monthly set logins = (
        select coalesce(sum(logins), 0) from fct_user_days as days
        where date_trunc('month', days.date_day) = activity_monthly.date_month
    );
    update data_quality_summary set rows_in = (select sum(logins) from fct_user_days)
    where source_table = 'logins';
"""
RENAMED_FEATURES = "update feature_adoption set feature_key = upper(feature_key);"

FAULTS = {
    "60% of accounts missing": (
        """
        update data_quality_summary set rows_in = rows_in * 0.4
            where source_table = 'accounts';
        update dim_accounts set industry = 'unknown', country = 'unknown',
            signed_up_on = null where part(account_id) < 60;
        """,
        {"rows", "filled"},
    ),
    "half of the subscriptions missing": (
        """
        delete from fct_subscription_periods where part(subscription_id) < 50;
        delete from fct_mrr_ledger where part(account_id) < 50;
        update data_quality_summary set rows_in = rows_in * 0.5
            where source_table = 'subscriptions';
        """
        + MRR_FROM_LEDGER,
        {"rows", "customers", "mrr", "mrr_by_plan", "newest_customers", "newest_mrr"},
    ),
    "one plan's prices times 100": (
        """
        update fct_subscription_periods set mrr = mrr * 100 where plan = 'team';
        update fct_mrr_ledger set mrr_balance = mrr_balance * 100
            where account_id in (
                select account_id from fct_subscription_periods where plan = 'team'
            );
        """
        + MRR_FROM_LEDGER,
        {"mrr", "mrr_by_plan"},
    ),
    "logins doubled under new ids": (
        "update fct_user_days set logins = logins * 2;" + LOGINS_FROM_DAYS,
        {"rows", "logins", "logins_per_user"},
    ),
    "all amounts in cents": (AMOUNTS_TIMES_100, {"mrr", "mrr_by_plan", "newest_mrr"}),
    "a bot makes half of all logins": (
        """
        insert into fct_user_days by name
            select 'A0001' as account_id, 'bot' as user_id, date_day,
                sum(logins) as logins, 0 as session_minutes, 0 as core_events,
                sum(logins) as events, true as is_active
            from fct_user_days group by date_day;
        """
        + LOGINS_FROM_DAYS,
        {"rows", "logins", "busiest_user"},
    ),
    "a bot since three weeks": (
        """
        insert into fct_user_days by name
            select 'A0001' as account_id, 'bot' as user_id, date_day,
                sum(logins) as logins, 0 as session_minutes, 0 as core_events,
                sum(logins) as events, true as is_active
            from fct_user_days where date_day > date '2026-08-30' group by date_day;
        """
        + LOGINS_FROM_DAYS,
        {"busiest_user"},
    ),
    "exchange rates end three months ago": (
        """
        update data_quality_summary set rows_in = rows_in - 7,
            latest_row_at = latest_row_at - interval 92 days
            where source_table = 'exchange_rates';
        """,
        {"rows", "newest_row"},
    ),
    "exchange rates stand still for three months": (
        """
        update fct_subscription_periods set mrr = mrr * (1.01 + part(mrr) / 2000)
            where part(account_id) < 40 and started_on > date '2026-06-10';
        """,
        {"recent_terms"},
    ),
    "no invoice was ever paid": (
        "update customer_lifetime_value set invoiced_to_date = 0;",
        {"invoices_paid"},
    ),
    "one month's amounts in cents": (
        """
        update fct_subscription_periods set mrr = mrr * 100
            where date_trunc('month', started_on) = date '2026-04-01';
        update fct_mrr_ledger set mrr_balance = mrr_balance * 100
            where account_id in (
                select account_id from fct_subscription_periods
                where date_trunc('month', started_on) = date '2026-04-01' and mrr > 0
            ) and date_day >= date '2026-04-01';
        """
        + MRR_FROM_LEDGER,
        {"mrr", "mrr_by_plan"},
    ),
    "the open month's amounts in cents": (
        """
        update fct_mrr_ledger set mrr_balance = mrr_balance * 100
            where date_day >= date '2026-09-01';
        """
        + MRR_FROM_LEDGER,
        {"newest_mrr"},
    ),
    "half of the logins missing at random": (
        """
        delete from fct_user_days where part((user_id, date_day)) < 40;
        update fct_user_days set logins = ceil(logins * 0.8);
        """
        + LOGINS_FROM_DAYS,
        {"rows", "logins", "user_days"},
    ),
    "exchange rates inverted": (
        # Of all accounts in euro and pound: 1.1 becomes 0.9, 1.3 becomes 0.77.
        """
        update fct_subscription_periods set mrr = mrr * 0.7 where part(account_id) < 45;
        update fct_mrr_ledger set mrr_balance = mrr_balance * 0.7
            where part(account_id) < 45;
        """
        + MRR_FROM_LEDGER,
        {"mrr", "mrr_by_plan"},
    ),
    "cancel reasons all null": (
        """
        create or replace table churn_reasons as
            select date_month, 'unknown' as churn_reason,
                sum(churned_customers) as churned_customers
            from churn_reasons group by date_month;
        """,
        {"churn_reasons"},
    ),
    "ended_on all null": (
        """
        update fct_subscription_periods set ended_on = null;
        update monthly_churn set churned_customers = 0,
            customers_at_end = customers_at_end + 40;
        """,
        {"churned_customers", "customers", "filled", "mrr_by_plan"},
    ),
    "internal flags lost": (
        """
        insert into dim_accounts by name
            select 'internal' || i as account_id, 'Test' as account_name,
                'Software' as industry, 'DE' as country,
                date '2024-02-01' as signed_up_on
            from range(2) as t (i);
        """,
        {"past_accounts"},
    ),
    "plan names in capitals": (
        """
        update fct_subscription_periods set plan = upper(plan);
        """,
        {"mrr_by_plan"},
    ),
    "feature keys renamed": (RENAMED_FEATURES, {"feature_events"}),
    "a time zone shift of seven hours": (
        # Seven of the twelve hours in which people log in: evenings are tomorrow.
        """
        update fct_user_days set date_day = date_day + 1
            where part((user_id, date_day)) < 16
            and (user_id, date_day + 1) not in (
                select (user_id, date_day) from fct_user_days
            );
        """,
        {"user_days"},
    ),
    "many rows rejected": (
        """
        update data_quality_summary set rejected = rejected + 150,
            accepted = accepted - 150 where source_table = 'surveys';
        """,
        {"rejected"},
    ),
    "promoters and detractors swapped": (
        "update nps_monthly set promoters = detractors, detractors = promoters;",
        {"nps_promoters_and_detractors"},
    ),
    "answers lost": (
        """
        update nps_monthly set responses = floor(responses * 0.8);
        update customer_loyalty_index set responses = floor(responses * 0.8);
        update csat_monthly set responses = floor(responses * 0.8);
        """,
        {"nps_answers", "loyalty_answers", "csat_answers"},
    ),
    "owners of accounts lost": (
        "update dim_accounts set csm_owner = null;",
        {"filled"},
    ),
    "active users lost": (
        "update user_lifecycle set active_users = floor(active_users * 0.8);",
        {"active_users", "logins_per_user"},
    ),
    "renewals lost": ("update renewals set due = due / 2;", {"renewals"}),
    "four weeks without most logins": (
        """
        update active_users set dau = dau * 0.3 where date_day > date '2026-08-24';
        delete from fct_user_days
            where date_day > date '2026-08-24' and part(user_id) < 70;
        """,
        {"newest_logins", "newest_active_users"},
    ),
}

ONE_MORE_DAY = """
    update figures_as_of set as_of_date = as_of_date + 1;
    insert into fct_user_days by name
        select account_id, user_id, date '2026-09-21' as date_day, logins,
            session_minutes, core_events, events, is_active
        from fct_user_days where date_day = date '2026-09-14';
    insert into active_users
        select date '2026-09-21', dau, wau, mau, stickiness, dau_7d_mean
        from active_users
        where date_day = date '2026-09-14';
    update data_quality_summary set rows_in = rows_in + 150,
        latest_row_at = latest_row_at + interval 1 day
        where source_table in ('logins', 'feature_events');
"""
CLEAN = {
    "nothing new": "select 1;",
    "one more day": ONE_MORE_DAY,
    "clean growth": ONE_MORE_DAY
    + """
        update monthly_churn set customers_at_end = customers_at_end * 1.2,
            mrr_at_end = mrr_at_end * 1.2 where date_month = date '2026-09-01';
        update data_quality_summary set rows_in = rows_in * 1.1;
        update fct_user_days set logins = logins + 1
            where date_day > date '2026-08-25' and part(user_id) < 25;
    """,
    "price rises": """
        update fct_subscription_periods set mrr = mrr * 1.15
            where started_on > date '2026-09-01';
        update fct_mrr_ledger set mrr_balance = mrr_balance * 1.15
            where date_day > date '2026-09-01';
    """
    + MRR_FROM_LEDGER,
    "prices raised in place, on all running terms of a plan": """
        update fct_subscription_periods set mrr = mrr * 1.1
            where ended_on is null and plan = 'team';
    """,
    "a big customer left two months ago": """
        update fct_subscription_periods set ended_on = date '2026-07-10'
            where account_id =
                (select max_by(account_id, current_mrr) from dim_accounts)
            and started_on < date '2026-07-10' and ended_on is null;
        delete from fct_mrr_ledger
            where account_id =
                (select max_by(account_id, current_mrr) from dim_accounts)
            and date_day >= date '2026-07-10';
        insert into fct_mrr_ledger
            select arg_max(account_id, current_mrr), date '2026-07-10', -1, 0
            from dim_accounts;
    """
    + MRR_FROM_LEDGER,
    "a holiday": ONE_MORE_DAY
    + """
        delete from fct_user_days
            where date_day > date '2026-09-09' and part((user_id, date_day)) < 85;
        update active_users set dau = dau * 0.15 where date_day > date '2026-09-09';
        update data_quality_summary set rows_in = rows_in - 300
            where source_table = 'logins';
    """,
    "late rows": """
        update fct_user_days set logins = logins + 1
            where date_day between date '2026-08-25' and date '2026-08-31'
            and part((user_id, date_day)) < 3;
    """
    + LOGINS_FROM_DAYS,
    "a contract is delivered years late": """
        insert into fct_mrr_ledger by name
            select 'late' as account_id, date '2024-01-15' as date_day,
                110 as mrr_change, 110 as mrr_balance;
    """
    + MRR_FROM_LEDGER,
    "some accounts deleted at the source": """
        update data_quality_summary set rows_in = rows_in - 3
            where source_table = 'accounts';
        update dim_accounts set industry = 'unknown' where part(account_id) < 2;
    """,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_stops_the_publish(fault: str, base: Path, plant: Plant) -> None:
    sql, expected = FAULTS[fault]
    found = differences(base, plant(sql))
    assert expected <= {d.check for d in found.of("stop")}, found
    assert found.stops


@pytest.mark.parametrize("change", CLEAN)
def test_clean_data_passes(change: str, base: Path, plant: Plant) -> None:
    found = differences(base, plant(CLEAN[change]))
    assert [str(d) for d in found.of("stop")] == []


def test_unchanged_data_has_no_differences(base: Path, plant: Plant) -> None:
    found = differences(base, plant("select 1"), rules_changed=True)
    assert found.differences == []
    assert found.changed_rule == []
    # A query with a mistake would be skipped, too.
    assert found.skipped == []


def test_each_check_is_seen_to_stop() -> None:
    text = yaml.safe_load(CHECKS.read_text(encoding="utf-8"))
    kinds = ("closed_months", "newest", "totals", "shares", "filled_columns", "rows")
    names = {check["name"] for kind in kinds for check in text[kind]}
    seen = {check for _, checks in FAULTS.values() for check in checks}
    assert names - seen == {"inferred"}  # below: it needs two changes
    assert [check["name"] for check in text["private"]] == ["older_events"]
    for kind in (*kinds, "private"):
        for check in text[kind]:
            assert check["reason"] and check["warn"] < check["stop"], check["name"]


def test_inferred_ids(base: Path, plant: Plant) -> None:
    after = plant(
        "update data_quality_summary set inferred_ids = 60, accepted = accepted - 60"
        " where source_table = 'accounts'"
    )
    assert {d.check for d in differences(base, after).of("stop")} == {"inferred"}


@pytest.mark.parametrize(
    ("rows_delivered", "is_before_delivery", "weight", "severity"),
    [
        (2000, "false", 1, "stop"),  # doubled under new ids
        (500, "false", 1, "stop"),  # half of them missing
        (970, "false", 1, "warning"),  # late events
        (0, "true", 1, None),  # an export of the last months alone
        (2000, "false", 1_000_000_000, None),  # the day was read again
    ],
)
def test_events_of_final_days(
    rows_delivered: int,
    is_before_delivery: str,
    weight: int,
    severity: str | None,
    base: Path,
    tmp_path: Path,
) -> None:
    private = tmp_path / "private.duckdb"
    with duckdb.connect(str(private)) as connection:
        connection.execute(
            f"""
            create schema marts;
            create table marts.data_quality_summary as
                select 'logins' as source_table, 2000 as rows_in;
            create schema staging;
            create table staging.event_days_that_differ as
                select 'logins' as source_table,
                    date '2026-01-01' + cast(i as integer) as date_day,
                    {rows_delivered} as rows_delivered, 1000 as rows_validated,
                    {is_before_delivery} as is_before_delivery, {weight} as weight
                from range(2) as days (i);
            """
        )
    found = differences(base, base, private=private)
    assert [(d.check, d.severity) for d in found.differences] == [
        ("older_events", severity)
    ][: 1 if severity else 0]
    assert found.skipped == []


def test_between_clean_and_a_stop_is_a_warning(base: Path, plant: Plant) -> None:
    found = differences(
        base,
        plant(
            "update monthly_churn set customers_at_end = customers_at_end + 3"
            " where date_month >= date '2026-03-01'"
        ),
    )
    assert [d.check for d in found.of("warning")] == ["customers"]
    assert not found.stops


def test_what_changed_most_is_named(base: Path, plant: Plant) -> None:
    sql, _ = FAULTS["one plan's prices times 100"]
    found = differences(base, plant(sql))
    [mrr] = [d for d in found.of("stop") if d.check == "mrr_by_plan"]
    assert "team" in mrr.text
    assert len(mrr.members) == 3
    assert all("A0" in member and "→" in member for member in mrr.members)


def test_one_account_in_cents_is_no_correction(base: Path, plant: Plant) -> None:
    biggest = "(select arg_max(account_id, current_mrr) from dim_accounts)"
    found = differences(
        base,
        plant(
            "update fct_mrr_ledger set mrr_balance = mrr_balance * 100"
            f" where account_id = {biggest};" + MRR_FROM_LEDGER
        ),
    )
    assert "mrr" in {d.check for d in found.of("stop")}


def test_an_exception_makes_a_stop_a_warning(base: Path, plant: Plant) -> None:
    file = plant(RENAMED_FEATURES)
    found = differences(base, file, exceptions=["publish: feature_events"])
    assert not found.stops
    assert "feature_events" in {d.check for d in found.of("warning")}


def test_an_earlier_as_of_date_compares_closed_months_alone(
    base: Path, plant: Plant
) -> None:
    earlier = """
        update figures_as_of set as_of_date = date '2026-07-15';
        delete from monthly_churn where date_month > date '2026-07-01';
        delete from activity_monthly where date_month > date '2026-07-01';
        delete from fct_user_days where date_day > date '2026-07-15';
        update customer_lifetime_value set invoiced_to_date = invoiced_to_date * 0.8;
    """
    assert differences(base, plant(earlier)).differences == []
    broken = plant(earlier + "update monthly_churn set customers_at_end = 1;")
    assert {d.check for d in differences(base, broken).of("stop")} == {"customers"}


def test_a_changed_rule_lists_every_difference(base: Path, plant: Plant) -> None:
    file = plant("""
        update user_lifecycle set active_users = active_users + 1
            where date_month = date '2026-03-01';
        update kpi_monthly set value = value + 0.001
            where date_month = date '2026-03-01' and metric = 'churn_rate';
    """)
    assert not differences(base, file).stops
    found = differences(base, file, rules_changed=True)
    assert found.stops
    assert found.differences == []
    assert [line.split(":")[0] for line in found.changed_rule] == [
        "active users",
        "logins per active user",
        "churn_rate",
    ]
    # The month that is not closed yet may differ.
    file = plant("update kpi_monthly set value = 1 where date_month >= '2026-09-01'")
    assert not differences(base, file, rules_changed=True).stops


def test_a_file_without_an_as_of_date_is_not_compared(tmp_path: Path) -> None:
    file = tmp_path / "old.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts")
    found = differences(file, file)
    assert found.skipped and not found.stops


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 2, 5), date(2026, 2, 28)),
        (date(2024, 2, 29), date(2024, 2, 29)),
        (date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_last_day(day: date, last: date) -> None:
    assert module._last_day(day) == last


# -- what a build is made from ---------------------------------------------------------


def test_the_inputs_of_a_build_have_no_password() -> None:
    config = {"raw_location": None, "raw_schema": "raw"}
    for url in (
        "postgresql://user:secret@host/database",
        "postgres:host=h user=u password=secret",
        "mysql://user:secret@host/database",
    ):
        found = fingerprints.inputs(config, settings_of({"RAW_DATABASE": url}))
        assert "host" in str(found) or "h user" in str(found)
        assert "secret" not in str(found)
    assert fingerprints.inputs(config, settings_of({})) == {"raw_location": "demo"}
    first = fingerprints.inputs(config, settings_of({"RAW_LOCATION": "exports/"}))
    assert first == fingerprints.inputs(
        config, settings_of({"RAW_LOCATION": "exports"})
    )
    assert first != fingerprints.inputs(config, settings_of({"RAW_LOCATION": "other"}))


def test_fingerprints_see_rules_and_vars(tmp_path: Path) -> None:
    for name, text in (
        ("models/marts/a.sql", "select 1"),
        ("macros/b.sql", "x"),
        ("seeds/reference/c.csv", "y"),
        ("docs/d.md", "no rule"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = fingerprints.rules(tmp_path)
    assert list(before) == [
        "models/marts/a.sql",
        "macros/b.sql",
        "seeds/reference/c.csv",
    ]
    (tmp_path / "models/marts/a.sql").write_text("select 2", encoding="utf-8")
    (tmp_path / "macros/b.sql").unlink()
    changed = hashes.changed(before, fingerprints.rules(tmp_path))
    assert changed == ["macros/b.sql", "models/marts/a.sql"]
    config = {"mau_window_days": 30, "keep_builds": 5}
    old = fingerprints.settings(config)
    assert fingerprints.settings({**config, "keep_builds": 6}) == old
    assert hashes.changed(
        old, fingerprints.settings({**config, "mau_window_days": 28})
    ) == ["mau_window_days"]
    assert fingerprints.rules()  # the project's own

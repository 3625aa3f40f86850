"""Raw tables at any scale, as Parquet files with the contract's columns and types.

python -m benchmarks.raw_data FOLDER LOGINS [--csv]

Per 1,000 logins there is an account with 10 users, 500 feature events, about 7
subscription periods, 30 invoices, 5 tickets and 14 survey rows. Events are of the three
years to 2025-12-31, growing over time, in order of time and a file per month
(with --csv one file). One event in a thousand repeats a key, one has no user, and one
has an invalid value. What is hashed is the seed: the same call gives the same rows (of
one DuckDB version).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

FIRST, LAST = date(2023, 1, 1), date(2025, 12, 31)
FOUNDED = date(2021, 1, 1)  # first possible sign-up
DAYS = (LAST - FIRST).days + 1
ONE_IN = 1000  # events per invalid one of a kind

# pick: an integer below n; chance: a fraction below 1; both depend on their keys only.
MACROS = """
    create macro pick(n, a, b) as cast(hash(a, b) % n as integer);
    create macro chance(a, b) as (hash(a, b) % 1048573) / 1048573.0;
    create macro one_of(choices, a, b) as choices[1 + pick(len(choices), a, b)];
    create macro account_id(a) as 'A' || lpad(cast(a as varchar), 7, '0');
    create macro user_id(u) as 'U' || lpad(cast(u as varchar), 8, '0');
"""

# {accounts} and {users} are how many there are; {signed_up} is a day of account `a`.
TABLES = {
    "accounts": """
        select account_id(a) as account_id,
            'Account ' || a as account_name,
            one_of(['software', 'retail', 'education', 'finance', 'health'], a, 1)
                as industry,
            one_of(['US', 'DE', 'GB', 'FR', 'NL', 'JP', 'CN'], a, 2) as country,
            cast(exp(chance(a, 3) * 8) as integer) + 1 as employees,
            one_of(['organic', 'paid', 'partner', 'referral', 'outbound'], a, 4)
                as acquisition_channel,
            'csm' || pick(40, a, 5) as csm_owner,
            {signed_up} as signed_up_on,
            pick(500, a, 6) = 0 as is_internal
        from range({accounts}) as numbers (a)""",
    "users": """
        select user_id(u) as user_id,
            account_id({account_of_user}) as account_id,
            'u' || u || '@example.org' as email,
            one_of(['admin', 'member', 'viewer'], u, 8) as "role",
            cast(greatest(date '{founded}', date '{first}'
                + cast({days} * (u / {users}.0 - 0.2) / 0.8 as integer)) as timestamp)
                + to_seconds(pick(80000, u, 9)) as created_at,
            case when pick(100, u, 10) < 15
                then timestamp '{last}' - to_days(pick(300, u, 11))
            end as deactivated_at
        from range({users}) as numbers (u)""",
    # One or two subscriptions per account; terms of 60 to 300 days, one in seven after
    # a pause.
    "subscriptions": """
        with terms as (
            select a, 2 * a + k as s, n, 2 + pick(22, 2 * a + k, 24) as last_n,
                {signed_up} + pick(60, 2 * a + k, 20) as first_on,
                60 + pick(240, 64 * a + 32 * k + n, 21) as term,
                case when n > 0 and pick(7, 64 * a + 32 * k + n, 22) = 0
                    then 20 + pick(120, 64 * a + 32 * k + n, 23) else 0 end as pause
            from range({accounts}) as numbers (a), range(2) as second (k),
                range(24) as periods (n)
            where k = 0 or pick(2, a, 25) = 0
        ),
        started as (
            select *, 64 * s + n as p,
                first_on + cast(sum(term + pause) over (
                    partition by s order by n rows unbounded preceding
                ) - term as integer) as started_on
            from terms
            where n <= last_n
        )
        select 'S' || lpad(cast(s as varchar), 8, '0') as subscription_id,
            account_id(a) as account_id,
            one_of(['starter', 'team', 'business', 'enterprise'], p, 26) as "plan",
            one_of(['month', 'month', 'month', 'quarter', 'year'], s, 27)
                as billing_interval,
            1 + pick(200, p, 28) as seats,
            cast(case when n = 0 and pick(5, s, 29) = 0 then 0
                else (10 + pick(99000, p, 30)) / 100.0 end as decimal(12, 2)) as amount,
            one_of(['USD', 'USD', 'USD', 'EUR', 'GBP'], s, 31) as currency,
            n = 0 and pick(4, s, 32) = 0 as is_trial,
            started_on,
            case when n < last_n or pick(3, s, 33) > 0 then started_on + term end
                as ended_on,
            case when n = last_n
                then one_of(['competitor', 'price', 'support', 'other'], s, 34) end
                as cancel_reason
        from started
        where started_on <= date '{last}'""",
    "invoices": """
        with issued as (
            select a, 64 * a + n as i, {signed_up} + 30 * cast(n as integer) as day
            from range({accounts}) as numbers (a), range(60) as invoices (n)
        )
        select 'I' || lpad(cast(i as varchar), 9, '0') as invoice_id,
            account_id(a) as account_id,
            cast((500 + pick(99000, i, 40)) / 100.0 as decimal(12, 2)) as amount,
            one_of(['USD', 'USD', 'USD', 'EUR', 'GBP'], a, 41) as currency,
            day as issued_on,
            day + 14 as due_on,
            case when pick(100, i, 42) < 95 then day + pick(40, i, 43) end as paid_on,
            case when pick(100, i, 42) < 95 then 'paid'
                when pick(100, i, 42) < 97 then 'open' else 'void' end as status
        from issued
        where day <= date '{last}' - 45""",
    "support_tickets": """
        with opened as (
            select i, timestamp '{first}' + to_seconds(cast(floor(
                i / ({accounts} * 5.0) * {days} * 86400) as bigint)) as moment
            from range({accounts} * 5) as numbers (i)
        )
        select 'T' || lpad(cast(i as varchar), 8, '0') as ticket_id,
            account_id(pick({accounts}, i, 50)) as account_id,
            case when pick(10, i, 51) < 8 then user_id(pick({users}, i, 52)) end
                as user_id,
            one_of(['low', 'normal', 'normal', 'high', 'urgent'], i, 53) as priority,
            moment as opened_at,
            moment + to_hours(1 + pick(40, i, 54)) as first_response_at,
            case when pick(20, i, 55) > 0 then moment + to_hours(2 + pick(200, i, 56))
            end as closed_at
        from opened""",
    "surveys": """
        with sent as (
            select i, timestamp '{first}' + to_seconds(cast(floor(
                i / ({accounts} * 10.0) * ({days} - 20) * 86400) as bigint)) as moment,
                one_of(['nps', 'nps', 'nps', 'cli', 'csat'], i, 60) as kind
            from range({accounts} * 10) as numbers (i)
        ),
        asked as (
            select *, unnest(case kind
                when 'nps' then ['recommend']
                when 'csat' then ['satisfaction']
                else ['product_quality', 'customer_service', 'overall_experience']
            end) as question
            from sent
        )
        select 'R' || lpad(cast(i as varchar), 9, '0') as response_id,
            kind as survey_type,
            question,
            account_id(pick({accounts}, i, 61)) as account_id,
            user_id(pick({users}, i, 62)) as user_id,
            case when pick(10, i, 63) < 6 then case kind
                when 'nps' then least(10, pick(14, i, 64))
                when 'cli' then 1 + pick(10, question || i, 65)
                else 1 + pick(5, i, 66) end end as score,
            case when pick(10, i, 63) < 2 then 'It works well for us ' || i end
                as "comment",
            moment as sent_at,
            case when pick(10, i, 63) < 6 then moment + to_hours(1 + pick(300, i, 67))
            end as responded_at
        from asked""",
    "referrals": """
        select 'RF' || i as referral_id,
            account_id(pick({accounts}, i, 70)) as referrer_account_id,
            case when pick(2, i, 71) = 0 then account_id(pick({accounts}, i, 72)) end
                as referred_account_id,
            date '{first}' + pick({days}, i, 73) as referred_on
        from range({accounts} // 5) as numbers (i)""",
    "costs": """
        select cast(month as date) as date_month,
            cost_type,
            cast(15000 + pick(5000, month, cost_type) as decimal(12, 2)) as amount,
            'USD' as currency
        from generate_series(
                timestamp '{founded}', timestamp '{last}', interval 1 month
            ) as months (month),
            (values ('acquisition'), ('retention')) as kinds (cost_type)""",
    "exchange_rates": """
        select currency,
            cast(month as date) as rate_date,
            cast(1.1 + pick(100, month, currency) / 1000.0 as decimal(12, 6))
                as rate_to_base
        from generate_series(
                timestamp '{founded}' - interval 1 month, timestamp '{last}',
                interval 1 month
            ) as months (month),
            (values ('EUR'), ('GBP')) as currencies (currency)""",
}
ACCOUNT_OF_USER = (
    "cast(floor(chance(u, 7) * {accounts} * (0.2 + 0.8 * u / {users})) as bigint)"
)
SIGNED_UP = (
    f"(date '{FOUNDED}' + cast(1790 * (cast(a as double) / {{accounts}}) as integer))"
)

# Event i has its day {day_of}. Events come in sessions of two or three, s, whose users
# are more often those with low numbers, of the users there on that day.
EVENTS = """
    with days as (
        select i, i * 2 // 5 as s, {day_of} as d
        from range({start}, {stop}) as numbers (i)
    ),
    events as (
        select *, cast(floor({users} * (0.2 + 0.8 * least(d, {days}) / {days})
            * (1 - 0.98 * pow(chance(s, {salt}), 2))) as bigint) as u
        from days
    )
    select '{letter}' || lpad(cast(
            case when pick({one_in}, i, 81) = 0 then i - 1 else i end
        as varchar), 10, '0') as {key},
        case when pick({one_in}, i, 81) <> 1 then user_id(u) end as user_id,
        account_id({account_of_user}) as account_id,
        {columns}
    from events
"""


@dataclass(frozen=True)
class EventTable:
    """What sets an event table apart."""

    name: str
    letter: str
    key: str
    columns: str
    salt: int


MOMENT = (
    f"timestamp '{FIRST}' + to_days(d)"
    " + to_seconds(cast(floor(chance(s, 82) * 70000) as bigint) + i % 5 * 1800)"
)
EVENT_TABLES = (
    EventTable(
        name="logins",
        letter="L",
        key="login_id",
        columns=f"""{MOMENT} as logged_in_at,
        cast(case when pick({ONE_IN}, i, 81) = 2 then -1
            when pick(20, i, 83) > 0 then pick(900, i, 84) / 10.0
        end as decimal(8, 1)) as session_minutes""",
        salt=11,
    ),
    EventTable(
        name="feature_events",
        letter="E",
        key="event_id",
        columns=f"""case when pick({ONE_IN}, i, 81) <> 2 then ([
            'workspace_setup', 'data_import', 'teammate_invite', 'integration_connect',
            'dashboard', 'report_builder', 'report_share', 'comment_thread',
            'automation', 'alert_rule', 'forecast', 'data_export', 'api_access',
            'mobile_view', 'beta_x', 'beta_y'
        ])[1 + cast(floor(pow(chance(i, 85), 1.5) * 16) as integer)] end as feature_key,
        {MOMENT} as occurred_at""",
        salt=31,
    ),
)


@dataclass(frozen=True)
class Scale:
    """How many there are of what."""

    logins: int

    @property
    def accounts(self) -> int:
        """An account per thousand logins, so that history grows in both."""
        return max(200, self.logins // 1000)

    def events(self, table: EventTable) -> int:
        """Half as many feature events as logins."""
        return self.logins if table.name == "logins" else self.logins // 2

    def values(self) -> dict[str, object]:
        """What the SQL above names in braces."""
        numbers = {"accounts": self.accounts, "users": 10 * self.accounts}
        return {
            **numbers,
            "signed_up": SIGNED_UP.format(**numbers),
            "account_of_user": ACCOUNT_OF_USER.format(**numbers),
            "days": DAYS,
            "first": FIRST,
            "last": LAST,
            "founded": FOUNDED,
            "one_in": ONE_IN,
        }


def months() -> Iterator[tuple[date, int, int]]:
    """Each month, its first day's number and that of the month after."""
    month = FIRST
    while month <= LAST:
        after = (month + timedelta(days=32)).replace(day=1)
        yield month, (month - FIRST).days, (after - FIRST).days
        month = after


def connect() -> duckdb.DuckDBPyConnection:
    """A connection with the macros that the SQL above uses."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; set memory_limit = '4GB'")
    connection.execute(MACROS)
    return connection


def write_raw_tables(folder: Path, logins: int, *, as_csv: bool = False) -> None:
    """Write every raw table: a file each, of events in Parquet a file per month."""
    scale, connection = Scale(logins), connect()
    kind = "csv" if as_csv else "parquet"
    for name, query in TABLES.items():
        _copy(connection, query.format(**scale.values()), folder / f"{name}.{kind}")
    for table in EVENT_TABLES:
        total = scale.events(table)
        day_of = (
            f"cast(floor(least({DAYS - 1}, {DAYS} * pow((i + 0.5) / {total}, 0.8)))"
            " as integer)"
        )
        if as_csv:  # one file: CSV files of a folder are not read
            query = _events(table, scale, 0, total, day_of)
            _copy(connection, query, folder / f"{table.name}.csv")
            continue
        for month, first_day, next_day in months():
            start, stop = (
                int(total * (day / DAYS) ** 1.25) for day in (first_day, next_day)
            )
            _copy(
                connection,
                _events(table, scale, start, stop, day_of),
                folder / table.name / f"{table.name}_{month:%Y_%m}.parquet",
            )


def append_day(folder: Path, logins: int) -> date:
    """Add the events of the day after the last to a folder of that scale."""
    scale, connection = Scale(logins), connect()
    for table in EVENT_TABLES:
        total = scale.events(table)
        count = int(total * 1.25 / DAYS)  # as on the last days before
        _copy(
            connection,
            _events(table, scale, total, total + count, str(DAYS)),
            folder / table.name / f"{table.name}_appended.parquet",
        )
    return LAST + timedelta(days=1)


def _events(table: EventTable, scale: Scale, start: int, stop: int, day_of: str) -> str:
    values = {**scale.values(), **vars(table), "start": start, "stop": stop}
    return EVENTS.format(**values, day_of=day_of)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    how = "header" if path.suffix == ".csv" else "format parquet, compression zstd"
    connection.execute(f"copy ({query}) to '{path}' ({how})")


def main() -> None:
    """Write the tables and print their size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("logins", type=int)
    parser.add_argument("--csv", action="store_true")
    given = parser.parse_args()
    write_raw_tables(given.folder, given.logins, as_csv=given.csv)
    files = [path for path in given.folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files, {size / 1e6:,.0f} MB, as of {LAST}: {given.folder}")


if __name__ == "__main__":
    main()

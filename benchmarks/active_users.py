"""DAU, WAU and MAU from the gaps between a user's days, compared with expand-and-count.

python -m benchmarks.active_users [--events 10000000] [--runs 5]

Both start from the same user days and produce the same values, which is checked before
anything is timed. The first is the project's own SQL of active_users, compiled by dbt.
The other is the usual approach: each user day is expanded to one row per day of the
window (30), and distinct users are counted by day.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from functools import partial
from pathlib import Path

from benchmarks.timing import compare
from tests.python.compiled import Warehouse, compile_models

AS_OF = date(2025, 12, 31)
AT_LEAST = 15.0  # times less CPU

# Logins of 60,000 users over three years. Each is there for weeks to two years, and
# comes once in one to ten days, several times on such a day: of a month's users one in
# eight comes on a given day. What is hashed is the seed.
USER_DAYS = f"""
    with users as (
        select u,
            5 + hash(64 * u + 1) % 70 as days,
            1 + hash(64 * u + 2) % 10 as days_apart
        from range(60000) as numbers (u)
    ),
    starts as (
        select *,
            date '{AS_OF}' - 1095
            + cast(hash(64 * u + 3) % (1096 - days * days_apart) as integer)
                as first_day
        from users
    ),
    logins as (
        select hash(64 * i + 4) % 60000 as u, hash(64 * i + 5) as chance
        from range({{events}}) as numbers (i)
    ),
    numbered as (
        select starts.*, logins.chance % starts.days as n
        from logins
        inner join starts on logins.u = starts.u
    )
    select distinct 'A' || u % 2500 as account_id, 'U' || u as user_id,
        first_day + cast(n * days_apart + hash(100 * u + n) % days_apart as integer)
            as date_day,
        true as is_active
    from numbered
    order by date_day, account_id, user_id
"""

EXPAND_AND_COUNT = f"""
    with user_days as (
        select user_id, date_day
        from warehouse.intermediate.int_user_days
        where is_active
    ),
    days as (
        select cast(unnest(generate_series(
            (select cast(min(date_day) as timestamp) from user_days),
            timestamp '{AS_OF}', interval 1 day)) as date) as date_day
    ),
    daily as (
        select date_day, count(distinct user_id) as dau
        from user_days
        group by date_day
    ),
    weekly as (
        select date_day + cast(n as integer) as date_day, count(distinct user_id) as wau
        from user_days, range(7) as window_days (n)
        group by all
    ),
    monthly as (
        select date_day + cast(n as integer) as date_day, count(distinct user_id) as mau
        from user_days, range(30) as window_days (n)
        group by all
    )
    select days.date_day, coalesce(dau, 0) as dau, coalesce(wau, 0) as wau,
        coalesce(mau, 0) as mau
    from days
    left join daily on days.date_day = daily.date_day
    left join weekly on days.date_day = weekly.date_day
    left join monthly on days.date_day = monthly.date_day
"""

COLUMNS = "date_day, dau, wau, mau"


def check(warehouse: Warehouse) -> None:
    """Print the counts, and stop if the two approaches differ."""
    execute = warehouse.connection.execute
    for one, other in (("by_gaps", "expanded"), ("expanded", "by_gaps")):
        rows = execute(
            f"select {COLUMNS} from {one} except all select {COLUMNS} from {other}"
        ).fetchall()
        if rows:
            raise SystemExit(f"The two ways differ: {rows[:3]}")
    ((user_days, users),) = execute(
        "select count(*), count(distinct user_id)"
        " from warehouse.intermediate.int_user_days"
    ).fetchall()
    ((days, highest),) = execute("select count(*), max(mau) from expanded").fetchall()
    print(f"{user_days:,} user days of {users:,} users; the same values both ways:")
    print(f"{days:,} days, at most {highest:,} monthly active users")


def main() -> None:
    """Check, then time both in turns."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compiled = compile_models(Path(folder), AS_OF, ["active_users"])
    warehouse = Warehouse(compiled)
    warehouse.give("int_user_days", USER_DAYS.format(**vars(given)))

    def make(table: str, query: str) -> None:
        warehouse.connection.execute(f"create or replace table {table} as {query}")

    ways = {
        "gaps between days": partial(make, "by_gaps", compiled.sql["active_users"]),
        "expand and count": partial(make, "expanded", EXPAND_AND_COUNT),
    }
    for way in ways.values():
        way()
    check(warehouse)
    compare(ways, given.runs, AT_LEAST)


if __name__ == "__main__":
    main()

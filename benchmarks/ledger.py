"""Monthly movements from the ledger, compared with one row per account and month.

python -m benchmarks.ledger [--subscriptions 200000] [--years 8] [--days 630] [--runs 5]

Both start from the same table, int_subscription_periods, with generated subscriptions,
and end in the same movements, which is checked before anything is timed. The ledger's
way is the project's own SQL, compiled by dbt: int_mrr_ledger, int_mrr_months, and the
months of int_mrr_movements, a table each. The other is the usual approach: every
account times every month since it first paid, joined with what is active at the month's
end, compared with the month before.

The ledger grows with the changes, the other with accounts times months: the ratio
depends on how long terms last (`--days`, the mean) and how far back the data goes
(`--years`).
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
AT_LEAST = 6.0  # times less CPU

# Each subscription has one to four periods, each at another price. One in six comes
# after a pause, in which the account may be gone; one in eight first ones is free; one
# in three last ones is open. A third of the subscriptions are some other account's.
# What is hashed is the seed.
PERIODS = f"""
    with terms as (
        select i, n, n = 0 as is_first, n = hash(64 * i + 1) % 4 as is_last,
            {{days}} // 2 + hash(64 * i + n + 10) % {{days}} as days,
            case when n > 0 and hash(64 * i + n + 20) % 6 = 0
                then 10 + hash(64 * i + n + 30) % 200 else 0 end as pause
        from range({{subscriptions}}) as subscriptions (i), range(4) as periods (n)
        where n <= hash(64 * i + 1) % 4
    ),
    started as (
        select *, date '{AS_OF}' - {{years}} * 365
            + cast(hash(64 * i + 2) % ({{years}} * 365)
                + sum(days) over by_start - days
                + sum(pause) over by_start as integer) as started_on
        from terms
        window by_start as (partition by i order by n rows unbounded preceding)
    )
    select 'S' || i as subscription_id,
        'A' || if(i % 3 = 0, hash(64 * i + 3) % {{subscriptions}}, i) as account_id,
        started_on,
        if(is_last and hash(64 * i + 4) % 3 = 0,
            null, started_on + cast(days as integer)) as ended_on,
        if(is_first and hash(64 * i + 5) % 8 = 0, cast(0 as decimal(18, 4)),
            cast(10 + hash(64 * i + n + 40) % 99000 / 100 as decimal(18, 4))) as mrr
    from started
    where started_on <= date '{AS_OF}'
"""

# An `or` in the left join would make DuckDB compare all with all: 60 times slower.
MONTH_SPINE = f"""
    with periods as (
        select account_id, started_on, mrr,
            coalesce(ended_on, date '9999-12-31') as ended_on
        from warehouse.intermediate.int_subscription_periods
        where mrr > 0
    ),
    accounts as (
        select account_id, min(started_on) as first_paid_on
        from periods
        group by account_id
    ),
    months as (
        select cast(unnest(generate_series(
            (select date_trunc('month', min(first_paid_on)) from accounts),
            timestamp '{AS_OF}', interval 1 month)) as date) as date_month
    ),
    account_months as (
        select accounts.account_id, accounts.first_paid_on, months.date_month,
            least(last_day(months.date_month), date '{AS_OF}') as ends_on
        from accounts
        inner join months
            on months.date_month >= date_trunc('month', accounts.first_paid_on)
    ),
    balances as (
        select account_months.account_id, account_months.date_month,
            account_months.first_paid_on < account_months.date_month as paid_before,
            coalesce(sum(periods.mrr), 0) as mrr_at_end
        from account_months
        left join periods
            on account_months.account_id = periods.account_id
            and account_months.ends_on >= periods.started_on
            and account_months.ends_on < periods.ended_on
        group by all
    ),
    compared as (
        select *, coalesce(lag(mrr_at_end) over (
            partition by account_id order by date_month), 0) as mrr_at_start
        from balances
    )
    select account_id, date_month as period_start,
        case
            when mrr_at_start = 0 and not paid_before then 'new'
            when mrr_at_start = 0 then 'reactivation'
            when mrr_at_end = 0 then 'churn'
            when mrr_at_end > mrr_at_start then 'expansion'
            else 'contraction'
        end as movement_type,
        mrr_at_start, mrr_at_end
    from compared
    where mrr_at_end <> mrr_at_start
"""

COLUMNS = "account_id, period_start, movement_type, mrr_at_start, mrr_at_end"
COUNTS = """
    select
        (select count(*) from warehouse.intermediate.int_subscription_periods),
        (select count(*) from warehouse.intermediate.int_mrr_ledger),
        count(*), count(distinct account_id)
    from by_spine
"""
KINDS = "select movement_type, count(*) from by_spine group by all order by all"


def by_ledger(warehouse: Warehouse) -> None:
    """Table by_ledger, as dbt would build it: each model a table."""
    warehouse.make("int_mrr_ledger", "int_mrr_months")
    movements = warehouse.compiled.sql["int_mrr_movements"]
    warehouse.connection.execute(
        f"create or replace table by_ledger as select * from ({movements})"
        " where period_grain = 'month'"
    )


def by_month_spine(warehouse: Warehouse) -> None:
    """Table by_spine, in one statement."""
    warehouse.connection.execute(f"create or replace table by_spine as {MONTH_SPINE}")


def check(warehouse: Warehouse) -> None:
    """Print the row counts, and stop if the two approaches differ."""
    ours = f"select {COLUMNS} from by_ledger where movement_type is not null"
    theirs = f"select {COLUMNS} from by_spine"
    execute = warehouse.connection.execute
    for one, other in ((ours, theirs), (theirs, ours)):
        rows = execute(f"({one}) except all ({other}) limit 3").fetchall()
        if rows:
            raise SystemExit(f"The two ways differ: {rows}")
    ((periods, changes, movements, accounts),) = execute(COUNTS).fetchall()
    print(f"{periods:,} periods of {accounts:,} accounts: {changes:,} ledger rows")
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in execute(KINDS).fetchall())
    print(f"{movements:,} movements, the same both ways: {kinds}")


def main() -> None:
    """Check, then time both in turns."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--subscriptions", type=int, default=200_000)
    parser.add_argument("--years", type=int, default=8)
    parser.add_argument("--days", type=int, default=630)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    models = ["int_mrr_ledger", "int_mrr_months", "int_mrr_movements"]
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(compile_models(Path(folder), AS_OF, models))
    warehouse.give("int_subscription_periods", PERIODS.format(**vars(given)))
    ways = {
        "the ledger": partial(by_ledger, warehouse),
        "a month spine": partial(by_month_spine, warehouse),
    }
    for way in ways.values():
        way()
    check(warehouse)
    compare(ways, given.runs, AT_LEAST)


if __name__ == "__main__":
    main()

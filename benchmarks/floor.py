"""The largest models against the same metrics in hand-written SQL.

python -m benchmarks.floor [--logins 10000000] [--folder FOLDER] [--memory-limit 4GB]

The hand-written SQL is what could hardly be cheaper: typed Parquet files are read once,
ids become integers, nothing is validated but repeated keys, unknown ids and negative
minutes, and neither time zones, aliases nor missing tables are thought of. The models'
CPU seconds are those of their SQL in a build. Both must give the same metrics.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.raw_data import LAST
from benchmarks.scale import BUILD, Bench

AT_MOST = 1.5  # times the CPU of the hand-written SQL


@dataclass(frozen=True)
class Step:
    """Some models, and hand-written SQL for what they compute."""

    name: str
    sql: str
    models: tuple[str, ...] = ()


def events_by_day(table: str, key: str, at: str, good: str, measures: str) -> str:
    """Events by day: of rows with one key one counts, internal ids do not."""
    feature = ", feature_key" if table == "feature_events" else ""
    columns = f"{key}, user_id, account_id{feature}, {at}"
    columns += "" if feature else ", session_minutes"
    return f"""
        create temp table repeated as
            select hash({key}) as h from read_parquet('{{raw}}/{table}/*')
            group by h having count(*) > 1;
        create table {table} as
        with numbered as (
            select {columns}, 1 as n from read_parquet('{{raw}}/{table}/*')
            where hash({key}) not in (select h from repeated)
            union all
            select {columns}, row_number() over (partition by {key} order by {columns})
            from read_parquet('{{raw}}/{table}/*')
            where hash({key}) in (select h from repeated)
        )
        select accounts.a, u{feature}, {at}::date as d, {measures}
        from numbered join accounts using (account_id) join users using (user_id)
        where n = 1 and ({good})
            and not accounts.is_internal and not users.is_internal
        group by all order by d, a, u;
        drop table repeated"""


STEPS = (
    Step(
        "ids",
        """
        create table accounts as
            select (row_number() over (order by account_id))::int as a,
                account_id, is_internal
            from read_parquet('{raw}/accounts.parquet');
        create table users as
            select (row_number() over (order by user_id))::int as u, user_id, a,
                created_at::date as created_on, is_internal,
                coalesce(deactivated_at::date, date '9999-12-31') as until
            from read_parquet('{raw}/users.parquet')
            join accounts using (account_id)""",
        ("base_accounts", "base_users"),
    ),
    Step(
        "logins by day",
        events_by_day(
            "logins",
            "login_id",
            "logged_in_at",
            "session_minutes >= 0 or session_minutes is null",
            "count(*)::int as n, count(session_minutes)::int as timed,"
            " sum(session_minutes) as minutes",
        ),
        ("base_logins",),
    ),
    Step(
        "feature events by day",
        events_by_day(
            "feature_events",
            "event_id",
            "occurred_at",
            "feature_key is not null",
            "count(*)::int as n, min(occurred_at) as first_at",
        ),
        ("base_feature_events",),
    ),
    Step(
        "feature days",
        """
        create table feature_days as
            select feature_events.*, coalesce(is_core, false) as is_core,
                coalesce(impact_score, 1) as impact
            from feature_events
            left join built.reference.feature_catalogue using (feature_key)""",
        ("int_feature_days",),
    ),
    Step(
        "user days",
        """
        create table user_days as
        with events as (
            select a, u, d, sum(n) as events, sum(n) filter (where is_core) as core
            from feature_days group by all
        )
        select coalesce(l.a, f.a) as a, coalesce(l.u, f.u) as u,
            coalesce(l.d, f.d) as d, coalesce(l.n, 0) as logins, timed, minutes,
            coalesce(core, 0) as core, coalesce(events, 0) as events,
            l.u is not null as is_active
        from logins as l full join events as f
            on l.a = f.a and l.u = f.u and l.d = f.d
        order by d, a, u""",
        ("int_user_days",),
    ),
    Step(
        "user days with ids",
        """
        create table fct_user_days as
            select account_id, user_id, d, logins, minutes::double as minutes, core,
                events, is_active
            from user_days join accounts on user_days.a = accounts.a
                join users on user_days.u = users.u
            order by d, account_id, user_id""",
        ("fct_user_days",),
    ),
    Step(
        "DAU, WAU, MAU",
        """
        create table active_users as
        with gaps as (
            select d, d - lag(d) over user_order as before,
                lead(d) over user_order - d as after
            from user_days where is_active
            window user_order as (partition by u order by d)
        ),
        changes as (
            select d, count(*) filter (where before is null or before > 0) as dau,
                count(*) filter (where before is null or before > 7) as wau,
                count(*) filter (where before is null or before > 30) as mau
            from gaps group by d
            union all
            select d + 7, 0, -count(*), 0 from gaps
            where after is null or after > 7 group by d
            union all
            select d + 30, 0, 0, -count(*) from gaps
            where after is null or after > 30 group by d
            union all
            select day::date, 0, 0, 0 from generate_series(
                (select min(d) from user_days)::timestamp, {as_of}, interval 1 day
            ) as days (day)
        ),
        by_day as (
            select d, sum(dau) as dau, sum(wau) as wau, sum(mau) as mau
            from changes group by d
        )
        select d, dau::bigint as dau, (sum(wau) over (order by d))::bigint as wau,
            (sum(mau) over (order by d))::bigint as mau
        from by_day qualify d <= {as_of}""",
        ("active_users",),
    ),
    Step(
        "months",
        """
        create table user_months as
            select a, u, date_trunc('month', d)::date as m, max(d) as last_on,
                min(d) as first_on, sum(logins) as logins, sum(timed) as timed,
                sum(minutes) as minutes
            from user_days where is_active group by all;
        create table months as
            select m::date as m, least(last_day(m), {as_of}) as e
            from generate_series(
                timestamp '2021-01-01', {as_of}::timestamp, interval 1 month
            ) as t (m)""",
    ),
    Step(
        "DAU, WAU, MAU by account",
        """
        create table active_users_by_account as
        with in_turn as (
            select *, lead(m) over (partition by a, u order by m) as next_m
            from user_months
        )
        select a, months.m, count(*) filter (where last_on = e) as dau,
            count(*) filter (where last_on > e - 7) as wau,
            count(*) filter (where last_on > e - 30) as mau
        from in_turn join months on months.m between in_turn.m
            and in_turn.m + interval 1 month and (next_m > months.m or next_m is null)
        group by all""",
        ("active_users_by_account",),
    ),
    Step(
        "new, returning and resurrected users",
        """
        create table user_lifecycle as
        with in_turn as (
            select u, m, lag(m) over (partition by u order by m) as before
            from (select distinct u, m from user_months)
        )
        select m, count(*) filter (where before is null) as new_users,
            count(*) filter (where before = m - interval 1 month) as returning_users,
            count(*) filter (where before < m - interval 1 month) as resurrected_users
        from in_turn group by m""",
        ("user_lifecycle",),
    ),
    Step(
        "account activity",
        """
        create table account_activity as
        with provisioned as (
            select a, m, count(*) as provisioned from users
            join months on created_on <= e and until > e
            where not is_internal group by all
        ),
        active as (
            select a, m, count(distinct u) as users, sum(logins) as logins,
                sum(minutes) / sum(timed) as mean
            from user_months group by all
        ),
        days as (
            select a, date_trunc('month', d)::date as m, count(*) as active_days
            from (select distinct a, d from user_days where is_active) group by all
        ),
        active_provisioned as (
            select user_months.a, user_months.m, count(*) as active_provisioned
            from user_months join users using (u) join months using (m)
            where users.a = user_months.a and created_on <= e and until > e
            group by all
        ),
        features as (
            select a, date_trunc('month', d)::date as m,
                count(distinct feature_key) as features,
                sum(n) filter (where is_core) as core
            from feature_days group by all
        ),
        first_logins as (
            select u, a, min(first_on) as first_on from user_months group by all
        ),
        activated as (
            select a, m, count(*) as activated
            from users join first_logins using (u, a)
            join months on created_on <= e and first_on <= e and until > e
            group by all
        )
        select * from provisioned full join active using (a, m)
            full join days using (a, m) full join active_provisioned using (a, m)
            full join features using (a, m) full join activated using (a, m)""",
        ("account_activity",),
    ),
    Step(
        "adoption",
        """
        create table product_adoption as
        with days as (
            select date_trunc('month', d)::date as m, u, a, count(distinct d) as n
            from feature_days where is_core group by all
        )
        select m, count(distinct u) filter (where n >= 4) as users,
            count(distinct a) filter (where n >= 4) as accounts
        from days group by m;
        create table feature_adoption as
        with feature_users as (
            select date_trunc('month', d)::date as m, feature_key, u, a, sum(n) as n
            from feature_days group by all
        ),
        used as (
            select m, feature_key, count(distinct u) as users,
                count(distinct a) as accounts, sum(n) as events
            from feature_users group by all
        ),
        active as (
            select m, feature_key, count(*) as active
            from (select distinct m, feature_key, u from feature_users)
            semi join user_months using (m, u) group by all
        )
        select * from used left join active using (m, feature_key)""",
        ("product_adoption", "feature_adoption"),
    ),
    Step(
        "usage points",
        """
        create table usage_points as
        with by_day as (
            select a, d, sum(n * impact) as points from feature_days group by all
        )
        select a, m, sum(points) as points
        from by_day join months on d > e - 30 and d <= e group by all""",
        ("int_usage_scores",),
    ),
    Step(
        "periods, ledger, movements",
        """
        create table periods as
            select subscription_id, a, started_on, ended_on,
                (case when is_trial then 0 else round(
                    amount * coalesce(rate_to_base, 1) / case billing_interval
                        when 'month' then 1 when 'quarter' then 3 else 12 end, 4
                ) end)::decimal(18, 4) as mrr
            from read_parquet('{raw}/subscriptions.parquet') as s
            join accounts using (account_id)
            asof left join read_parquet('{raw}/exchange_rates.parquet') as r
                on s.currency = r.currency and s.started_on >= r.rate_date
            where not accounts.is_internal;
        create table ledger as
            select a, d, sum(change) over (partition by a order by d) as balance
            from (
                select a, d, sum(change) as change
                from (
                    select a, started_on as d, mrr as change from periods where mrr > 0
                    union all
                    select a, ended_on, -mrr from periods
                    where mrr > 0 and ended_on <= {as_of}
                )
                group by all having sum(change) <> 0
            );
        create table movements as
        with ends as (
            select a, date_trunc('month', d)::date as m, arg_max(balance, d) as mrr
            from ledger group by all
        ),
        in_turn as (
            select *, coalesce(lag(mrr) over account_order, 0) as mrr_before,
                row_number() over account_order > 1 as was_customer
            from ends window account_order as (partition by a order by m)
        )
        select *, case
                when mrr_before = 0 and mrr > 0 and not was_customer then 'new'
                when mrr_before = 0 and mrr > 0 then 'reactivation'
                when mrr_before > 0 and mrr = 0 then 'churn'
                when mrr > mrr_before then 'expansion'
                when mrr < mrr_before then 'contraction'
            end as movement
        from in_turn""",
        (
            "base_subscriptions",
            "int_subscription_periods",
            "int_mrr_ledger",
            "int_mrr_movements",
            "mrr_movements",
        ),
    ),
)

# What both must give: a query of the hand-written tables, and one of the marts.
SAME = {
    "user days": (
        "select count(*), sum(logins), sum(core), sum(events),"
        " sum(minutes)::decimal(18, 0) from fct_user_days",
        "select count(*), sum(logins), sum(core_events), sum(events),"
        " sum(session_minutes)::decimal(18, 0) from built.marts.fct_user_days",
    ),
    "DAU, WAU, MAU": (
        "select count(*), sum(dau), sum(wau), sum(mau) from active_users",
        "select count(*), sum(dau), sum(wau), sum(mau) from built.marts.active_users",
    ),
    "the same by account": (
        "select sum(dau), sum(wau), sum(mau) from active_users_by_account",
        "select sum(dau), sum(wau), sum(mau) from built.marts.active_users_by_account",
    ),
    "users by lifecycle": (
        "select sum(new_users), sum(returning_users), sum(resurrected_users)"
        " from user_lifecycle",
        "select sum(new_users), sum(returning_users), sum(resurrected_users)"
        " from built.marts.user_lifecycle",
    ),
    "account activity": (
        "select sum(provisioned), sum(users), sum(logins), sum(active_days),"
        " sum(active_provisioned), sum(features), sum(core) from account_activity",
        "select sum(provisioned_users), sum(active_users), sum(logins),"
        " sum(active_days), sum(active_provisioned_users), sum(features_used),"
        " sum(core_events)"
        " from built.marts.account_activity",
    ),
    "adoption": (
        "select sum(users), sum(accounts) from product_adoption",
        "select sum(adopted_users), sum(adopted_accounts)"
        " from built.marts.product_adoption",
    ),
    "feature adoption": (
        "select sum(users), sum(accounts), sum(events), sum(active)"
        " from feature_adoption",
        "select sum(users), sum(accounts), sum(events), sum(active_feature_users)"
        " from built.marts.feature_adoption",
    ),
    "movements": (
        "select movement, count(*), round(sum(mrr - mrr_before)) from movements"
        " where movement is not null group by all order by all",
        "select movement_type, count(*), round(sum(mrr_change))"
        " from built.marts.mrr_movements"
        " where movement_type is not null group by all order by all",
    ),
}


def run_by_hand(
    raw: Path, built: Path, work: Path, memory_limit: str | None
) -> tuple[dict[str, float], list[str]]:
    """CPU seconds of each hand-written step, and where the metrics differ."""
    database = work / "floor.duckdb"
    database.unlink(missing_ok=True)
    seconds = {}
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "set threads = 2; set TimeZone = 'UTC';"
            " set preserve_insertion_order = false"
        )
        if memory_limit:
            connection.execute(f"set memory_limit = '{memory_limit}'")
        connection.execute(f"attach '{built}' as built (read_only)")
        for step in STEPS:
            before = time.process_time()
            connection.execute(step.sql.format(raw=raw, as_of=f"date '{LAST}'"))
            seconds[step.name] = time.process_time() - before
        different = [
            name
            for name, queries in SAME.items()
            if len({str(connection.execute(query).fetchall()) for query in queries}) > 1
        ]
    database.unlink()
    return seconds, different


def main() -> None:
    """Build, run the hand-written SQL, compare; fails where the ratio is too large."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--logins", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="by default a temporary one")
    parser.add_argument("--memory-limit", default="4GB", help="DuckDB's")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench((given.folder or Path(temporary)).resolve(), given.memory_limit)
        bench.folder.mkdir(parents=True, exist_ok=True)
        raw = bench.raw_tables(given.logins)
        measured = bench.run(raw, *BUILD)
        by_hand, different = run_by_hand(
            raw, bench.database(raw), bench.folder, given.memory_limit
        )
    print(f"{given.logins:,} logins, CPU s{'models':>24}  by hand  times")
    for step in STEPS:
        models = measured.of(*step.models)
        floor = by_hand[step.name]
        print(f"{step.name:<36}{models:>7.2f}{floor:>9.2f}{models / floor:>7.1f}")
    ours = sum(measured.of(*step.models) for step in STEPS)
    ratio = ours / sum(by_hand.values())
    print(f"{'all':<36}{ours:>7.2f}{sum(by_hand.values()):>9.2f}{ratio:>7.1f}")
    for name in different:
        print(f"Not the same metrics: {name}")
    if different or ratio > AT_MOST:
        sys.exit(f"The same metrics are expected, for at most {AT_MOST} times the CPU.")


if __name__ == "__main__":
    main()

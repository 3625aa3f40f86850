"""Why a metric of a closed month differs from what was reported: which rows changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from pipeline.hashes import first_names
from pipeline.metrics import metric_columns
from pipeline.publish.paths import DATABASE, UNFINISHED
from pipeline.sql import sql_name, sql_text

LATE, CORRECTED, DELETED = "late_rows", "corrected_rows", "deleted_rows"
CHANGED_RULE, SEVERAL = "changed_rule", "several"
WORDS = {LATE: "late", CORRECTED: "corrected", DELETED: "deleted"}
ACCOUNTS_NAMED = 3
# The longest window that a metric looks back: NPS in the health score.
EVENT_WINDOW = timedelta(days=180)


@dataclass(frozen=True)
class Staged:
    """A staging model, and what is compared of it.

    Attributes:
        table: The raw table that it is made of.
        key: Its key.
        day: The date from which a row counts.
        account: Column with the account; empty where it has none.
        counted: Column with the number of events, of which there can be more or fewer.
        is_event: Whether a row counts for a while only, and not from its day on.
    """

    table: str
    key: tuple[str, ...]
    day: str
    account: str = "account_id"
    counted: str = ""
    is_event: bool = True


DAYS = ("account_id", "user_id")
STAGED = {
    "stg_subscriptions": Staged(
        "subscriptions",
        ("subscription_id", "subscription_item_id", "started_on"),
        "started_on",
        is_event=False,
    ),
    "stg_login_days": Staged(
        "logins", (*DAYS, "date_day"), "date_day", counted="logins"
    ),
    "stg_feature_days": Staged(
        "feature_events",
        (*DAYS, "feature_key", "date_day"),
        "date_day",
        counted="events",
    ),
    "stg_surveys": Staged("surveys", ("response_id", "question"), "sent_on"),
    "stg_accounts": Staged("accounts", ("account_id",), "signed_up_on", is_event=False),
    "stg_users": Staged("users", ("user_id",), "created_on", is_event=False),
    "stg_support_tickets": Staged("support_tickets", ("ticket_id",), "opened_on"),
    "stg_invoices": Staged("invoices", ("invoice_id",), "issued_on"),
    "stg_referrals": Staged(
        "referrals", ("referral_id",), "referred_on", "referrer_account_id"
    ),
    "stg_costs": Staged(
        "costs", ("date_month", "cost_type", "channel"), "date_month", ""
    ),
    "stg_exchange_rates": Staged(
        "exchange_rates", ("currency", "rate_date"), "rate_date", "", is_event=False
    ),
}


@dataclass(frozen=True)
class RowChange:
    """Rows of a table that changed alike.

    Attributes:
        kind: late_rows, corrected_rows or deleted_rows.
        day: From when they count.
        account: Whose they are; None where the table has no account.
        rows: How many.
    """

    kind: str
    day: date
    account: str | None
    rows: int


@dataclass
class Changes:
    """What differs between two builds.

    Attributes:
        rows: Changed rows by staging model.
        rules: Changed files and vars.
        is_known: Whether the build before could be compared.
    """

    rows: dict[str, list[RowChange]] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    is_known: bool = True


def row_changes(before: Path, after: Path) -> dict[str, list[RowChange]]:
    """The rows of staging that differ between two builds, by model.

    Models of staging are views, which name the database by its file: one build after
    the other is attached under that name, and copied to a file of its own.
    """
    found = {}
    with (
        TemporaryDirectory(dir=after.parent, prefix=UNFINISHED) as folder,
        duckdb.connect(str(Path(folder) / "compared.duckdb")) as connection,
    ):
        builds = {"old": before, "new": after}
        columns = {}
        for side, file in builds.items():
            with _attached(connection, file):
                columns[side] = _columns(connection)
        models = [m for m in STAGED if m in columns["old"] and m in columns["new"]]
        for side, file in builds.items():
            with _attached(connection, file):
                for model in models:
                    shared = columns["old"][model] & columns["new"][model]
                    _copy(connection, model, side, sorted(shared))
        for model in models:
            found[model] = _changes_of(connection, model)
    return found


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, file: Path) -> Iterator[None]:
    name = sql_name(Path(DATABASE).stem)
    connection.execute(f"attach {sql_text(file)} as {name} (read_only)")
    try:
        yield
    finally:
        connection.execute(f"detach {name}")


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """The columns of each model of staging in the attached build."""
    found: dict[str, set[str]] = defaultdict(set)
    for model, column in connection.execute(
        "select table_name, column_name from duckdb_columns()"
        " where database_name = ? and schema_name = 'staging'",
        [Path(DATABASE).stem],
    ).fetchall():
        found[model].add(column)
    return found


def _copy(
    connection: duckdb.DuckDBPyConnection, model: str, side: str, columns: list[str]
) -> None:
    """The keys of a model's rows, with what is compared."""
    staged = STAGED[model]
    key = ", ".join(map(sql_name, staged.key))
    values = ", ".join(map(sql_name, columns))
    connection.execute(
        f"""
        create table {side}_{model} as
        select
            {key},
            {sql_name(staged.day)} as row_day,
            cast({staged.account or "null"} as varchar) as row_account,
            cast({staged.counted or 1} as bigint) as row_count,
            hash(({values})) as row_hash
        from {sql_name(Path(DATABASE).stem)}.staging.{model}
        """
    )


def _changes_of(connection: duckdb.DuckDBPyConnection, model: str) -> list[RowChange]:
    staged = STAGED[model]
    matches = " and ".join(
        f"old.{sql_name(n)} is not distinct from new.{sql_name(n)}" for n in staged.key
    )
    more = "abs(coalesce(new.row_count, 0) - coalesce(old.row_count, 0))"
    rows = f"greatest({more}, 1)" if staged.counted else "1"
    return [
        RowChange(*row)
        for row in connection.execute(
            f"""
            select
                case
                    when old.row_hash is null then '{LATE}'
                    when new.row_hash is null then '{DELETED}'
                    when new.row_count > old.row_count then '{LATE}'
                    when new.row_count < old.row_count then '{DELETED}'
                    else '{CORRECTED}'
                end as kind,
                least(old.row_day, new.row_day) as row_day,
                coalesce(new.row_account, old.row_account) as row_account,
                cast(sum({rows}) as bigint)
            from old_{model} as old
            full outer join new_{model} as new on {matches}
            where
                old.row_hash is distinct from new.row_hash
                and least(old.row_day, new.row_day) is not null
            group by all
            """
        ).fetchall()
    ]


def models_of_metrics(manifest: Mapping[str, Any]) -> dict[str, set[str]]:
    """The staging models that each metric is computed from, by dbt's lineage."""
    parents: Mapping[str, list[str]] = manifest["parent_map"]
    found = {}
    for metric, columns in metric_columns(manifest).items():
        todo = [f"model.customer_success.{mart}" for mart, _ in columns]
        seen: set[str] = set()
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo += parents.get(node, [])
        found[metric] = {node.rsplit(".", 1)[-1] for node in seen} & {*STAGED}
    return found


def cause_of(
    models: Iterable[str], month_ends_on: date, changes: Changes
) -> tuple[str, str]:
    """The cause of a change of a closed month, and its detail in words."""
    if not changes.is_known:
        return SEVERAL, "the build before is not kept: its rows cannot be compared"
    rows: dict[tuple[str, str], Counter[str | None]] = defaultdict(Counter)
    later: Counter[tuple[str, str]] = Counter()
    for model in models:
        staged = STAGED[model]
        since = month_ends_on - EVENT_WINDOW if staged.is_event else date.min
        for change in changes.rows.get(model, ()):
            if since < change.day <= month_ends_on:
                rows[staged.table, change.kind][change.account] += change.rows
            elif change.day > month_ends_on:
                later[staged.table, change.kind] += change.rows
    parts = [
        _in_words(table, kind, accounts)
        for (table, kind), accounts in sorted(
            rows.items(), key=lambda item: (-item[1].total(), item[0])
        )
    ]
    kinds = {kind for _, kind in rows}
    if changes.rules:
        kinds.add(CHANGED_RULE)
        parts.append(f"changed: {first_names(changes.rules)}")
    if not kinds:
        parts = [
            f"{table}: {count:,} {WORDS[kind]} row{'s' * (count != 1)} after the month"
            for (table, kind), count in later.most_common()
        ]
        return LATE, "; ".join(
            ["no row up to the month's end changed: days since then decide", *parts]
        )
    return (kinds.pop() if len(kinds) == 1 else SEVERAL), "; ".join(parts)


def _in_words(table: str, kind: str, accounts: Counter[str | None]) -> str:
    count = accounts.total()
    text = f"{table}: {count:,} {WORDS[kind]} row{'s' * (count != 1)}"
    named = [(a, n) for a, n in accounts.items() if a is not None]
    named.sort(key=lambda item: (-item[1], item[0]))
    if not named:
        return text
    shown = [f"{account} {n:,}" for account, n in named[:ACCOUNTS_NAMED]]
    more = len(named) - ACCOUNTS_NAMED
    if more > 0:
        shown.append(f"{more:,} more account{'s' * (more != 1)}")
    return f"{text} ({', '.join(shown)})"

"""Add to the history what changed since its last snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path

import duckdb

from pipeline.console import display_path
from pipeline.history.file import (
    ALIAS,
    TABLES,
    HistoryError,
    HistoryTable,
    LastSnapshot,
    attached,
    create_tables,
    last_snapshot,
)
from pipeline.sql import sql_name, sql_text


@dataclass
class Snapshot:
    """What a snapshot added.

    Attributes:
        as_of_date: The date of the build's metrics, from which its versions are valid.
        added: Rows by table.
        without_rows: Raw tables that the build has no row of: nothing of them is
            recorded as deleted.
    """

    as_of_date: date
    added: dict[str, int] = field(default_factory=dict)
    without_rows: list[str] = field(default_factory=list)

    def lines(self, file: Path) -> list[str]:
        """What to print."""
        rows = ", ".join(f"{name} {count:,}" for name, count in self.added.items())
        lines = [
            f"Snapshot as of {self.as_of_date} in {display_path(file)}: rows added to"
            f" {rows}."
            if sum(self.added.values())
            else f"Snapshot as of {self.as_of_date}: nothing changed since the last."
        ]
        lines += [
            f"warning {name}: no rows in this build, so its history is left as it is."
            for name in self.without_rows
        ]
        return lines


@contextmanager
def snapshot(
    file: Path,
    warehouse: Path,
    as_of: date,
    origin: str,
    *,
    accept_new_origin: bool = False,
) -> Iterator[Snapshot]:
    """Take a snapshot of a build; it is kept if the `with` block succeeds.

    Args:
        file: The history; it is made where there is none.
        warehouse: The build, with its staging layer.
        as_of: The date of the build's metrics.
        origin: Where its raw data comes from.
        accept_new_origin: Accept that the last snapshot's data came from elsewhere.

    Raises:
        HistoryError: The last snapshot is of a later date, or of data from elsewhere,
            or the history cannot be opened. It is as it was.
    """
    is_new = not file.exists()
    if not file.parent.exists():
        file.parent.mkdir(parents=True, mode=0o700)
    is_kept = False
    try:
        with (
            duckdb.connect() as connection,
            attached(connection, file, read_only=False),
        ):
            file.chmod(0o600)
            # Views of the warehouse name its database, which is called like the file.
            built = sql_name(warehouse.stem)
            connection.execute(f"attach {sql_text(warehouse)} as {built} (read_only)")
            connection.execute("begin")
            try:
                create_tables(connection)
                last = last_snapshot(connection)
                if not accept_new_origin:
                    _refuse_another_origin(file, last, origin)
                _refuse_an_earlier_date(file, last, as_of)
                yield _take(connection, built, as_of, origin, last)
                connection.execute("commit")
                is_kept = True
            except BaseException:
                connection.execute("rollback")
                raise
    finally:
        if is_new and not is_kept:
            file.unlink(missing_ok=True)


def _refuse_another_origin(
    file: Path | None, last: LastSnapshot | None, origin: str
) -> None:
    if file is None or last is None or last.origin == origin:
        return
    raise HistoryError(
        f"The history in {display_path(file)} is of {last.origin}, but this build's"
        f" data comes from {origin}. If it is the same company's data in another place,"
        " add --accept-new-origin (make: MOVED=yes). If not, set HISTORY_PATH to"
        " a file of its own."
    )


def _refuse_an_earlier_date(file: Path, last: LastSnapshot | None, as_of: date) -> None:
    if last and as_of < last.as_of_date:
        raise HistoryError(
            f"The last snapshot in {display_path(file)} is as of {last.as_of_date}, and"
            f" this build as of {as_of}: history only grows forward. Build as of"
            f" {last.as_of_date} or later (AS_OF_DATE)."
        )


def _take(
    connection: duckdb.DuckDBPyConnection,
    built: str,
    as_of: date,
    origin: str,
    last: LastSnapshot | None,
) -> Snapshot:
    number = last.number + 1 if last else 1
    taken = Snapshot(as_of)
    for table in TABLES:
        current = table.current_rows(built, as_of)
        row = connection.execute(f"select count(*) from ({current})").fetchone()
        if row == (0,):
            taken.without_rows += [table.of_table] if last else []
            taken.added[table.name] = 0
            continue
        query = changes(table, current, as_of, number)
        added = connection.execute(f"insert into {ALIAS}.{table.name} by name {query}")
        taken.added[table.name] = int(added.fetchall()[0][0])
    is_same_day = last is not None and (last.as_of_date, last.origin) == (as_of, origin)
    if sum(taken.added.values()) or not is_same_day:
        now = datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None)
        connection.execute(
            f"insert into {ALIAS}.snapshots values (?, ?, ?, ?)",
            [number, as_of, now, origin],
        )
    return taken


def changes(table: HistoryTable, current: str, as_of: date, number: int) -> str:
    """SQL: the versions to add, with the table's columns."""
    names = {name: sql_name(name) for name in (*table.key, *table.values)}
    same_key = " and ".join(
        f"current_rows.{names[key]} = latest.{names[key]}" for key in table.key
    )
    differs = " or ".join(
        f"current_rows.{names[name]} is distinct from latest.{names[name]}"
        for name in table.values
    )
    keys = ", ".join(names[key] for key in table.key)
    first = names[table.key[0]]
    added = _columns("current_rows", names)
    removed = _columns("latest", {k: v for k, v in names.items() if k != table.gone})
    stamp = f"date '{as_of}' as valid_from, {number} as snapshot_number"
    return f"""
        with current_rows as ({current}),
        ranked as (
            select
                *,
                row_number() over (
                    partition by {keys} order by snapshot_number desc
                ) as version_rank
            from {ALIAS}.{table.name}
        ),
        latest as (select * from ranked where version_rank = 1)
        select {added}, {stamp}
        from current_rows
        left join latest on {same_key}
        where latest.{first} is null or {differs}
        union all
        select {removed}, true as {table.gone}, {stamp}
        from latest
        left join current_rows on {same_key}
        where current_rows.{first} is null and not latest.{table.gone}
    """


def _columns(relation: str, names: Mapping[str, str]) -> str:
    return ", ".join(f"{relation}.{name}" for name in names.values())

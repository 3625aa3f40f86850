"""One data set, written in each of the ways in which raw data may come in."""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from uuid import NAMESPACE_DNS, uuid5

import duckdb
import pytest

from pipeline.extensions import load_extension
from tests.oracle import random_data
from tests.oracle.rows import PARSERS, TABLES, WHITESPACE

# What looks like something else, and is to come out as it went in.
ODD_IDS = ("002", "2", "2.0", "{{ 1 }}", "'; drop table raw.x; --", 'a "b", c')
ODD_TEXTS = (
    "{{ 1 }} {% raw %} {# gone #}",
    "'); drop schema marts cascade; select ('",
    'said "no",\r\nthen\n\nleft',
    "👩‍💻 ЖЛ 客户 é",
    "$$ $1 %s %(x)s \\N \\ \\n",
    "null",
    "true",
    "1e5",
)

DUCKDB_TYPES = {
    "text": "varchar",
    "date": "date",
    "time": "timestamp",
    "amount": "decimal(18, 4)",
    "rate": "double",
    "minutes": "float",
    "whole": "double",
    "bool": "boolean",
}
# What a warehouse of somebody else's may have for the same.
OTHER_TYPES = {
    ("logins", "logged_in_at"): "timestamptz",
    ("subscriptions", "seats"): "utinyint",
    ("subscriptions", "billing_interval"): (
        "enum('week', 'month', 'quarter', 'half_year', 'year')"
    ),
    ("invoices", "amount"): "double",
    ("invoices", "issued_on"): "timestamp",
    ("support_tickets", "ticket_id"): "uuid",
    ("support_tickets", "opened_at"): "timestamp_ns",
    ("users", "role"): "json",
    ("users", "created_at"): "timestamp_s",
    ("surveys", "comment"): "blob",
}
SQLITE_TYPES = {
    **{"text": "text", "date": "date", "time": "timestamp", "amount": "numeric"},
    **{"rate": "real", "minutes": "real", "whole": "integer", "bool": "boolean"},
}
POSTGRES_TYPES = {
    **{"text": "text", "date": "date", "time": "timestamptz", "amount": "numeric"},
    **{
        "rate": "double precision",
        "minutes": "real",
        "whole": "int",
        "bool": "boolean",
    },
}
OTHER_POSTGRES_TYPES = {
    ("subscriptions", "billing_interval"): "billing_interval",
    ("invoices", "amount"): "numeric(18, 4)",
    ("invoices", "issued_on"): "timestamp",
    ("logins", "login_id"): "varchar(40)",
    ("surveys", "score"): "smallint",
    ("support_tickets", "ticket_id"): "uuid",
    ("users", "role"): "jsonb",
}

Rows = list[list[str | None]]


def as_json(cell: str | None, kind: str) -> str | int | float | bool | None:
    """The value that a JSON export has for a plain cell; text for dates, too."""
    if cell is None or kind in ("text", "date", "time"):
        return cell
    if kind == "bool":
        return cell == "true"
    return int(cell) if cell.isdecimal() else float(cell)


class DataSet:
    """Tables of text, as a CSV folder holds them."""

    def __init__(self, folder: Path, seed: int, *, clean: bool) -> None:
        """Random tables, with cells that look like something else."""
        self.folder = folder
        story = random_data.write(folder, seed, clean=clean)
        self.environment = {"AS_OF_DATE": story["as_of"]}
        self.config: dict[str, object] = {
            "reporting_timezone": story["timezone"],
            "max_rejection_rate": 1,
        }
        self.absent = [table for table in story["absent"].split(",") if table]
        self.tables: dict[str, tuple[list[str], Rows]] = {}
        for table in TABLES:
            file = folder / f"{table}.csv"
            if file.exists():
                with file.open(encoding="utf-8", newline="") as opened:
                    header, *lines = csv.reader(opened)
                rows: Rows = [[*line] for line in lines]
                self.tables[table] = (header, rows)
        self._add_odd_cells(story["as_of"])
        for table, (header, rows) in self.tables.items():
            path = folder / f"{table}.csv"
            with path.open("w", encoding="utf-8", newline="") as opened:
                csv.writer(opened).writerows([header, *rows])

    def kinds(self, table: str) -> dict[str, str]:
        """What each column of a table holds, by the contract."""
        known = {column.name: column.kind for column in TABLES[table]}
        header = self.tables[table][0]
        return {
            name: "time" if name == "updated_at" else known.get(name, "text")
            for name in header
        }

    def _add_odd_cells(self, as_of: str) -> None:
        for number, account_id in enumerate(ODD_IDS):
            self._add("accounts", account_id=account_id, signed_up_on="2023-01-01")
            for user_id in (f"{account_id} ", f"{number}.0"):
                self._add(
                    "users",
                    user_id=user_id,
                    account_id=account_id,
                    created_at="2023-02-01 00:00:00",
                )
                self._add(
                    "logins",
                    login_id=f"odd {user_id}",
                    user_id=user_id,
                    account_id=account_id,
                    logged_in_at=f"{as_of} 01:02:03.5",
                    session_minutes="0.1",
                )
            self._add(
                "subscriptions",
                subscription_id=f"odd {account_id}",
                account_id=account_id,
                plan=ODD_TEXTS[number],
                billing_interval="month",
                amount="1234567890.0125",
                currency="IDR",
                started_on="2023-05-01",
                is_trial="false",
            )
        self._add(
            "exchange_rates",
            currency="IDR",
            rate_date="2023-01-01",
            rate_to_base="0.0000621",
        )
        for number, comment in enumerate(ODD_TEXTS):
            self._add(
                "surveys",
                response_id=f"odd {number}",
                survey_type="nps",
                question="recommend",
                account_id=ODD_IDS[0],
                score="10",
                comment=comment,
                sent_at="2023-06-01 00:00:00",
                responded_at="2023-06-02 00:00:00",
            )
        # so that a column can be uuid, and another json
        for table, name in (("support_tickets", "ticket_id"), ("users", "role")):
            header, rows = self.tables.get(table, ([], []))
            if name in header:
                at = header.index(name)
                for row in rows:
                    cell = (row[at] or "").strip()
                    if name == "role":
                        row[at] = f'{{"role": "{cell or "none"}"}}'
                    elif cell:
                        row[at] = str(uuid5(NAMESPACE_DNS, cell))

    def _add(self, table: str, **cells: str) -> None:
        """A row, unless the table is absent or has one with its key."""
        if table not in self.tables:
            return
        header, rows = self.tables[table]
        keys = [column.name for column in TABLES[table] if column.is_key]
        row: list[str | None] = [cells.get(name, "") for name in header]
        at = [header.index(name) for name in keys if name in header]
        key = [(row[i] or "").strip() for i in at]
        if key not in [[(other[i] or "").strip() for i in at] for other in rows]:
            rows.append(row)

    # ---- ways ------------------------------------------------------------------

    def in_duckdb(
        self, connection: duckdb.DuckDBPyConnection, schema: str, *, typed: bool
    ) -> None:
        """Tables in a schema of DuckDB's; as text, an empty cell stays ''."""
        connection.execute(f"create schema if not exists {schema}")
        for table, (header, rows) in self.tables.items():
            kinds = self.kinds(table)
            types = [
                OTHER_TYPES.get((table, name), DUCKDB_TYPES[kinds[name]])
                if typed
                else "varchar"
                for name in header
            ]
            columns = ", ".join(
                f'"{n}" {t}' for n, t in zip(header, types, strict=True)
            )
            connection.execute(f"create table {schema}.{table} ({columns})")
            if not rows:
                continue
            values = self.plain(table) if typed else rows
            cells = [list(column) for column in zip(*values, strict=True)]
            shown = ", ".join(
                f"encode(unnest(${n}))"
                if kind == "blob"
                else f"cast(unnest(${n}::varchar[]) as {kind})"
                for n, kind in enumerate(types, 1)
            )
            connection.execute(f"insert into {schema}.{table} select {shown}", cells)

    def plain(self, table: str) -> Rows:
        """Rows whose cells are spelt as any database reads them; nothing is null."""
        header, rows = self.tables[table]
        kinds = self.kinds(table)
        found: Rows = []
        for row in rows:
            cells: list[str | None] = []
            for name, cell in zip(header, row, strict=True):
                text = (cell or "").strip(WHITESPACE)
                value = PARSERS[kinds[name]](text) if text else None
                if kinds[name] == "text":
                    value = cell or None
                elif kinds[name] == "time":
                    value = None if value is None else f"{value}+00"
                elif kinds[name] == "bool":
                    value = None if value is None else str(value).lower()
                elif kinds[name] in ("whole", "amount", "rate", "minutes") and text:
                    value = text.removesuffix(".0").lstrip("+")
                cells.append(None if value is None else str(value))
            found.append(cells)
        return found

    def parquet_folder(
        self,
        folder: Path,
        *,
        typed: bool,
        partitioned: Collection[str] = (),
        renamed: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Path:
        """A file for each table, or a folder of them: by currency, or in pieces."""
        folder.mkdir()
        connection = duckdb.connect()
        connection.execute("set TimeZone = 'Asia/Kathmandu'")
        self.in_duckdb(connection, "raw", typed=typed)
        for table, (header, _) in self.tables.items():
            names = (renamed or {}).get(table, {})
            selected = ", ".join(f'"{n}" as "{names.get(n, n)}"' for n in header)
            source = f"select {selected} from raw.{table}"
            if table not in partitioned:
                connection.execute(f"copy ({source}) to '{folder / table}.parquet'")
                continue
            by = names.get("currency", "currency")
            if "currency" not in header:
                by = "piece"
                source = f"select *, row_number() over () % 3 as piece from ({source})"
            connection.execute(
                f"copy ({source}) to '{folder / table}'"
                f" (format parquet, partition_by ({by}))"
            )
        return folder

    def packed_folder(self, folder: Path) -> Path:
        """CSV files in gzip, and every other table as lines of typed JSON."""
        folder.mkdir()
        for number, (table, (header, _)) in enumerate(self.tables.items()):
            if number % 2:
                packed = gzip.compress((self.folder / f"{table}.csv").read_bytes())
                (folder / f"{table}.csv.gz").write_bytes(packed)
                continue
            kinds = self.kinds(table)
            with (folder / f"{table}.jsonl").open("w", encoding="utf-8") as lines:
                for row in self.plain(table):
                    values = {
                        name: as_json(cell, kinds[name])
                        for name, cell in zip(header, row, strict=True)
                    }
                    lines.write(f"{json.dumps(values)}\n")
        return folder

    def sqlite_file(self, file: Path, *, typed: bool) -> Path:
        """A SQLite file; as text, an empty cell is null."""
        with sqlite3.connect(file) as connection:
            for table, (header, rows) in self.tables.items():
                kinds = self.kinds(table)
                columns = ", ".join(
                    f'"{n}" {SQLITE_TYPES[kinds[n]] if typed else "text"}'
                    for n in header
                )
                connection.execute(f"create table {table} ({columns})")
                marks = ", ".join("?" for _ in header)
                values = self.plain(table) if typed else rows
                if typed:
                    values = [
                        [
                            {"true": "1", "false": "0"}.get(cell or "", cell)
                            if kinds[name] == "bool"
                            else cell
                            for name, cell in zip(header, row, strict=True)
                        ]
                        for row in values
                    ]
                connection.executemany(
                    f"insert into {table} values ({marks})",
                    [[cell or None for cell in row] for row in values],
                )
        connection.close()
        return file

    def in_postgres(self, url: str, *, typed: bool) -> None:
        """Tables in schema raw of a PostgreSQL database, made by PostgreSQL."""
        connection = duckdb.connect()
        load_extension(connection, "postgres_scanner")
        connection.execute(f"attach '{url}' as server (type postgres)")

        def execute(statement: str) -> None:
            connection.execute("call postgres_execute('server', ?)", [statement])

        execute("create schema text_only")
        execute("create schema raw")
        execute(
            "create type billing_interval as"
            " enum ('week', 'month', 'quarter', 'half_year', 'year')"
        )
        connection.execute("call pg_clear_cache()")
        for table, (header, rows) in self.tables.items():
            kinds = self.kinds(table)
            columns = ", ".join(f'"{name}" varchar' for name in header)
            place = f"server.{'text_only' if typed else 'raw'}.{table}"
            connection.execute(f"create table {place} ({columns})")
            values = self.plain(table) if typed else rows
            if values:
                cells = [list(column) for column in zip(*values, strict=True)]
                marks = ", ".join(
                    f"unnest(${n}::varchar[])" for n in range(1, len(cells) + 1)
                )
                connection.execute(f"insert into {place} select {marks}", cells)
            if typed:
                types = {
                    n: OTHER_POSTGRES_TYPES.get((table, n), POSTGRES_TYPES[kinds[n]])
                    for n in header
                }
                select = ", ".join(f'"{n}"::{t} as "{n}"' for n, t in types.items())
                kind = "view" if table == "surveys" else "table"
                execute(
                    f"create {kind} raw.{table} as"
                    f" select {select} from text_only.{table}"
                )
        connection.close()


# ---- servers ---------------------------------------------------------------------


def cannot(reason: str) -> None:
    """Skip by name; with REQUIRE_ALL=1 fail instead."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1, but {reason}")
    pytest.skip(reason)


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def postgres_server(password: str) -> Iterator[int]:
    """A PostgreSQL server of the test's own, on loopback; the port. It ends with it.

    PostgreSQL does not run as root: there it runs as the user `postgres`.
    """
    programs = {name: _postgres_program(name) for name in ("initdb", "postgres")}
    if None in programs.values():
        cannot("PostgreSQL is not installed here")
    as_user: list[str] = []
    folder = Path(mkdtemp(prefix="ways-in-postgres-"))
    try:
        if os.geteuid() == 0:
            if not shutil.which("runuser"):
                cannot("PostgreSQL does not run as root, and there is no runuser")
            try:
                shutil.chown(folder, "postgres")
            except LookupError:
                cannot("PostgreSQL does not run as root, and has no user here")
            as_user = ["runuser", "-u", "postgres", "--"]
        secret = folder / "password"
        secret.write_text(password, encoding="utf-8")
        secret.chmod(0o644)
        data = folder / "data"
        made = subprocess.run(
            [
                *as_user,
                *(str(programs["initdb"]), "-D", str(data), "-U", "boss"),
                *("-E", "UTF8", "--locale=C", "-A", "scram-sha-256"),
                *("--pwfile", str(secret), "--no-sync"),
            ],
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        port = free_port()
        with (folder / "log").open("w", encoding="utf-8") as log:
            server = subprocess.Popen(
                [
                    *as_user,
                    *(str(programs["postgres"]), "-D", str(data), "-p", str(port)),
                    *("-h", "127.0.0.1", "-k", "", "-F"),
                    *("-c", "timezone=Asia/Kathmandu"),
                ],
                stdout=log,
                stderr=log,
                cwd=folder,
            )
        try:
            _wait_for(port, server)
            yield port
        finally:
            if server.poll() is None:
                _stop(data / "postmaster.pid")
                server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_program(name: str) -> str | None:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(installed[-1]) if installed else shutil.which(name)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Until it listens; a server that ended is an error."""
    for _ in range(200):
        assert server.poll() is None, "PostgreSQL did not start"
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("PostgreSQL does not listen")


def _stop(pid_file: Path) -> None:
    """Ask the server itself to end: runuser, its parent, does not hand signals on."""
    os.kill(int(pid_file.read_text(encoding="utf-8").split()[0]), signal.SIGINT)

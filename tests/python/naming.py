"""What the oracle is given of sources: their rows as the contract has them.

That the models make these rows rightly of a tool's tables is tested with rows worked
out by hand (test_sources.py); what follows from them is computed without SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tests.oracle import identities
from tests.oracle.compare import MARTS, compare
from tests.oracle.entities import Identity, Mention, Naming, context
from tests.oracle.rows import TABLES, accept, read_csv_folder

MOMENTS = {
    "subscriptions": None,
    "accounts": None,
    "users": None,
    "invoices": "issued_on",
    "support_tickets": "opened_at",
    "surveys": "sent_at",
}
RawTables = dict[str, list[dict[str, str | None]]]


def _naming(
    connection: duckdb.DuckDBPyConnection, sources: Mapping[str, str]
) -> Naming:
    found = []
    for source in sorted({*sources.values()}):
        rows = connection.execute(
            f"select alias_id, external_id, domain from raw.{source}_identities"
        ).fetchall()
        found += [Identity(source, *row) for row in rows if row[0] is not None]
    mentions = []
    for table in (table for table in MOMENTS if table in sources):
        moment = MOMENTS[table]
        rows = connection.execute(
            f"select account_id, {moment or 'null'} from raw.{sources[table]}__{table}"
            " where account_id is not null"
        ).fetchall()
        mentions += [
            Mention(sources[table], company_id, moment is not None, seen_at)
            for company_id, seen_at in rows
        ]
    merged: dict[str, str] = {}
    if sources.get("accounts") in ("hubspot", "salesforce"):
        merged = dict(
            connection.execute(
                "select alias_id, account_id"
                f" from raw.{sources['accounts']}_merged_accounts"
            ).fetchall()
        )
    return Naming(sources, tuple(found), tuple(mentions), merged)


def _raw_tables(
    connection: duckdb.DuckDBPyConnection, sources: Mapping[str, str], folder: Path
) -> RawTables:
    """The tables of the contract as texts: made of sources, or delivered."""
    tables: RawTables = {
        name: rows
        for name, rows in read_csv_folder(folder).items()
        if name in TABLES and name not in sources
    }
    built = {
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables"
            " where table_schema = 'raw'"
        ).fetchall()
    }
    # a build of these marts alone does not need all
    for table in (table for table in sources if f"raw_{table}" in built):
        relation = connection.sql(f"select * from raw.raw_{table}")
        texts = ", ".join(f"cast({name} as varchar)" for name in relation.columns)
        tables[table] = [
            dict(zip(relation.columns, row, strict=True))
            for row in connection.execute(
                f"select {texts} from raw.raw_{table}"
            ).fetchall()
        ]
    return tables


def identity_differences(
    database: Path, folder: Path, as_of: date, config: Mapping[str, Any]
) -> tuple[list[str], int]:
    """What is not the same in the marts of ids, and how many rows were compared."""
    sources = config["sources"]
    with duckdb.connect(str(database), read_only=True) as connection:
        naming = _naming(connection, sources)
        raw = _raw_tables(connection, sources, folder)
    raw["account_aliases"] = identities.aliases(
        naming,
        [str(row["account_id"]) for row in raw.get("accounts", [])],
        raw.get("account_aliases", []),
    )
    known = {"sources": sources}
    ctx = context(
        accept(raw, known), as_of, config.get("reporting_timezone", "UTC"), known
    )
    ctx.naming = naming
    found, compared = [], 0
    for mart in identities.MARTS:
        function, keys = MARTS[mart]
        rows = function(ctx)
        compared += len(rows)
        found += compare(database, mart, rows, keys)
    return found, compared

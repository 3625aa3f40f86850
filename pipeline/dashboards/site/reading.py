"""One published build, read by the queries of charts/pages/queries."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb

from pipeline.dashboards.navigation import State
from pipeline.project import ROOT
from pipeline.reader import Published

PAGES = ROOT / "charts" / "pages"
QUERIES = PAGES / "queries"

Row = dict[str, Any]


class ReadingError(Exception):
    """The published build lacks what the pages show; the message says what."""


def grouped(rows: Iterable[Row], *keys: str) -> dict[Any, list[Row]]:
    """Rows by one column, or by the values of several; all in their order."""
    key_of = itemgetter(*keys)
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(key_of(row), []).append(row)
    return found


@cache
def sql_of(query: str) -> str:
    """The SQL of a query by name."""
    return (QUERIES / f"{query}.sql").read_text(encoding="utf-8")


class Build:
    """A published build: its rows and its manifest.

    A new publish is picked up by the next query, as everywhere.
    """

    def __init__(self, file: Path) -> None:
        """Nothing is opened yet.

        Args:
            file: A published file, or one that is kept.
        """
        self.published = Published(file)
        self._lock = threading.RLock()  # a connection answers one at a time

    def rows(self, query: str, **given: object) -> list[Row]:
        """The rows of a query.

        Args:
            query: Its name.
            given: Values of its parameters, such as the ids of some accounts.

        Raises:
            ReadingError: The build was published by another version.
            FileNotFoundError: Nothing is published.
        """
        with self._lock:
            try:
                found = self.published.query(sql_of(query), given or None)
            except (duckdb.CatalogException, duckdb.BinderException) as error:
                raise ReadingError(
                    f"The published build does not have what the pages show"
                    f" ({str(error).splitlines()[0]}). It is of another version:"
                    " publish again, with `make publish`."
                ) from None
            return found.dicts()

    def by_account(self, query: str, accounts: list[str]) -> dict[str, list[Row]]:
        """The rows of a query about some accounts, by account."""
        found = grouped(self.rows(query, accounts=accounts), "account_id")
        return {account: found.get(account, []) for account in accounts}

    def manifest(self) -> dict[str, Any]:
        """The build's manifest; empty where there is none."""
        with self._lock:
            return self.published.manifest()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self.published.close()


def state_of(build: Build, as_of: Row) -> State:
    """As-of date, build and data-quality state, for the head of every page."""
    manifest = build.manifest()
    notes = []
    gates = manifest.get("gates", {})
    failed = [gate for gate, result in gates.items() if not result["passed"]]
    warned = [line for result in gates.values() for line in result["warnings"]]
    if failed:
        notes.append(f"{' and '.join(failed)} gate failed")
    if warned:
        notes.append(
            f"{len(warned)} warning{'s' if len(warned) > 1 else ''} of the gates"
        )
    tables = build.rows("quality")
    old = [row for row in tables if row["freshness"] in ("late", "stale")]
    for row in old[:2]:
        notes.append(f"{row['source_table']} {row['freshness']}")
    if len(old) > 2:
        notes.append(f"{len(old)} tables late or stale in all")
    text = "; ".join(notes) or ("data checks passed" if gates else "not checked")
    return State(
        as_of_date=str(as_of["as_of_date"]),
        build_id=str(manifest.get("build_id", "not known")),
        quality=text[:1].upper() + text[1:],
        is_good=not notes and bool(gates),
    )

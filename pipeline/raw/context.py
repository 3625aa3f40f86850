"""What every way of looking for tables needs: the contract, and DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb

from pipeline import environment
from pipeline.raw.connection import postgres_variables, statements
from pipeline.raw.contract import RawTable
from pipeline.raw.findings import Finding
from pipeline.settings import Settings
from pipeline.sql import sql_name


@dataclass
class InspectionContext:
    """What every way of looking needs, and what it found."""

    connection: duckdb.DuckDBPyConnection
    contract: dict[str, RawTable]
    mapping: dict[str, dict[str, str]]
    settings: Settings
    config: Mapping[str, Any]
    absent: Collection[str] = ()
    reads_values: bool = True
    schema_setting: str = "var raw_schema"  # says which schema the tables are in
    findings: list[Finding] = field(default_factory=list)

    def start(self, table: RawTable) -> Finding:
        """A finding of that table, with the others in their order."""
        finding = Finding(table)
        self.findings.append(finding)
        return finding

    def is_left_out(self, finding: Finding) -> bool:
        """Whether var absent_tables says that this table is not to be read."""
        if finding.table.name not in self.absent:
            return False
        finding.remark = "left out by var absent_tables"
        return True

    def known_names(self, table: RawTable) -> set[str]:
        """Its columns' names in the contract, and the user's own, in lower case."""
        theirs = self.mapping.get(table.name, {}).values()
        return {*table.names, *(name.lower() for name in theirs)}


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that downloads nothing."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(":memory:", config=settings)


@contextmanager
def reached(context: InspectionContext) -> Iterator[None]:
    """Give the connection what dbt's has: an attached database, access to a bucket.

    Raises:
        InputError: It is known beforehand that this cannot be; the message says why.
    """
    needed = statements(context.settings, context.config)
    given = postgres_variables(context.settings)
    if "PGCONNECT_TIMEOUT" not in environment.names():
        given["PGCONNECT_TIMEOUT"] = "10"
    with environment.variables(**given):
        for statement in needed:
            context.connection.execute(statement)
        yield


def value_finder(context: InspectionContext, relation: str) -> Callable[[str], bool]:
    """Whether a column has any value; stops at the first, and says yes in doubt."""

    def has_values(name: str) -> bool:
        column = sql_name(name)
        query = f"select 1 from {relation} where {column} is not null limit 1"
        try:
            return context.connection.execute(query).fetchone() is not None
        except duckdb.Error:
            return True

    return has_values

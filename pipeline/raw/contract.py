"""What is expected of the raw tables: `models/staging/sources.yml`; and of sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import yaml

from pipeline.project import ROOT

CONTRACT = ROOT / "models" / "staging" / "sources.yml"
OPTIONAL_EXTRA = "updated_at"  # any table may have it
# Macro is_event_table names them, too: while dbt parses no macro can read the contract.
EVENT_TABLES = ("logins", "feature_events")
# Kinds of segment of macro segment_types that are no column of accounts.
SEGMENTS = ("all", "plan", "billing_interval", "employee_band", "cohort_quarter")
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")  # of a segment
SAMPLED_ROWS = 100_000  # of a table of events, where others are read whole


@dataclass(frozen=True)
class RawColumn:
    """A column of the contract."""

    name: str
    type: str
    is_required: bool
    drops_placeholders: bool = False
    needed_by: str = "required"


@dataclass(frozen=True)
class RawTable:
    """A table of the contract."""

    name: str
    is_required: bool
    key: tuple[str, ...]
    columns: tuple[RawColumn, ...]

    @property
    def names(self) -> list[str]:
        """The columns' names, and the one that any table may have."""
        return [column.name for column in self.columns] + [OPTIONAL_EXTRA]

    def is_id(self, column: RawColumn) -> bool:
        """Whether the column names something: its text must be the same everywhere."""
        is_key = column.name in self.key and column.type == "text"
        return is_key or column.name.endswith("_id")


@cache
def raw_contract() -> dict[str, RawTable]:
    """The tables of `models/staging/sources.yml`, in their order."""
    sources = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["sources"]
    tables = {}
    for table in sources[0]["tables"]:
        meta = table["config"]["meta"]
        columns = tuple(
            RawColumn(
                column["name"],
                column["config"]["meta"]["type"],
                bool(column["config"]["meta"].get("required")),
                bool(column["config"]["meta"].get("drops_placeholders")),
            )
            for column in table["columns"]
        )
        name = table["name"].removeprefix("raw_")
        is_required = bool(meta.get("required"))
        tables[name] = RawTable(name, is_required, tuple(meta["key"]), columns)
    return tables


def contract_with_segments(config: Mapping[str, Any]) -> dict[str, RawTable]:
    """The contract, with the columns of accounts that var segments names."""
    contract = raw_contract()
    accounts = contract["accounts"]
    extra = tuple(
        RawColumn(name, "text", is_required=True, needed_by="named in var segments")
        for name in segment_columns(config)
    )
    columns = (*accounts.columns, *extra)
    return {**contract, "accounts": replace(accounts, columns=columns)}


def segment_columns(config: Mapping[str, Any]) -> list[str]:
    """The well-formed part of var segments; check_settings reports the rest."""
    given = config.get("segments") or []
    if not isinstance(given, list):
        return []
    return [name for name in given if isinstance(name, str) and is_free_name(name)]


def is_free_name(name: str) -> bool:
    """Whether var segments may have it: a plain name that is no segment already."""
    taken = {*raw_contract()["accounts"].names, *SEGMENTS}
    return bool(PLAIN_NAME.fullmatch(name)) and name not in taken


# The loader whose shape the models of sources read; others are renamed into it.
CANONICAL = "fivetran"


@dataclass(frozen=True)
class SourceTable:
    """A table of a source, as its loader lands it."""

    table: RawTable
    needed_for: frozenset[str]  # tables of the contract
    parents: Mapping[str, tuple[str, str]]  # column: table and column that must have it
    delivered_as: Mapping[str, str]  # column: the source's name, where it is another
    named_by: Mapping[str, str]  # column: the setting that says its name in the source


@dataclass(frozen=True)
class UsedSource:
    """A source that var sources names, and how its data is landed."""

    name: str
    loader: str
    schema: str
    gives: frozenset[str]  # tables of the contract that are read from it
    tables: tuple[SourceTable, ...]

    @property
    def warehouse_schema(self) -> str:
        """Schema of its relations in the warehouse."""
        return warehouse_schema(self.name, self.loader)


def warehouse_schema(source: str, loader: str) -> str:
    """Schema of a source's relations in the warehouse: the name of the dbt source."""
    return source if loader == CANONICAL else f"{source}_{loader}"

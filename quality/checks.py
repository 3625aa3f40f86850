"""The checks of `bounds.yml`, and their queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml

from quality.results import Gate

FOLDER = Path(__file__).parent
BOUNDS = FOLDER / "bounds.yml"
QUERIES = FOLDER / "queries"

# Tables that the raw gate checks, in this order. A required one has a suite even where
# it has no rows; an optional one without rows counts as a source not provided.
RAW_TABLES = (
    "subscriptions",
    "logins",
    "surveys",
    "accounts",
    "users",
    "feature_events",
    "support_tickets",
    "invoices",
    "referrals",
    "costs",
    "exchange_rates",
)
REQUIRED = RAW_TABLES[:3]

SMALL_SAMPLE = 30  # default if var small_sample_size is not set


@dataclass(frozen=True)
class Bound:
    """Bounds of a measure: `min`, `max` inclusive, `below`, `above` exclusive."""

    measure: str
    min: float | None = None
    max: float | None = None
    below: float | None = None
    above: float | None = None

    def holds(self, value: float | None) -> bool:
        """Whether a value is within the bound; null (too little data) passes."""
        return value is None or (
            (self.min is None or value >= self.min)
            and (self.max is None or value <= self.max)
            and (self.below is None or value < self.below)
            and (self.above is None or value > self.above)
        )

    def words(self, unit: str) -> str:
        """The bound as text: `at least 50%`, `35 to 110 points`."""
        percent = unit.startswith("%")
        scale = 100 if percent else 1

        def shown(value: float) -> str:
            number = f"{value:,.0f}" if value >= 1e6 else f"{scale * value:g}"
            return f"{number}{'%' if percent else ''}"

        if self.min is not None and self.max is not None:
            words = f"{shown(self.min)} to {shown(self.max)}"
        elif self.min is not None:
            words = f"at least {shown(self.min)}"
        elif self.max is not None:
            words = f"at most {shown(self.max)}"
        elif self.below is not None:
            words = f"below {shown(self.below)}"
        else:
            words = f"above {shown(self.above or 0)}"
        rest = unit.removeprefix("%").strip()
        return f"{words} {rest}".rstrip()


@dataclass(frozen=True)
class Check:
    """One check of one table."""

    table: str
    name: str
    query: str
    measure: str
    unit: str
    advice: str
    fail: Bound | None = None
    warn: Bound | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TableContext:
    """A table to check, with everything its queries depend on."""

    name: str
    relation: str
    rows: int
    as_of_date: date
    config: Mapping[str, Any]
    columns: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    has_catalogue: bool = False


@cache
def bounds() -> Mapping[str, Any]:
    """The parsed content of `bounds.yml`."""
    found: Mapping[str, Any] = yaml.safe_load(BOUNDS.read_text(encoding="utf-8"))
    return found


def mart_tables() -> tuple[str, ...]:
    """The marts that have a suite."""
    return tuple(table for table in bounds()["marts"] if table != "shared")


def tables_of(gate: Gate) -> tuple[str, ...]:
    """The tables that a gate checks, in the order of its report."""
    return RAW_TABLES if gate == "raw" else mart_tables()


def checks_of(gate: Gate, table: str, config: Mapping[str, Any]) -> list[Check]:
    """A table's checks: the shared ones first, then its own."""
    written = bounds()[gate]
    shared = {
        name: check
        for name, check in written["shared"].items()
        if check["tables"] == "all" or table in check["tables"]
    }
    return [
        _check(table, name, check, config)
        for name, check in {**shared, **written.get(table, {})}.items()
    ]


def _check(
    table: str, name: str, written: Mapping[str, Any], config: Mapping[str, Any]
) -> Check:
    def bound(kind: str) -> Bound | None:
        if kind not in written:
            return None
        values = dict(written[kind])
        measure = values.pop("measure", written["measure"])
        limits = {key: _value(value, table, config) for key, value in values.items()}
        if all(limit is None for limit in limits.values()):
            return None  # the var sets no limit
        return Bound(measure=measure, **limits)

    return Check(
        table=table,
        name=name,
        query=written["query"],
        measure=written["measure"],
        unit=written["unit"],
        advice=written["advice"].replace("<table>", table),
        fail=bound("fail"),
        warn=bound("warn"),
        parameters=written.get("with", {}),
    )


def _value(written: Any, table: str, config: Mapping[str, Any]) -> float | None:
    """A bound, or the value of the var that it names (`vars.freshness.<table>.…`)."""
    if not isinstance(written, str):
        return float(written)
    found: Any = config
    for part in written.replace("<table>", table).split(".")[1:]:
        found = (found or {}).get(part)
    return None if found is None else float(found)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(QUERIES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # only this project's own values go into the SQL
    )


def sql_of(
    gate: Gate, context: TableContext, check: Check, relation: str | None = None
) -> str:
    """The SQL of a check; it reads `relation`, by default the table under its name."""
    file = f"{check.query}.sql"
    if not (QUERIES / file).is_file():
        file = f"{gate}/{file}"
    config = context.config
    return (
        _environment()
        .get_template(file)
        .render(
            table=relation or context.relation,
            name=context.name,
            as_of=context.as_of_date.isoformat(),
            small=int(config.get("small_sample_size") or SMALL_SAMPLE),
            columns=context.columns,
            present=context.present,
            has_catalogue=context.has_catalogue,
            base_currency=str(config.get("base_currency") or "USD").replace("'", "''"),
            vars=config,
            **check.parameters,
        )
    )


def queries_used() -> Collection[Path]:
    """The files of all queries that a check names."""
    found = set()
    for gate in ("raw", "marts"):
        for checks in bounds()[gate].values():
            for check in checks.values():
                file = QUERIES / f"{check['query']}.sql"
                nested = QUERIES / gate / f"{check['query']}.sql"
                found.add(file if file.is_file() else nested)
    return found

"""The models' own SQL on tables of a test's: dbt compiles it, and builds nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from tests.python.conftest import dbt


@dataclass(frozen=True)
class Compiled:
    """The SQL of some models, and where each model and seed has its table."""

    sql: Mapping[str, str]
    relations: Mapping[str, str]


def compile_models(folder: Path, as_of: date, models: Sequence[str]) -> Compiled:
    """Some models compiled by dbt, as of a day; incremental ones as in a full
    refresh."""
    done = dbt(
        folder,
        *("compile", "--quiet", "--select", *models),
        environment={"AS_OF_DATE": str(as_of)},
    )
    assert done.returncode == 0, done.stdout[-6000:]
    manifest = json.loads((folder / "target" / "manifest.json").read_text("utf-8"))
    nodes = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
    ]
    return Compiled(
        sql={n["name"]: n["compiled_code"] for n in nodes if n.get("compiled")},
        relations={n["name"]: n["relation_name"] for n in nodes},
    )


def compile_expressions(folder: Path, expressions: Mapping[str, str]) -> dict[str, str]:
    """The SQL of calls of macros, by name."""
    line = "-- of "
    done = dbt(
        folder,
        *("compile", "--quiet", "--inline"),
        "".join(f"{line}{name}\n{call}\n" for name, call in expressions.items()),
    )
    assert done.returncode == 0, done.stdout[-6000:]
    parts = done.stdout.split(line)[1:]
    return dict(part.split("\n", 1) for part in parts)


class Warehouse:
    """An empty database in memory, with the schemas of the project."""

    def __init__(self, compiled: Compiled) -> None:
        """Nothing is in it yet."""
        self.compiled = compiled
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as warehouse")
        for schema in ("reference", "staging", "intermediate", "marts"):
            self.connection.execute(f"create schema warehouse.{schema}")

    def give(self, table: str, query: str) -> None:
        """Replace a table that models read by a query."""
        relation = self.compiled.relations[table]
        self.connection.execute(f"create or replace table {relation} as {query}")

    def give_rows(
        self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
    ) -> None:
        """A table that models read has such columns, by type, and rows."""
        cells = [list(cells) for cells in zip(*rows, strict=True)]
        lists = ", ".join(
            f"unnest(cast(${n} as {kind}[])) as {name}"
            for n, (name, kind) in enumerate(columns.items(), 1)
        )
        relation = self.compiled.relations[table]
        self.connection.execute(
            f"create or replace table {relation} as select {lists}",
            cells or [[] for _ in columns],
        )

    def make(self, *models: str) -> None:
        """Models become tables, in this order."""
        for model in models:
            self.give(model, self.compiled.sql[model])

    def rows(self, model: str) -> list[dict[str, Any]]:
        """The result of a model for the given tables."""
        found = self.connection.execute(self.compiled.sql[model])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

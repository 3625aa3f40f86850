"""No join compares every row of one relation with every row of another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.compiled import compile_models

Node = dict[str, Any]

NESTED_LOOPS = {"NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN"}


def nodes(plan: Sequence[Node]) -> Iterator[Node]:
    """All nodes of a plan in JSON."""
    for node in plan:
        yield node
        yield from nodes(node["children"])


def has_one_row(node: Node, ctes: Mapping[str, Node]) -> bool:
    """Whether a relation has a single row: an aggregate without groups."""
    name = str(node["name"]).strip()
    if name == "CTE_SCAN":
        return has_one_row(ctes[node["extra_info"]["CTE Index"]], ctes)
    if name in {"PROJECTION", "FILTER"}:
        return has_one_row(node["children"][0], ctes)
    return name == "UNGROUPED_AGGREGATE"


def nested_loops(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    """The conditions of a query's nested-loop joins, single-row relations apart."""
    found = connection.execute(f"explain (format json) {query}").fetchone()
    assert found
    plan = list(nodes(json.loads(found[1])))
    ctes = {
        node["extra_info"]["Table Index"]: node["children"][0]
        for node in plan
        if node["name"].strip() == "CTE"
    }
    return [
        str(node["extra_info"])
        for node in plan
        if node["name"].strip() in NESTED_LOOPS
        and not any(has_one_row(side, ctes) for side in node["children"])
    ]


def connect(database: Path) -> duckdb.DuckDBPyConnection:
    """The built demo, with plans that do not depend on how small its tables are."""
    connection = duckdb.connect()
    connection.execute(f"attach '{database}' as warehouse (read_only)")
    connection.execute("use warehouse")
    # DuckDB takes a nested loop for a few rows, whatever the join's condition.
    connection.execute("set nested_loop_join_threshold = 0")
    connection.execute("set merge_join_threshold = 0")
    # The salt of dim_users' e-mail hashes is attached while dbt runs.
    connection.execute("attach ':memory:' as email_hash")
    connection.execute("create table email_hash.main.salts (salt varchar)")
    return connection


@pytest.fixture(scope="module")
def loops_by_model(
    demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """Of each model, the nested-loop joins of its plan on the demo."""
    folder = tmp_path_factory.mktemp("plans")
    compiled = compile_models(folder, date(2026, 9, 20), ["resource_type:model"])
    with connect(demo_database) as connection:
        return {
            model: nested_loops(connection, query)
            for model, query in sorted(compiled.sql.items())
        }


def test_no_join_compares_all_rows_with_all(
    loops_by_model: dict[str, list[str]],
) -> None:
    """Usually the cause is `x > day or x is null`: coalesce(x, no_end_date()) > day."""
    assert len(loops_by_model) > 90, "not all models were compiled"
    found = {model: loops for model, loops in loops_by_model.items() if loops}
    assert not found, "these grow with the square of their rows"


def test_a_nested_loop_is_seen() -> None:
    """The condition that this test is about does give such a plan."""
    with duckdb.connect() as connection:
        connection.execute("create table days as select range as day from range(2000)")
        connection.execute("create table spans as select day as a, day as b from days")
        join = "select count(*) from days left join spans on a <= day and"
        assert nested_loops(connection, f"{join} (b > day or b is null)")
        assert not nested_loops(connection, f"{join} coalesce(b, 9999) > day")

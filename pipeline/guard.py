"""Which SQL an agent or a reader may run: one select over the marts.

Nothing of it looks outside: at files, settings, other schemas, or where the file is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any

import duckdb

LONGEST = 20_000  # characters of a query
MARTS = """
    select table_name, database_name from duckdb_tables() where schema_name = 'marts'
"""
SCHEMAS = {"", "marts"}
TABLE_FUNCTIONS = {"generate_series", "range", "unnest"}
# What tells of the machine, the session or others' queries, waits, or has an effect.
FUNCTIONS = {
    *("current_connection_id", "current_query", "current_query_id", "current_setting"),
    *("currval", "getenv", "getvariable", "nextval", "pg_sleep", "setseed"),
    *("sleep_ms", "txid_current", "current_transaction_id", "write_log", "version"),
    *("pg_conf_load_time", "pg_postmaster_start_time", "parse_duckdb_log_message"),
}
# Sources of rows in a serialized query; what is not here is refused.
SOURCES = {
    *("BASE_TABLE", "COLUMN_DATA", "EMPTY", "EMPTY_FROM", "EXPRESSION_LIST", "JOIN"),
    *("PIVOT", "SUBQUERY", "TABLE_FUNCTION"),
}


class RefusedError(duckdb.PermissionException):
    """The query may not run; the message says why, and what may."""


def check(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Refuse what is more than a select over the marts.

    Args:
        connection: Of the published file. It parses the query; nothing runs.
        query: The SQL.

    Raises:
        RefusedError: Why it may not run.
    """
    if len(query) > LONGEST:
        raise RefusedError(f"The query is longer than {LONGEST:,} characters.")
    row = connection.execute("select json_serialize_sql(?)", [query]).fetchone()
    parsed = json.loads(row[0]) if row else {"error": True}
    if parsed.get("error"):
        if parsed.get("error_type") == "parser":
            raise RefusedError(f"Syntax error: {parsed['error_message']}")
        raise RefusedError("Only one select is run, or with … select.")
    if len(parsed["statements"]) != 1:
        raise RefusedError("One select at a time, please.")
    marts = connection.execute(MARTS).fetchall()
    tables = {name.lower() for name, _ in marts} | {*_common(parsed)}
    catalogs = {"", *(catalog.lower() for _, catalog in marts)}
    for node in _nodes(parsed):
        _check_source(node, tables, catalogs)
        _check_function(node)


def _check_source(
    node: dict[str, Any], tables: Collection[str], catalogs: Collection[str]
) -> None:
    kind = node.get("type")
    if kind == "SHOW_REF":
        raise RefusedError(
            "describe, show and summarize are not run. Columns are listed by the tool"
            " describe_mart, and in Python by Published.columns."
        )
    if kind == "BASE_TABLE":
        name, schema = str(node["table_name"]), str(node.get("schema_name") or "")
        catalog = str(node.get("catalog_name") or "")
        if (
            name.lower() not in tables
            or schema.lower() not in SCHEMAS
            or catalog.lower() not in catalogs
        ):
            near = ", ".join(get_close_matches(name.lower(), sorted(tables), 3))
            raise RefusedError(
                f"There is no mart {name[:60]!r}, and only marts can be read."
                + (f" Similar: {near}." if near else "")
            )
    if kind == "TABLE_FUNCTION":
        function = str((node.get("function") or {}).get("function_name", ""))
        if function.lower() not in TABLE_FUNCTIONS:
            raise RefusedError(
                f"The table function {function[:60]} is not run. These are:"
                f" {', '.join(sorted(TABLE_FUNCTIONS))}."
            )
    # A from clause of a kind that we have not seen is none that we admit.
    source = node.get("from_table")
    if isinstance(source, dict) and source.get("type") not in SOURCES | {"SHOW_REF"}:
        raise RefusedError(f"A source of kind {source.get('type')} is not read.")


def _check_function(node: dict[str, Any]) -> None:
    name = str(node.get("function_name") or "").lower()
    schema = str(node.get("schema") or "").lower()
    if node.get("type") == "FUNCTION" and (
        name in FUNCTIONS or schema not in ("", "main")
    ):
        raise RefusedError(f"The function {name[:60]} is not run.")


def _common(parsed: Any) -> Iterator[str]:
    """Names of common table expressions."""
    for node in _nodes(parsed):
        common = node.get("cte_map")
        if isinstance(common, dict):
            for entry in common.get("map", []):
                yield str(entry.get("key", "")).lower()
        if node.get("type") == "RECURSIVE_CTE_NODE":
            yield str(node.get("cte_name", "")).lower()


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            yield one
            todo += one.values()
        elif isinstance(one, list):
            todo += one

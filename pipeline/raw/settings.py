"""The vars `raw_columns` and `absent_tables`: do they name what there is?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.raw.contract import RawTable, is_free_name
from pipeline.raw.findings import Problem
from pipeline.raw.sources import sources_of_tables
from pipeline.raw.text import did_you_mean, display


def check_settings(
    config: Mapping[str, Any], contract: Mapping[str, RawTable], *, is_demo: bool
) -> list[Problem]:
    """Whether the vars `raw_columns` and `absent_tables` name what there is."""
    problems: list[Problem] = []

    def bad_mapping(message: str, column: str | None = None, table: str = "") -> None:
        where = "var raw_columns"
        problems.append(Problem(where, "bad_mapping", message, column, table))

    mapping = config.get("raw_columns") or {}
    shape = "{table: {contract_name: your_name}}"
    if not isinstance(mapping, Mapping):
        bad_mapping(f"it is `{display(mapping)}`; expected {shape}.")
        mapping = {}
    if mapping and is_demo:
        bad_mapping(
            "the demo data has the contract's names already. Empty raw_columns, or"
            " point RAW_LOCATION or RAW_DATABASE at your tables."
        )
    for table, columns in mapping.items():
        if table not in contract:
            near = did_you_mean(str(table), contract)
            known = f" The tables are {', '.join(contract)}."
            bad_mapping(f"no raw table `{display(table)}`.{near or known}")
        elif not isinstance(columns, Mapping):
            bad_mapping(
                f"`{table}` is `{display(columns)}`; expected {shape}.", None, table
            )
        else:
            for name, theirs in columns.items():
                if name not in contract[table].names:
                    near = did_you_mean(str(name), contract[table].names)
                    bad_mapping(
                        f"`{table}` has no column `{display(name)}`.{near} The"
                        " contract's name comes first, then yours.",
                        str(name),
                        table,
                    )
                elif not isinstance(theirs, str) or not theirs:
                    bad_mapping(
                        f"`{table}.{name}` is mapped to `{display(theirs)}`; expected"
                        " the name of a column of yours.",
                        str(name),
                        table,
                    )
    problems += _check_filters(config, contract)
    problems += _check_segments(config)
    for table in absent_tables(config):
        if table not in contract or contract[table].is_required:
            optional = [name for name in contract if not contract[name].is_required]
            near = did_you_mean(str(table), optional)
            problems.append(
                Problem(
                    "var absent_tables",
                    "bad_absent_table",
                    f"`{display(table)}` cannot be left out.{near} Optional are"
                    f" {', '.join(optional)}.",
                )
            )
    return problems


def _check_segments(config: Mapping[str, Any]) -> list[Problem]:
    given = config.get("segments") or []
    if not isinstance(given, list):
        message = f"it is `{display(given)}`; expected a list of columns of accounts."
        return [Problem("var segments", "bad_value", message)]
    problems = [
        Problem(
            "var segments",
            "bad_segment",
            f"`{display(name)}` cannot be a segment: expected the name of a column of"
            " accounts beyond the contract's, in lower-case letters, digits and _.",
        )
        for name in given
        if not isinstance(name, str) or not is_free_name(name)
    ]
    sources = sources_of_tables(config).get("accounts")
    leftover = "Set segments to []"
    if given and "accounts" in absent_tables(config):
        message = f"accounts are left out by var absent_tables. {leftover}."
        problems.append(Problem("var segments", "bad_segment", message))
    elif given and sources:
        message = (
            f"accounts are read from {', '.join(sources)} (var sources), which gives"
            f" the contract's columns only. {leftover}, or deliver accounts as a table."
        )
        problems.append(Problem("var segments", "bad_segment", message))
    return problems


def _check_filters(
    config: Mapping[str, Any], contract: Mapping[str, RawTable]
) -> list[Problem]:
    filters = config.get("raw_filters") or {}

    def problem(message: str, table: str = "") -> Problem:
        return Problem("var raw_filters", "bad_filter", message, None, table)

    shape = "{table: condition}"
    if not isinstance(filters, Mapping):
        return [problem(f"it is `{display(filters)}`; expected {shape}.")]
    problems = []
    for table, condition in filters.items():
        if table not in contract:
            near = did_you_mean(str(table), contract)
            known = f" The tables are {', '.join(contract)}."
            problems.append(problem(f"no raw table `{display(table)}`.{near or known}"))
        elif not isinstance(condition, str) or not condition.strip():
            found = display(condition)
            problems.append(
                problem(f"`{table}` is `{found}`; expected a SQL condition.", table)
            )
    return problems


def absent_tables(config: Mapping[str, Any]) -> list[str]:
    """The tables that var absent_tables leaves out, though they may be delivered."""
    absent = config.get("absent_tables") or []
    return [str(one) for one in absent] if isinstance(absent, list) else [str(absent)]


def soft_delete_columns(config: Mapping[str, Any]) -> list[str]:
    """The columns, in lower case, by which loaders mark rows deleted at the source."""
    return [str(name).lower() for name in config.get("soft_delete_columns") or []]


def raw_filters(config: Mapping[str, Any]) -> dict[str, str]:
    """The conditions of var raw_filters; what is not well formed is left out."""
    filters = config.get("raw_filters") or {}
    if not isinstance(filters, Mapping):
        return {}
    return {
        str(table): condition
        for table, condition in filters.items()
        if isinstance(condition, str) and condition.strip()
    }


def column_mapping(config: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The well-formed part of var raw_columns; check_settings reports the rest."""
    mapping = config.get("raw_columns") or {}
    if not isinstance(mapping, Mapping):
        return {}
    return {
        str(table): {
            str(name): theirs
            for name, theirs in columns.items()
            if isinstance(theirs, str) and theirs
        }
        for table, columns in mapping.items()
        if isinstance(columns, Mapping)
    }

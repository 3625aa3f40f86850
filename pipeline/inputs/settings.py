"""The vars `raw_columns` and `absent_tables`: do they name what there is?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.inputs.contract import RawTable
from pipeline.inputs.findings import Problem
from pipeline.inputs.words import did_you_mean, shown


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
        bad_mapping(f"it is `{shown(mapping)}`; expected {shape}.")
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
            bad_mapping(f"no raw table `{shown(table)}`.{near or known}")
        elif not isinstance(columns, Mapping):
            bad_mapping(
                f"`{table}` is `{shown(columns)}`; expected {shape}.", None, table
            )
        else:
            for name, theirs in columns.items():
                if name not in contract[table].names:
                    near = did_you_mean(str(name), contract[table].names)
                    bad_mapping(
                        f"`{table}` has no column `{shown(name)}`.{near} The contract's"
                        " name comes first, then yours.",
                        str(name),
                        table,
                    )
                elif not isinstance(theirs, str) or not theirs:
                    bad_mapping(
                        f"`{table}.{name}` is mapped to `{shown(theirs)}`; expected"
                        " the name of a column of yours.",
                        str(name),
                        table,
                    )
    absent = config.get("absent_tables") or []
    absent = absent if isinstance(absent, list) else [absent]
    for table in absent if is_demo else ():
        if table not in contract or contract[table].is_required:
            optional = [name for name in contract if not contract[name].is_required]
            near = did_you_mean(str(table), optional)
            problems.append(
                Problem(
                    "var absent_tables",
                    "bad_absent_table",
                    f"`{shown(table)}` cannot be left out.{near} Optional are"
                    f" {', '.join(optional)}.",
                )
            )
    return problems


def column_mapping(config: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What of var raw_columns is well formed; the rest is told by check_settings."""
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

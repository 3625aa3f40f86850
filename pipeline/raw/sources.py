"""Tools that raw tables come from (var `sources`): which of their tables are needed.

What a source's tables look like is in `models/sources/<source>/sources.yml` for the
shape in which Fivetran lands them, and in `models/sources/<source>/from_<loader>/` for
other loaders. Models beside it give the tables of the contract: a source has a table
where there is `models/sources/<source>/<source>__<table>.sql`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.project import ROOT
from pipeline.raw.contract import (
    CANONICAL,
    RawColumn,
    RawTable,
    SourceTable,
    UsedSource,
)
from pipeline.raw.findings import Problem
from pipeline.raw.text import did_you_mean, display

FOLDER = ROOT / "models" / "sources"


def sources_of_tables(config: Mapping[str, Any]) -> dict[str, list[str]]:
    """The sources of each raw table; what of the var is not well formed is left out."""
    given = config.get("sources") or {}
    if not isinstance(given, Mapping):
        return {}
    found: dict[str, list[str]] = {}
    for table, names in given.items():
        listed = names if isinstance(names, list) else [names]
        if listed and all(isinstance(one, str) for one in listed):
            found[str(table)] = list(dict.fromkeys(listed))
    return found


def modelled_tables(config: Mapping[str, Any]) -> list[str]:
    """The raw tables that dbt's models make, and not the reader.

    Aliases of accounts are both delivered and derived: the reader makes theirs.
    """
    return [one for one in sources_of_tables(config) if one != "account_aliases"]


def history_origin(origin: str, config: Mapping[str, Any]) -> str:
    """What identifies the data that history is kept of: its place, and its sources."""
    sources = sources_of_tables(config)
    return ", ".join(
        [
            origin,
            *(
                f"{table} from {' and '.join(sources[table])}"
                for table in ("accounts", "users", "subscriptions")
                if table in sources
            ),
        ]
    )


@cache
def known_sources() -> dict[str, frozenset[str]]:
    """Every source, and the tables of the contract that it can give."""
    found = {}
    for folder in sorted(FOLDER.iterdir()):
        prefix = f"{folder.name}__"
        names = (
            path.stem.removeprefix(prefix) for path in folder.glob(f"{prefix}*.sql")
        )
        if (folder / "sources.yml").is_file():
            found[folder.name] = frozenset(names)
    return found


def loaders(source: str) -> list[str]:
    """The loaders whose shape of that source can be read."""
    others = (path.name for path in (FOLDER / source).glob("from_*") if path.is_dir())
    return [CANONICAL, *sorted(name.removeprefix("from_") for name in others)]


def landed_tables(source: str, loader: str) -> frozenset[str]:
    """The tables of the contract that the source gives, as that loader lands it."""
    needed = (table.needed_for for table in source_tables(source, loader))
    return known_sources()[source] & frozenset().union(*needed)


def used_sources(config: Mapping[str, Any]) -> list[UsedSource]:
    """The sources that var sources names, by name; unknown ones are left out."""
    by_source: dict[str, set[str]] = {}
    for table, names in sources_of_tables(config).items():
        for name in names:
            if table in known_sources().get(name, ()):
                by_source.setdefault(name, set()).add(table)
    used = []
    for name, given in sorted(by_source.items()):
        settings = _settings(config, name)
        loader = str(settings.get("loader") or CANONICAL)
        if loader not in loaders(name):
            continue
        given &= landed_tables(name, loader)
        if not given:  # reported: check_sources
            continue
        schema = str(settings.get("schema") or name)
        needed = tuple(
            _with_own_names(one, settings)
            for one in source_tables(name, loader)
            if given & one.needed_for
        )
        used.append(UsedSource(name, loader, schema, frozenset(given), needed))
    return used


@cache
def source_tables(source: str, loader: str) -> tuple[SourceTable, ...]:
    """The tables of a source in the shape of that loader."""
    folder = FOLDER / source
    if loader != CANONICAL:
        folder = folder / f"from_{loader}"
    text = (folder / "sources.yml").read_text(encoding="utf-8")
    return tuple(map(_source_table, yaml.safe_load(text)["sources"][0]["tables"]))


def _source_table(written: Mapping[str, Any]) -> SourceTable:
    meta = written["config"]["meta"]
    columns, parents, delivered_as, named_by = [], {}, {}, {}
    for column in written["columns"]:
        of_column = column["config"]["meta"]
        required = bool(of_column.get("required"))
        columns.append(RawColumn(column["name"], of_column["type"], required))
        if own := of_column.get("delivered_as"):
            delivered_as[column["name"]] = own
        if setting := of_column.get("named_by"):
            named_by[column["name"]] = setting
        if parent := of_column.get("parent"):
            table, _, name = parent.partition(".")
            parents[column["name"]] = (table, name)
    is_required = bool(meta.get("required", True))
    table = RawTable(written["name"], is_required, (), tuple(columns))
    needed_for = frozenset(meta["needed_for"])
    return SourceTable(table, needed_for, parents, delivered_as, named_by)


def _with_own_names(table: SourceTable, settings: Mapping[str, Any]) -> SourceTable:
    """The table with the names of columns that settings of the source give.

    A column may have a setting of its own, and any is named by setting `columns`.
    """
    own = {
        column: str(settings[setting])
        for column, setting in table.named_by.items()
        if settings.get(setting)
    }
    renamed = renamed_columns(settings).get(table.table.name, {})
    return replace(
        table,
        delivered_as={**table.delivered_as, **own, **renamed},
        named_by={**table.named_by, **dict.fromkeys(renamed, "columns")},
    )


def _settings(config: Mapping[str, Any], source: str) -> Mapping[str, Any]:
    settings = config.get("source_settings") or {}
    found = settings.get(source) if isinstance(settings, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def renamed_columns(settings: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Setting `columns`: {table: {column: the company's name of it}}, of traits say.

    What is not well formed is left out.
    """
    given = settings.get("columns") or {}
    if not isinstance(given, Mapping):
        return {}
    return {
        str(table): {str(ours): str(theirs) for ours, theirs in names.items()}
        for table, names in given.items()
        if isinstance(names, Mapping)
    }


def check_sources(
    config: Mapping[str, Any], contract: Mapping[str, RawTable]
) -> list[Problem]:
    """Whether the vars `sources` and `source_settings` name what there is."""
    return _check_sources(config, contract) + _check_settings(config)


def _check_sources(
    config: Mapping[str, Any], contract: Mapping[str, RawTable]
) -> list[Problem]:
    problems: list[Problem] = []

    def bad(message: str, table: str = "") -> None:
        problems.append(Problem("var sources", "bad_source", message, None, table))

    given = config.get("sources") or {}
    shape = "{table: source} or {table: [source, source]}"
    if not isinstance(given, Mapping):
        bad(f"it is `{display(given)}`; expected {shape}.")
        return problems
    sources = known_sources()
    well_formed = sources_of_tables(config)
    for table in given:
        if table not in contract:
            near = did_you_mean(str(table), contract)
            bad(f"no raw table `{display(table)}`.{near} Tables come first: {shape}.")
        elif table not in well_formed:
            bad(f"`{table}` is `{display(given[table])}`; expected {shape}.", table)
        else:
            for name in well_formed[table]:
                if table in sources.get(name, ()):
                    continue
                giving = [one for one, tables in sources.items() if table in tables]
                can = (
                    f" `{table}` can come from {', '.join(giving) or 'no source yet'}."
                )
                if name not in sources:
                    near = did_you_mean(name, sources)
                    bad(f"no source `{display(name)}`.{near}{can}", table)
                else:
                    bad(
                        f"{name} gives no `{table}`: it gives"
                        f" {', '.join(sorted(sources[name]))}.{can}",
                        table,
                    )
    return problems


def _check_settings(config: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []

    def bad(message: str) -> None:
        problems.append(Problem("var source_settings", "bad_source_setting", message))

    given = config.get("source_settings") or {}
    shape = "{source: {loader: fivetran, schema: your_schema}}"
    if not isinstance(given, Mapping):
        bad(f"it is `{display(given)}`; expected {shape}.")
        return problems
    for source, settings in given.items():
        if source not in known_sources():
            near = did_you_mean(str(source), known_sources())
            known = f" The sources are {', '.join(known_sources())}."
            bad(f"no source `{display(source)}`.{near or known}")
        elif not isinstance(settings, Mapping):
            bad(f"`{source}` is `{display(settings)}`; expected {shape}.")
        else:
            known_names = setting_names(source)
            for name in settings:
                if name not in known_names:
                    near = did_you_mean(str(name), known_names)
                    every = f" There are {', '.join(known_names)}."
                    bad(f"`{source}` has no `{display(name)}`.{near or every}")
            loader = settings.get("loader") or CANONICAL
            if loader not in loaders(source):
                can = ", ".join(loaders(source))
                bad(f"loader of `{source}` is `{display(loader)}`; expected {can}.")
            else:
                problems += _check_columns(str(source), str(loader), settings)
                gives = landed_tables(str(source), str(loader))
                for table, names in sources_of_tables(config).items():
                    if source in names and table in known_sources()[source] - gives:
                        bad(
                            f"`{source}` gives no `{table}` as {loader} lands it, only"
                            f" {', '.join(sorted(gives))}. Take another loader's"
                            " tables, or another source."
                        )
    return problems


def _check_columns(
    source: str, loader: str, settings: Mapping[str, Any]
) -> list[Problem]:
    """Whether setting `columns` names tables and columns of the source."""
    problems: list[Problem] = []

    def bad(message: str) -> None:
        problems.append(Problem("var source_settings", "bad_source_setting", message))

    given = settings.get("columns") or {}
    shape = "{table: {column: your_column}}"
    renamed = renamed_columns(settings)
    if not isinstance(given, Mapping) or len(renamed) < len(given):
        bad(f"`columns` of `{source}` is `{display(given)}`; expected {shape}.")
        return problems
    tables = {one.table.name: one.table.names for one in source_tables(source, loader)}
    for table, names in renamed.items():
        if table not in tables:
            near = did_you_mean(table, tables)
            bad(f"`columns` of `{source}`: no table `{display(table)}`.{near}")
            continue
        for name in names:
            if name not in tables[table]:
                near = did_you_mean(name, tables[table])
                where = f"`columns` of `{source}`"
                bad(f"{where}: `{table}` has no `{display(name)}`.{near}")
    return problems


def setting_names(source: str) -> list[str]:
    """What var source_settings may have for a source: every one's, and its own."""
    file: Path = FOLDER / source / "sources.yml"
    written = yaml.safe_load(file.read_text(encoding="utf-8"))["sources"][0]
    own = written.get("config", {}).get("meta", {}).get("settings", {})
    return ["loader", "schema", "columns", *own]

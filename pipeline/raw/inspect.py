"""The whole preflight: every raw table is inspected, and what to print of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.console import display_path
from pipeline.raw.address_ids import check_address_ids, check_address_settings
from pipeline.raw.buckets import inspect_bucket
from pipeline.raw.columns import check_columns
from pipeline.raw.context import InspectionContext, connect, reached
from pipeline.raw.contract import UsedSource, contract_with_segments
from pipeline.raw.databases import inspect_database
from pipeline.raw.findings import Finding, Inspection, Problem, SourceFindings
from pipeline.raw.folders import inspect_folder
from pipeline.raw.ignored_columns import Mark, check_versions, note_unused
from pipeline.raw.locate import DEMO_FOLDER, raw_location
from pipeline.raw.settings import (
    absent_tables,
    check_settings,
    column_mapping,
    raw_filters,
    soft_delete_columns,
)
from pipeline.raw.source_tables import (
    Inspect,
    describe_source,
    inspect_source,
)
from pipeline.raw.sources import (
    check_sources,
    sources_of_tables,
    used_sources,
)
from pipeline.raw.values import check_filters, check_values
from pipeline.raw.var_values import check_vars
from pipeline.settings import Settings


def check_inputs(config: Mapping[str, Any], settings: Settings) -> list[Problem]:
    """All that keeps the raw inputs from being read; empty where nothing does.

    Args:
        config: The vars of `dbt_project.yml`.
        settings: For RAW_LOCATION, RAW_DATABASE and what they need.
    """
    return inspect_inputs(config, settings).problems


def inspect_inputs(
    config: Mapping[str, Any],
    settings: Settings,
    *,
    reads_values: bool = True,
) -> Inspection:
    """Inspect every raw table; the problems come in the contract's order of tables.

    Args:
        config: The vars of `dbt_project.yml`.
        settings: For RAW_LOCATION, RAW_DATABASE and what they need.
        reads_values: Whether to read what is in the tables, too, but for events.
    """
    from_sources = sources_of_tables(config)
    contract = {
        name: replace(table, is_required=table.is_required and name not in from_sources)
        for name, table in contract_with_segments(config).items()
    }
    location = raw_location(config, settings)
    database = settings.raw_database
    problems = check_vars(config, settings)
    problems += check_settings(config, contract, is_demo=not (location or database))
    problems += check_address_settings(config, settings)
    problems += check_sources(config, contract)
    sources: list[SourceFindings] = []
    findings: list[Finding] = []
    if location and database:
        message = (
            "both a folder (RAW_LOCATION or var raw_location) and RAW_DATABASE are set;"
            " one of them is read. Unset the other."
        )
        problems.append(Problem("RAW_LOCATION, RAW_DATABASE", "two_sources", message))
    else:
        with closing(connect()) as connection:
            context = InspectionContext(
                connection,
                contract,
                column_mapping(config),
                settings,
                config,
                absent_tables(config),
                reads_values=reads_values,
            )
            if database:
                schema = str(config.get("raw_schema") or "raw")
                unreadable = inspect_database(context, database, schema)
                problems += without_schema(context, unreadable)
            elif "://" in location:
                problems += inspect_bucket(context, location.rstrip("/"))
            elif location:
                problems += inspect_folder(context, location)
            elif inspect_folder(context, str(DEMO_FOLDER)):
                message = "the demo's files are not there. `make demo-data` makes them."
                where = display_path(DEMO_FOLDER)
                problems.append(Problem(where, "missing_folder", message))
            findings = context.findings
            leave_to_sources(context, from_sources)
            check_found(context, is_demo=not (location or database))
            look = place_of_sources(location, database)
            sources = [
                inspect_source(context, one, look) for one in used_sources(config)
            ]
            problems += [one for found in sources for one in found.all_problems()]
    found = [problem for finding in findings for problem in finding.problems]
    order = {name: number for number, name in enumerate(contract)}
    problems = sorted(problems + found, key=lambda one: order.get(one.table, -1))
    return Inspection(problems, findings, sources)


def without_schema(
    context: InspectionContext, problems: list[Problem]
) -> list[Problem]:
    """A schema that is not there is no problem where sources give what is required."""
    rules = [problem.rule for problem in problems]
    needed = any(table.is_required for table in context.contract.values())
    if needed or rules != ["missing_schema"]:
        return problems
    for table in context.contract.values():
        context.start(table)
    return []


def place_of_sources(location: str, database: str) -> Inspect:
    """How a source's tables are looked for: in its own folder, prefix or schema."""

    def look(own: InspectionContext, source: UsedSource) -> list[Problem]:
        if database:
            return inspect_database(own, database, source.schema)
        if "://" in location:
            return inspect_bucket(own, f"{location.rstrip('/')}/{source.name}")
        return inspect_folder(own, str(Path(location or DEMO_FOLDER) / source.name))

    return look


def leave_to_sources(
    context: InspectionContext, from_sources: Mapping[str, list[str]]
) -> None:
    """A table that var sources names is not looked for among the delivered ones."""
    for finding in context.findings:
        names = from_sources.get(finding.table.name)
        if not names or finding.table.name == "account_aliases":
            continue
        if finding.where and finding.relation:
            finding.problems.clear()
            finding.add(
                "two_sources",
                f"it is there, and var sources takes `{finding.table.name}` from"
                f" {', '.join(names)}. Move it away, or take `{finding.table.name}` out"
                " of var sources.",
            )
        else:
            finding.problems.clear()
            finding.remark = f"from {', '.join(names)} (var sources)"
        finding.fields, finding.relation = [], ""


def check_found(context: InspectionContext, *, is_demo: bool) -> None:
    """The columns of the tables that were found, the filters, and the values."""
    filters = raw_filters(context.config)
    marks: dict[str, list[Mark]] = {}
    for finding in context.findings:
        name = finding.table.name
        renamed = context.mapping.get(name, {})
        check_columns(finding, renamed)
        check_versions(finding, renamed, has_filter=name in filters)
        if finding.fields and not finding.problems and not is_demo:
            deleted = soft_delete_columns(context.config)
            marks[name] = note_unused(finding, renamed, deleted, filters.get(name, ""))
    if any(finding.relation for finding in context.findings):
        with reached(context):
            check_filters(context, filters)
            for finding in context.findings:
                check_address_ids(context, finding)
            if context.reads_values:
                check_values(context, marks)


def report(inspection: Inspection) -> list[str]:
    """What to print for a person: the problems, or where each table is read from."""
    if inspection.problems:
        count = len(inspection.problems)
        lines = [f"The raw inputs cannot be used: {count} problem{'s' * (count > 1)}."]
        last = None
        for problem in inspection.problems:
            if problem.where != last:
                lines.append(f"{problem.where}")
                last = problem.where
            lines.append(f"  {problem.rule}: {problem.message}")
        expected = "What is expected is in models/staging/sources.yml."
        return [*lines, expected]
    found = [finding for finding in inspection.findings if finding.where]
    absent = [
        one.table.name
        for one in inspection.findings
        if not one.where and not one.remark.startswith("from ")
    ]
    width = max((len(finding.table.name) for finding in found), default=0)
    lines = []
    for finding in found:
        names = {column.name.strip().lower() for column in finding.fields}
        count = len(names.intersection(finding.table.names)) + finding.mapped
        mapped = f", {finding.mapped} of them mapped" if finding.mapped else ""
        remark = f"; {finding.remark}" if finding.remark else ""
        where, table = finding.where, finding.table.name
        lines.append(f"{table:<{width}}  {where}  {count} columns{mapped}{remark}")
        lines += (f"  {note}" for note in finding.notes)
        lines += (f"  WARNING  {warning}" for warning in finding.warnings)
    for source in inspection.sources:
        lines += describe_source(source)
    if absent:
        lines.append(f"absent: {', '.join(absent)} (optional)")
    lines += [
        f"{finding.table.name}: {finding.remark}"
        for finding in inspection.findings
        if finding.remark and not finding.where
    ]
    return lines

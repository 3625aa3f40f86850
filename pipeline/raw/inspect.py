"""The whole preflight: every raw table is inspected, and what to print of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from pipeline.console import display_path
from pipeline.raw.address_ids import check_address_ids, check_address_settings
from pipeline.raw.buckets import inspect_bucket
from pipeline.raw.columns import check_columns
from pipeline.raw.context import InspectionContext, connect, reached
from pipeline.raw.contract import raw_contract
from pipeline.raw.databases import inspect_database
from pipeline.raw.findings import Finding, Inspection, Problem
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
    contract = raw_contract()
    location = raw_location(config, settings)
    database = settings.raw_database
    problems = check_vars(config, settings)
    problems += check_settings(config, contract, is_demo=not (location or database))
    problems += check_address_settings(config, settings)
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
                problems += inspect_database(context, database, schema)
            elif "://" in location:
                problems += inspect_bucket(context, location.rstrip("/"))
            elif location:
                problems += inspect_folder(context, location)
            elif inspect_folder(context, str(DEMO_FOLDER)):
                message = "the demo's files are not there. `make demo-data` makes them."
                where = display_path(DEMO_FOLDER)
                problems.append(Problem(where, "missing_folder", message))
            findings = context.findings
            check_found(context, is_demo=not (location or database))
    found = [problem for finding in findings for problem in finding.problems]
    order = {name: number for number, name in enumerate(contract)}
    problems = sorted(problems + found, key=lambda one: order.get(one.table, -1))
    return Inspection(problems, findings)


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
    absent = [one.table.name for one in inspection.findings if not one.where]
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
    if absent:
        lines.append(f"absent: {', '.join(absent)} (optional)")
    lines += [
        f"{finding.table.name}: {finding.remark}"
        for finding in inspection.findings
        if finding.remark and not finding.where
    ]
    return lines

"""Run a gate: all its suites, on one DuckDB file, read only, in one process."""

from __future__ import annotations

import logging
import re
import time
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quality import pages
from quality.checks import (
    REQUIRED,
    Check,
    TableContext,
    checks_of,
    sql_of,
    tables_of,
)
from quality.results import CheckResult, Gate, GateError, GateResult, SuiteResult

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import (
        ExpectationValidationResult,
    )
    from sqlalchemy import Connection

__all__ = ["GateError", "GateResult", "SuiteResult", "run_gate"]

# Counts only, no rows. Messages name ids; e-mail addresses in them are masked, because
# more people may read the report than the data.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
ADDRESS = re.compile(r"[^\s@,;()]+@[^\s@,;()]+")

SCHEMAS: Mapping[Gate, str] = {"raw": "staging", "marts": "marts"}


def run_gate(
    gate: Gate,
    database: Path,
    *,
    as_of_date: date,
    config: Mapping[str, Any],
    docs_folder: Path | None = Path("build/quality"),
    only: Collection[str] = (),
) -> GateResult:
    """Check the validated raw rows, or the marts, of a DuckDB file.

    Args:
        gate: `raw`, on `staging.base_<table>`, before anything is built from them, or
            `marts`, before they are published.
        database: The DuckDB file. It is opened read only and closed at the end.
        as_of_date: The day as of which the metrics are computed.
        config: The vars of `dbt_project.yml`.
        docs_folder: Folder of `index.html`, `<gate>.html` and `<gate>.json`; none: only
            the result is returned.
        only: Tables to check, by name; none: all of them.

    Raises:
        GateError: There is nothing to check; the message says what to do.
    """
    started = time.monotonic()
    if not database.is_file():
        raise GateError(
            f"{database} is not there, so {gate} data cannot be checked. "
            "Build it with `make build`, or point DUCKDB_PATH at it."
        )
    with _quiet():
        suites = _run_suites(gate, database.resolve(), as_of_date, config, only)
    result = GateResult(
        gate=gate,
        suites=suites,
        docs=docs_folder / f"{gate}.html" if docs_folder else None,
        seconds=time.monotonic() - started,
    )
    if docs_folder:
        pages.write(result, docs_folder, as_of_date)
    return result


def _run_suites(
    gate: Gate,
    database: Path,
    as_of_date: date,
    config: Mapping[str, Any],
    only: Collection[str],
) -> list[SuiteResult]:
    import duckdb
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    from quality.dialect import closed_at_end

    url = f"duckdb+buffered:///{database}?access_mode=read_only"
    try:
        with closed_at_end():
            engine = create_engine(url)
            with engine.connect() as connection:
                contexts = _contexts(gate, connection, as_of_date, config)
    except (SQLAlchemyError, duckdb.Error) as error:
        raise GateError(_why_not(error, gate, database)) from error
    tables = [table for table in tables_of(gate) if not only or table in only]
    checks: dict[str, list[Check]] = {}
    skipped: dict[str, SuiteResult] = {}
    for table in tables:
        context = contexts.get(table)
        found = checks_of(gate, table, config)
        if context is not None and context.rows:
            checks[table] = found
        elif context is not None and (gate == "marts" or table in REQUIRED):
            # A table without rows only fails the volume check.
            checks[table] = [check for check in found if check.name == "volume"]
        else:
            reason = "not provided" if context is None else "no rows: not provided"
            skipped[table] = SuiteResult(
                table, label(gate, table), True, skipped_reason=reason
            )
    with closed_at_end():
        results = _validate(gate, url, contexts, checks, _exceptions(config))
    return [results.get(table) or skipped[table] for table in tables]


def label(gate: Gate, table: str) -> str:
    """A table's name in reports and in var `gate_exceptions`."""
    return f"raw.raw_{table}" if gate == "raw" else f"marts.{table}"


def _contexts(
    gate: Gate, connection: Connection, as_of_date: date, config: Mapping[str, Any]
) -> dict[str, TableContext]:
    """The existing tables, with everything their queries depend on."""
    schema = SCHEMAS[gate]
    prefix = "base_" if gate == "raw" else ""
    columns = _columns(connection, schema)
    wanted = REQUIRED if gate == "raw" else tables_of(gate)
    missing = [f"{schema}.{prefix}{t}" for t in wanted if f"{prefix}{t}" not in columns]
    if missing:
        raise GateError(
            f"{', '.join(missing)}: not in the database. Build the models first: "
            "`make build`, and look in its output for models that failed or were "
            "skipped."
        )
    tables = [table for table in tables_of(gate) if f"{prefix}{table}" in columns]
    rows = {table: _rows(connection, f"{schema}.{prefix}{table}") for table in tables}
    present = frozenset(table for table in tables if rows[table])
    catalogue = "feature_catalogue" in _columns(connection, "reference", optional=True)
    return {
        table: TableContext(
            name=table,
            relation=f"{schema}.{prefix}{table}",
            rows=rows[table],
            as_of_date=as_of_date,
            config=config,
            columns=columns[f"{prefix}{table}"],
            present=present,
            has_catalogue=catalogue,
        )
        for table in tables
    }


def _columns(
    connection: Connection, schema: str, *, optional: bool = False
) -> dict[str, frozenset[str]]:
    """The columns of each table and view of a schema of the file itself."""
    from sqlalchemy import text

    found: dict[str, set[str]] = {}
    query = text(
        "select table_name, column_name from duckdb_columns()"
        " where schema_name = :schema and database_name = current_database()"
    )
    for table, column in connection.execute(query, {"schema": schema}):
        found.setdefault(table, set()).add(column)
    if not found and not optional:
        raise GateError(
            f"The database has no schema {schema}, or nothing in it. "
            "Build the models first: `make build` does."
        )
    return {table: frozenset(columns) for table, columns in found.items()}


def _rows(connection: Connection, table: str) -> int:
    from sqlalchemy import text

    return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())


def _exceptions(config: Mapping[str, Any]) -> frozenset[str]:
    """Known failures, shown as warnings."""
    return frozenset(config.get("gate_exceptions") or ())


def _validate(
    gate: Gate,
    url: str,
    contexts: Mapping[str, TableContext],
    checks: Mapping[str, Sequence[Check]],
    exceptions: frozenset[str],
) -> dict[str, SuiteResult]:
    """Validate each table's checks as a suite, in an in-memory context."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from quality.expectations import expectations_of

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.variables.save()
    source = context.data_sources.add_sql(gate, connection_string=url)
    found: dict[str, SuiteResult] = {}
    for table, listed in checks.items():
        queries = {check.name: sql_of(gate, contexts[table], check) for check in listed}
        schema, name = contexts[table].relation.split(".")
        asset = source.add_table_asset(table, table_name=name, schema_name=schema)
        suite = gx.ExpectationSuite(
            name=table,
            expectations=[
                expectation
                for check in listed
                for expectation in expectations_of(
                    check, _batch_query(gate, contexts[table], check)
                )
            ],
        )
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(
                name=table,
                data=asset.add_batch_definition_whole_table("all"),
                suite=context.suites.add(suite),
            )
        )
        results = definition.run(result_format=RESULT_FORMAT).results
        found[table] = _suite_result(gate, table, results, queries, exceptions)
    return found


def _batch_query(gate: Gate, context: TableContext, check: Check) -> str:
    """The SQL in Great Expectations' format: `{batch}` for the table."""
    mark = "\0"
    sql = sql_of(gate, context, check, relation=mark)
    return sql.replace("{", "{{").replace("}", "}}").replace(mark, "{batch}")


def _suite_result(
    gate: Gate,
    table: str,
    results: Sequence[ExpectationValidationResult],
    queries: Mapping[str, str],
    exceptions: frozenset[str],
) -> SuiteResult:
    by_check: dict[str, list[ExpectationValidationResult]] = {}
    for result in results:
        by_check.setdefault(str(_meta(result)["check"]), []).append(result)
    name = label(gate, table)
    found = [
        _check_result(check, both, queries[check], f"{name}: {check}" in exceptions)
        for check, both in by_check.items()
    ]
    failed = [result.line for result in found if result.outcome == "failed"]
    return SuiteResult(
        name=table,
        table=name,
        passed=not failed,
        failed_critical=failed,
        warnings=[result.line for result in found if result.outcome == "warning"],
        checks=len(found),
        results=found,
    )


def _check_result(
    check: str,
    results: Sequence[ExpectationValidationResult],
    query: str,
    is_exception: bool,
) -> CheckResult:
    """One check's result: a failure takes precedence over a warning."""
    result = min(results, key=lambda r: (bool(r.success), not _is_critical(r)))
    meta = _meta(result)
    advice = str(meta["advice"])
    outcome: Any = "passed"
    if (result.exception_info or {}).get("raised_exception") or not result.result:
        observed, outcome = f"could not be checked: {_reason(result)}", "failed"
    else:
        observed = str(result.result["observed_value"])
        if not result.success:
            outcome = "failed" if _is_critical(result) else "warning"
        elif not any((r.result or {}).get("is_enough") for r in results):
            outcome = "too little data"
        if outcome == "failed" and is_exception:
            outcome = "warning"
            advice += " (would fail, but is in var gate_exceptions)"
    return CheckResult(
        check=check,
        outcome=outcome,
        observed=ADDRESS.sub("<address>", observed),
        expected=str(meta["expected"]),
        advice=advice,
        query=query,
    )


def _meta(result: ExpectationValidationResult) -> Mapping[str, Any]:
    config = result.expectation_config
    return (config.meta if config else None) or {}


def _is_critical(result: ExpectationValidationResult) -> bool:
    config = result.expectation_config
    severity = config.severity if config else None
    return getattr(severity, "value", severity) != "warning"


def _reason(result: ExpectationValidationResult) -> str:
    """The first line of an exception in Great Expectations."""
    info = dict(result.exception_info or {})
    if "exception_message" not in info:
        info = next((v for v in info.values() if isinstance(v, dict)), {})
    message = str(info.get("exception_message") or "no result").strip()
    return (
        f"{message.splitlines()[0]} (does the table have the columns of its contract?)"
    )


def _why_not(error: Exception, gate: Gate, database: Path) -> str:
    message = str(getattr(error, "orig", None) or error).strip()
    first = message.splitlines()[0]
    if "lock" in message or "different configuration" in message:
        return (
            f"{database} is open for writing elsewhere, so {gate} data cannot be "
            f"checked. Wait for that build or close the program, then try again: "
            f"{first}"
        )
    return (
        f"{database} cannot be read, so {gate} data cannot be checked: {first} "
        "Is it a DuckDB file?"
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither logs nor warnings of the libraries: what matters is in the result."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # importing GX sets levels of its own loggers
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)

"""Run a gate: all its suites, on one DuckDB file, read only, in one process."""

from __future__ import annotations

import json
import logging
import shutil
import time
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quality.results import Gate, GateError, GateResult, SuiteResult

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite
    from great_expectations.core.expectation_validation_result import (
        ExpectationValidationResult,
    )
    from great_expectations.data_context.data_context.abstract_data_context import (
        AbstractDataContext,
    )
    from great_expectations.data_context.store.store import (
        DataDocsSiteConfigTypedDict,
    )
    from sqlalchemy import Connection

    from quality.expectations import Subject

__all__ = ["GateError", "GateResult", "SuiteResult", "run_gate"]

# Counts, not the rows behind them: what the gate writes down holds no raw value.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


def run_gate(
    gate: Gate,
    database: Path,
    *,
    as_of_date: date,
    config: Mapping[str, Any],
    docs_folder: Path | None = Path("build/quality"),
    attach: Sequence[str] = (),
    only: Collection[str] = (),
) -> GateResult:
    """Judge schema `raw` or `marts` of a DuckDB file.

    Args:
        gate: `raw`, before anything is built on the data, or `marts`, before it is
            published.
        database: The DuckDB file. It is opened read only and closed at the end.
        as_of_date: The day as of which the figures are computed.
        config: The vars of `dbt_project.yml`.
        docs_folder: Where `<gate>.json`, the Data Docs and the context go; none: only
            the result is returned.
        attach: Statements that each connection executes first, such as an `attach` of
            the database that the raw views read. They are written to no file.
        only: Tables to look at, by name; none: all of them.

    Raises:
        GateError: Where there is nothing to judge; the message says what to do.
    """
    started = time.monotonic()
    if not database.is_file():
        raise GateError(
            f"{database} is not there, so {gate} data cannot be checked. "
            "Build it with `make build`, or point DUCKDB_PATH at it."
        )
    with _quiet():
        suites = _judge(
            gate, database.resolve(), as_of_date, config, docs_folder, attach, only
        )
    result = GateResult(
        gate=gate,
        suites=suites,
        docs=docs_folder / gate / "docs" / "index.html" if docs_folder else None,
        seconds=time.monotonic() - started,
    )
    if docs_folder:
        summary = json.dumps(result.as_dict(), indent=2)
        (docs_folder / f"{gate}.json").write_text(f"{summary}\n", encoding="utf-8")
    return result


def _judge(
    gate: Gate,
    database: Path,
    as_of_date: date,
    config: Mapping[str, Any],
    docs_folder: Path | None,
    attach: Sequence[str],
    only: Collection[str],
) -> list[SuiteResult]:
    import duckdb
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    from quality import mart_suites, raw_suites
    from quality.dialect import prepared

    url = f"duckdb+buffered:///{database}?access_mode=read_only"
    views: list[str] = []
    try:
        with prepared(attach):
            engine = create_engine(url)
            with engine.connect() as connection:
                if gate == "raw":
                    subjects, views = _raw_subjects(connection, as_of_date, config)
                else:
                    subjects = _mart_subjects(connection, as_of_date, config)
    except (SQLAlchemyError, duckdb.Error) as error:
        raise GateError(_why_not(error, gate, database)) from error
    every = raw_suites.SUITES if gate == "raw" else mart_suites.SUITES
    builders = {table: every[table] for table in every if not only or table in only}
    suites: dict[str, ExpectationSuite] = {}
    skipped: dict[str, SuiteResult] = {}
    for table, build in builders.items():
        subject = subjects.get(table)
        name = f"raw.raw_{table}" if gate == "raw" else f"marts.{table}"
        if subject is None or (
            gate == "raw" and not subject.rows and table not in raw_suites.REQUIRED
        ):
            reason = "not delivered" if subject is None else "no rows: an absent feed"
            skipped[table] = SuiteResult(table, name, True, skipped_reason=reason)
        elif subject.rows or table == "data_quality_summary":
            suites[table] = build(subject)
        else:
            suites[table] = _only_volume(build(subject))
    with prepared([*attach, *views]):
        folder = docs_folder / gate if docs_folder else None
        found = _validate(gate, url, suites, folder, _exceptions(config))
    return [found.get(table) or skipped[table] for table in builders]


def _raw_subjects(
    connection: Connection, as_of_date: date, config: Mapping[str, Any]
) -> tuple[dict[str, Subject], list[str]]:
    """The raw tables there are, and the views through which their suites read them."""
    from quality.expectations import Subject
    from quality.raw_suites import REQUIRED, SUITES, view_of

    columns = _columns(connection, "raw")
    missing = [
        f"raw.raw_{table}" for table in REQUIRED if f"raw_{table}" not in columns
    ]
    if missing:
        raise GateError(
            f"{', '.join(missing)}: not in the database, but required. Load the raw "
            "data first: `make build` does, or `dbt seed` for the demo's."
        )
    tables = [table for table in SUITES if f"raw_{table}" in columns]
    rows = {table: _rows(connection, f"raw.raw_{table}") for table in tables}
    present = frozenset(table for table in tables if rows[table])
    base = str(config.get("base_currency") or "USD").replace("'", "''")
    currencies = f"select '{base}'"
    if "exchange_rates" in present:
        currencies += (
            " union all select trim(cast(currency as varchar))"
            " from raw.raw_exchange_rates where currency is not null"
        )
    subjects = {
        table: Subject(
            name=table,
            rows=rows[table],
            as_of_date=as_of_date,
            config=config,
            columns=columns[f"raw_{table}"],
            present=present,
        )
        for table in tables
    }
    views = [
        view_of(table, subject.columns, subject.as_of, currencies)
        for table, subject in subjects.items()
    ]
    return subjects, views


def _mart_subjects(
    connection: Connection, as_of_date: date, config: Mapping[str, Any]
) -> dict[str, Subject]:
    from quality.expectations import Subject
    from quality.mart_suites import SUITES

    columns = _columns(connection, "marts")
    missing = [f"marts.{table}" for table in SUITES if table not in columns]
    if missing:
        raise GateError(
            f"{', '.join(missing)}: not in the database. Build the models first: "
            "`make build`, and look in its output for models that failed or were "
            "skipped."
        )
    return {
        table: Subject(
            name=table,
            rows=_rows(connection, f"marts.{table}"),
            as_of_date=as_of_date,
            config=config,
            columns=columns[table],
        )
        for table in SUITES
    }


def _columns(connection: Connection, schema: str) -> dict[str, frozenset[str]]:
    """The columns of each table and view of a schema of the file itself."""
    from sqlalchemy import text

    found: dict[str, set[str]] = {}
    query = text(
        "select table_name, column_name from duckdb_columns()"
        " where schema_name = :schema and database_name = current_database()"
    )
    for table, column in connection.execute(query, {"schema": schema}):
        found.setdefault(table, set()).add(column)
    if not found:
        raise GateError(
            f"The database has no schema {schema}, or nothing in it. "
            + ("Load the raw data" if schema == "raw" else "Build the models")
            + " first: `make build` does."
        )
    return {table: frozenset(columns) for table, columns in found.items()}


def _rows(connection: Connection, table: str) -> int:
    from sqlalchemy import text

    return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())


def _only_volume(suite: ExpectationSuite) -> ExpectationSuite:
    """Of a table without rows there is nothing else to say."""
    suite.expectations = [
        expectation
        for expectation in suite.expectations
        if (expectation.meta or {}).get("check") == "volume"
    ]
    return suite


def _exceptions(config: Mapping[str, Any]) -> frozenset[str]:
    """Checks that someone looked into, and that shall only warn for now."""
    return frozenset(config.get("gate_exceptions") or ())


def _validate(
    gate: Gate,
    url: str,
    suites: Mapping[str, ExpectationSuite],
    folder: Path | None,
    exceptions: frozenset[str],
) -> dict[str, SuiteResult]:
    """Validate the suites in a context of their own, and write the Data Docs."""
    import great_expectations as gx

    context = _context(folder)
    source = context.data_sources.add_sql(gate, connection_string=url)
    found: dict[str, SuiteResult] = {}
    for table, suite in suites.items():
        raw = gate == "raw"
        name = f"raw.raw_{table}" if raw else f"marts.{table}"
        asset = source.add_table_asset(
            name,
            table_name=f"delivered_{table}" if raw else table,
            schema_name=None if raw else "marts",
        )
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(
                name=suite.name,
                data=asset.add_batch_definition_whole_table("all"),
                suite=context.suites.add(suite),
            )
        )
        results = definition.run(result_format=RESULT_FORMAT).results
        found[table] = _suite_result(table, name, results, exceptions)
    if folder:
        context.build_data_docs()
    return found


def _context(folder: Path | None) -> AbstractDataContext:
    """A new context in a folder, or in memory; it reports to nobody."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context: AbstractDataContext
    if folder:
        for old in ("gx", "docs"):
            shutil.rmtree(folder / old, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        context = gx.get_context(mode="file", project_root_dir=folder)
        context.update_data_docs_site("local_site", _docs_site(folder))
    else:
        context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.variables.save()
    return context


def _docs_site(folder: Path) -> DataDocsSiteConfigTypedDict:
    return {
        "class_name": "SiteBuilder",
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str((folder / "docs").resolve()),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }


def _suite_result(
    table: str,
    name: str,
    results: Sequence[ExpectationValidationResult],
    exceptions: frozenset[str],
) -> SuiteResult:
    failed: list[str] = []
    warned: list[str] = []
    told: set[str] = set()
    # Critical ones first, so that a check which failed does not warn as well.
    for result in sorted(results, key=lambda result: not _is_critical(result)):
        config = result.expectation_config
        meta = (config.meta if config else None) or {}
        check = str(meta.get("check"))
        if result.success or check in told:
            continue
        told.add(check)
        if (result.exception_info or {}).get("raised_exception") or not result.result:
            failed.append(f"{check}: could not be judged - {_reason(result)}")
            continue
        line = (
            f"{check}: {_observed(result.result)}, expected {meta.get('expected')}"
            f" - {meta.get('advice')}"
        )
        if not _is_critical(result):
            warned.append(line)
        elif f"{name}: {check}" in exceptions:
            warned.append(f"{line} (would fail, but is in var gate_exceptions)")
        else:
            failed.append(line)
    return SuiteResult(
        name=table,
        table=name,
        passed=not failed,
        failed_critical=failed,
        warnings=warned,
        checks=len(results),
    )


def _is_critical(result: ExpectationValidationResult) -> bool:
    config = result.expectation_config
    severity = config.severity if config else None
    return getattr(severity, "value", severity) != "warning"


def _observed(result: Mapping[str, Any]) -> str:
    """What was found, in words."""
    if "unexpected_count" in result:
        judged = result["element_count"] - (result.get("missing_count") or 0)
        good = judged - result["unexpected_count"]
        return f"{good:,} of {judged:,} ({good / max(judged, 1):.1%})"
    observed = result.get("observed_value")
    if isinstance(observed, int):
        return f"{observed:,} row{'' if observed == 1 else 's'}"
    if isinstance(observed, list | tuple):
        return "only " + ", ".join(map(str, observed)) if observed else "none"
    return str(observed)


def _reason(result: ExpectationValidationResult) -> str:
    """The first line of an exception within Great Expectations."""
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
            f"checked. Let that build end or close the program, then try again: {first}"
        )
    return (
        f"{database} cannot be read, so {gate} data cannot be checked: {first} "
        "Is it a DuckDB file, and are the databases that its views read within reach?"
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Neither logs nor warnings of the libraries: what matters is in the result."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)

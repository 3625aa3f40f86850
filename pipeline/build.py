"""The main job: staging, the raw gate, all other models, the marts gate."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from pipeline import finished_build
from pipeline.build_lock import LockedDatabaseError, build_lock
from pipeline.console import display_path, print_line, print_step
from pipeline.dbt_run import ParsedProject, run_dbt
from pipeline.exit_codes import BUILD_FAILED, GATE_FAILED, INPUTS_FAILED, LOCKED
from pipeline.finished_build import EVENT_TABLES, Fingerprint
from pipeline.history.file import HistoryError, history_path
from pipeline.history.relations import about_history
from pipeline.project import ROOT, InputError, project_vars
from pipeline.raw import inspect_inputs, report
from pipeline.raw.connection import redacted
from pipeline.raw.locate import raw_origin
from pipeline.raw.shared_ids import shared_ids
from pipeline.raw.sources import history_origin
from pipeline.settings import (
    as_of_date,
    pinned_as_of_date,
    read_settings,
    uses_demo_data,
)
from quality.gates import GateError, run_gate
from quality.report import lines
from quality.results import Gate, GateResult

DOCS_FOLDER = ROOT / "build" / "quality"
# Unit tests check the code, on data of their own: `make test` runs them.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
# Staging's models. Data tests come after the raw gate, which says more of what is wrong
# with the data.
STAGING = (
    *("--select", "sources", "staging", "--indirect-selection", "cautious"),
    *("--exclude-resource-type", "test", *NO_UNIT_TESTS),
)
# All but what is there already; data tests stay, whatever they depend on.
AFTER_STAGING = (
    *("--exclude", "sources,resource_type:model", "staging,resource_type:model"),
    *("--indirect-selection", "empty"),
    *("--exclude-resource-type", "seed", *NO_UNIT_TESTS),
)


@dataclass
class Steps:
    """How far the main job got, and what the gates found."""

    failed: int = 0  # exit code of the step that failed; 0 if none did
    gates: dict[Gate, GateResult] = field(default_factory=dict)


def build(console: Console, *, full_refresh: bool = False) -> int:
    """Run the main job, and report what it built.

    Returns:
        0, or the exit code of the step that failed: 3 inputs, 4 a gate, 5 the build, 6
        something else has the file open.
    """
    started = time.monotonic()
    settings = read_settings()
    database = settings.duckdb_path
    config = project_vars()
    try:
        with build_lock(database), pinned_as_of_date():
            steps = _recorded(console, database, config, full_refresh)
            as_of = None if steps.failed else as_of_date(config, read_settings())
    except LockedDatabaseError as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return LOCKED
    if steps.failed:
        return steps.failed
    console.print(summary(database))
    seconds = time.monotonic() - started
    for line in (
        f"Built {display_path(database)} in {seconds:.0f} s, metrics as of {as_of}.",
        *whats_next(database, is_demo=uses_demo_data(config, settings)),
    ):
        print_line(console, line)
    return 0


def _recorded(
    console: Console, database: Path, config: dict[str, Any], full_refresh: bool
) -> Steps:
    """Build, and record what it was made from, for the next build and publish."""
    last = finished_build.read(database)
    made_from: Fingerprint | None = None
    with suppress(InputError, KeyError, ValueError):  # the preflight reports it
        settings = read_settings()
        made_from = finished_build.fingerprint(
            as_of_date(config, settings),
            config,
            settings,
            salt=last.salt if last else None,
        )
    reads_all_events = bool(
        full_refresh
        or not finished_build.any_rows(database, EVENT_TABLES)
        or (made_from and finished_build.continues_complete(last, made_from))
    )
    finished_build.forget(database)
    steps = raw_to_marts(console, database, full_refresh=full_refresh)
    if made_from:
        with suppress(OSError):  # then the next publish builds
            finished_build.write(
                database,
                made_from,
                failed=steps.failed,
                reads_all_events=reads_all_events,
                gates=steps.gates,
                artifacts=ROOT / "target",
                docs=DOCS_FOLDER,
            )
    return steps


@pinned_as_of_date()
def raw_to_marts(
    console: Console,
    database: Path,
    *,
    full_refresh: bool = False,
    options: Sequence[str] = (),
    artifacts: Path | None = None,
    threads: int | None = None,
) -> Steps:
    """Build staging, validate the raw data, build all else, and validate the marts.

    Args:
        console: Where progress is reported.
        database: The DuckDB file to build.
        full_refresh: Rebuild incremental models from scratch.
        options: More options of `dbt build`.
        artifacts: Folder of dbt's artifacts and, in `quality`, the gates' Data Docs; by
            default `target`, and the docs in `build/quality`.
        threads: dbt's threads; by default those of the profile.
    """
    steps = Steps()
    run = dbt_on(console, database, artifacts, threads)
    docs = artifacts / "quality" if artifacts else DOCS_FOLDER
    refresh = ["--full-refresh"] if full_refresh else []
    if not preflight(console):
        steps.failed = INPUTS_FAILED
        return steps
    print_step(console, "staging", "reference seeds, raw tables and their rows")
    if not run("seed", *refresh):
        steps.failed = INPUTS_FAILED
        return steps
    if not run("build", *STAGING, *options, *refresh):
        console.print("Staging failed: the errors are above and in dbt's log.")
        steps.failed = BUILD_FAILED
        return steps
    if not ids_are_apart(console, database, steps):
        return steps
    if not passes(console, "raw", database, docs, steps):
        console.print("The raw data failed its gate; no mart was built.")
        return steps
    print_step(console, "dbt build", "intermediate, marts and all tests")
    if not run("build", *AFTER_STAGING, *options, *refresh):
        console.print("The build failed: the errors are above and in dbt's log.")
        for line in large_amounts(database):
            print_line(console, line)
        steps.failed = BUILD_FAILED
        return steps
    if not passes(console, "marts", database, docs, steps):
        console.print(
            "The marts were built, but failed their gate: do not publish them."
        )
    return steps


def dbt_on(
    console: Console, database: Path, artifacts: Path | None, threads: int | None
) -> Callable[..., bool]:
    """How to run dbt on a database, whose folder is made; it parses once."""
    database.parent.mkdir(parents=True, exist_ok=True)
    return partial(
        run_dbt,
        console,
        database=database,
        artifacts=artifacts,
        threads=threads,
        parsed=ParsedProject(),
    )


def ids_are_apart(console: Console, database: Path, steps: Steps) -> bool:
    """Whether no id is of two sources; if one is, it is named and the steps failed."""
    lines = shared_ids(database, project_vars())
    for line in lines:
        print_line(console, f"FAILED  {line}")
    if lines:
        steps.failed = INPUTS_FAILED
    return not lines


def large_amounts(database: Path) -> list[str]:
    """Amounts by which a total may have gone past what a money column holds."""
    found = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for table, key in AMOUNTS.items():
            query = (
                f"select concat_ws(', ', {key}), amount from staging.stg_{table}"
                " where amount >= 1e12 order by amount desc, 1 limit 3"
            )
            try:
                rows = connection.execute(query).fetchall()
            except duckdb.Error:
                continue  # staging was not built
            found += [f"  {table}: {row[0]} has {row[1]:,.2f}" for row in rows]
    if not found:
        return []
    return [
        "An overflow above comes from the largest amounts: a total of money holds less"
        " than 10^14.",
        *found,
        "  Are they in the right unit? Set rows aside with var raw_filters.",
    ]


AMOUNTS = {
    "subscriptions": "subscription_id, started_on",
    "invoices": "invoice_id",
    "costs": "date_month, cost_type",
}


def passes(
    console: Console, gate: Gate, database: Path, docs: Path, steps: Steps
) -> bool:
    """Run a gate, and keep what it found; whether it passed."""
    result = audit(console, gate, database, docs)
    if result:
        steps.gates[gate] = result
    if not (result and result.passed):
        steps.failed = GATE_FAILED
    return not steps.failed


def preflight(console: Console) -> bool:
    """Check that the raw inputs can be read, and print what was found.

    Returns:
        Whether they can.
    """
    print_step(console, "inputs", "can they be read?")
    config, settings = project_vars(), read_settings()
    inspection = inspect_inputs(config, settings)
    told = report(inspection)
    is_fit = not inspection.problems
    if is_fit:
        origin = history_origin(raw_origin(config, settings), config)
        try:
            told += about_history(history_path(config, settings), origin)
        except HistoryError as error:
            told.append(f"FAILED  {error}")
            is_fit = False
    for line in told:
        print_line(console, line)
    return is_fit


def audit(
    console: Console, gate: Gate, database: Path, docs: Path = DOCS_FOLDER
) -> GateResult | None:
    """Run one gate of Great Expectations and print a line for each suite.

    Returns:
        What it found; None if it could not be run, which is reported.
    """
    print_step(console, f"{gate} gate", "Great Expectations")
    config = project_vars()
    settings = read_settings()
    try:
        result = run_gate(
            gate,
            database,
            as_of_date=as_of_date(config, settings),
            config=config,
            docs_folder=docs,
        )
    except GateError as error:
        console.print(
            f"FAILED  {redacted(str(error), settings.raw_database)}", markup=False
        )
        return None
    for line in lines(result):
        console.print(line, markup=False, highlight=False)
    return result


def summary(database: Path) -> Table:
    """The headline metrics of the last complete month, read from the marts."""
    table = Table(title="The last complete month", title_justify="left")
    table.add_column("metric")
    table.add_column("value", justify="right")
    for label, value in headlines(database).items():
        table.add_row(label, value)
    return table


def headlines(database: Path) -> dict[str, str]:
    """The headline metrics of the last complete month, formatted for people."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(LAST_COMPLETE_MONTH).fetchall()
        rejected = connection.execute(
            "select sum(rejected) from marts.data_quality_summary"
        ).fetchone()
    values = {metric: value for _, metric, value in rows}
    found = {"month": f"{rows[0][0]:%Y-%m}" if rows else NO_DATA}
    for metric, (label, shown_as) in HEADLINES.items():
        value = values.get(metric)
        found[label] = NO_DATA if value is None else shown_as.format(value)
    count = rejected[0] if rejected else None
    found["rejected raw rows"] = NO_DATA if count is None else f"{count:,}"
    return found


NO_DATA = "no data"
LAST_COMPLETE_MONTH = """
select date_month, metric, value
from marts.kpi_monthly
where
    date_month = (
        select max(date_month) from marts.kpi_monthly
        where metric = 'customers_at_end' and is_complete_month
    )
"""
HEADLINES = {
    "customers_at_end": ("paying customers", "{:,.0f}"),
    "mrr_at_end": ("MRR", "{:,.2f}"),
    "churn_rate": ("customer churn rate", "{:.2%}"),
    "nps": ("NPS", "{:.1f}"),
    "cli": ("customer loyalty index", "{:.1f}"),
    "adoption_rate": ("adoption rate", "{:.1%}"),
}


def whats_next(database: Path, *, is_demo: bool) -> list[str]:
    """What to open after a build, and three queries to begin with."""
    planted = ", planted in the demo to show the rules" if is_demo else ""
    file = display_path(database)
    return [
        "",
        "What to open next:",
        "  make publish      compare with the last one, swap in the file for readers",
        "  make dashboards   the published build as pages",
        f"  {display_path(DOCS_FOLDER)}/index.html  what the gates checked (Data Docs)",
        f"Rejected rows{planted}: marts.rejections_by_reason counts them,",
        "  marts.rejected_rows lists each, docs/rejections.md explains the reasons.",
        "Three queries to try:",
        *(f"  {query};" for query in FIRST_QUERIES),
        "  run them in any DuckDB client, or with",
        f'  .venv/bin/python -c \'import duckdb; duckdb.connect("{file}",'
        ' read_only=True).sql("…").show()\'',
    ]


FIRST_QUERIES = (
    "select * from marts.monthly_churn order by date_month desc limit 12",
    "select account_name, health_score, health_band, open_alerts from"
    " marts.customer_360 where health_score is not null order by health_score limit 10",
    "select * from marts.rejections_by_reason order by rejected_rows desc",
)

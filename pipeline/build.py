"""The main job: staging, the raw gate, all other models, the marts gate."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from pipeline.console import display_path, print_step
from pipeline.dbt_run import run_dbt
from pipeline.exit_codes import BUILD_FAILED, GATE_FAILED, INPUTS_FAILED
from pipeline.project import ROOT, as_of_date, database_path, project_vars
from pipeline.raw import inspect_inputs, report
from pipeline.raw.connection import redacted, statements
from quality.gates import GateError, run_gate
from quality.report import lines
from quality.results import Gate, GateResult

DOCS_FOLDER = ROOT / "build" / "quality"
# Staging's models and, before each, its unit tests. Data tests come after the raw gate,
# which says more of what is wrong with the data.
STAGING = (
    *("--select", "staging", "--indirect-selection", "cautious"),
    *("--exclude-resource-type", "test"),
)
# All but what is there already; data tests stay, whatever they depend on.
AFTER_STAGING = (
    *("--exclude", "staging,resource_type:model", "--indirect-selection", "empty"),
    *("--exclude-resource-type", "seed"),
)


@dataclass
class Steps:
    """How far the main job came, and what the gates found."""

    failed: int = 0  # exit code of the step that failed; 0 where none did
    gates: dict[Gate, GateResult] = field(default_factory=dict)


def build(console: Console, *, full_refresh: bool = False) -> int:
    """Run the main job, and say what it made.

    Returns:
        0, or the exit code of the step that failed: 3 inputs, 4 a gate, 5 the build.
    """
    started = time.monotonic()
    database = database_path()
    steps = raw_to_marts(console, database, full_refresh=full_refresh)
    if steps.failed:
        return steps.failed
    console.print(summary(database))
    console.print(
        f"Built {display_path(database)} in {time.monotonic() - started:.0f} s. "
        f"Data Docs: {display_path(DOCS_FOLDER)}."
    )
    return 0


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
        console: Where each step is told.
        database: The DuckDB file to build.
        full_refresh: Build incremental models anew, too.
        options: More options of `dbt build`.
        artifacts: Folder of dbt's artifacts and, in `quality`, the gates' Data Docs; by
            default `target`, and the docs in `build/quality`.
        threads: dbt's threads; by default those of the profile.
    """
    steps = Steps()
    database.parent.mkdir(parents=True, exist_ok=True)
    run = partial(
        run_dbt, console, database=database, artifacts=artifacts, threads=threads
    )
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
    if not _passes(console, "raw", database, docs, steps):
        console.print("The raw data is not fit to build on; no mart was built.")
        return steps
    print_step(console, "dbt build", "intermediate, marts and all tests")
    if not run("build", *AFTER_STAGING, *options, *refresh):
        console.print("The build failed: the errors are above and in dbt's log.")
        steps.failed = BUILD_FAILED
        return steps
    if not _passes(console, "marts", database, docs, steps):
        console.print(
            "The marts were built, but do not look right: do not publish them."
        )
    return steps


def _passes(
    console: Console, gate: Gate, database: Path, docs: Path, steps: Steps
) -> bool:
    result = audit(console, gate, database, docs)
    if result:
        steps.gates[gate] = result
    if not (result and result.passed):
        steps.failed = GATE_FAILED
    return not steps.failed


def preflight(console: Console) -> bool:
    """Look whether the raw inputs can be read, and print what was found.

    Returns:
        Whether they can.
    """
    print_step(console, "inputs", "are they fit to be read?")
    inspection = inspect_inputs(project_vars())
    for line in report(inspection):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return not inspection.problems


def audit(
    console: Console, gate: Gate, database: Path, docs: Path = DOCS_FOLDER
) -> GateResult | None:
    """Run one gate of Great Expectations and print a line for each suite.

    Returns:
        What it found; None where it could not be run, which has been said.
    """
    print_step(console, f"{gate} gate", "Great Expectations")
    config = project_vars()
    try:
        result = run_gate(
            gate,
            database,
            as_of_date=as_of_date(config),
            config=config,
            docs_folder=docs,
            attach=statements() if gate == "raw" else [],
        )
    except GateError as error:
        console.print(f"FAILED  {redacted(str(error))}", markup=False)
        return None
    for line in lines(result):
        console.print(line, markup=False, highlight=False)
    return result


def summary(database: Path) -> Table:
    """The headline figures of the last complete month, read from the marts."""
    table = Table(title="The last complete month", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for label, value in headlines(database).items():
        table.add_row(label, value)
    return table


def headlines(database: Path) -> dict[str, str]:
    """The headline figures of the last complete month, written for people."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = {}
        for label, (query, shown_as) in HEADLINES.items():
            row = connection.execute(query).fetchone()
            value = row[0] if row else None
            found[label] = "no data" if value is None else shown_as.format(value)
    return found


_LAST = "where is_complete_month order by date_month desc limit 1"
HEADLINES = {
    "month": (f"select date_month from marts.monthly_churn {_LAST}", "{:%Y-%m}"),
    "paying customers": (
        f"select customers_at_end from marts.monthly_churn {_LAST}",
        "{:,}",
    ),
    "MRR": (f"select mrr_at_end from marts.monthly_churn {_LAST}", "{:,.2f}"),
    "customer churn rate": (
        f"select churn_rate from marts.monthly_churn {_LAST}",
        "{:.2%}",
    ),
    "NPS, trailing 90 days": (
        "select nps from marts.nps_monthly where period_type = 'trailing_90_days'"
        " and is_complete_month order by date_month desc limit 1",
        "{:.1f}",
    ),
    "customer loyalty index": (
        f"select cli from marts.customer_loyalty_index {_LAST}",
        "{:.1f}",
    ),
    "adoption rate": (
        f"select adoption_rate from marts.product_adoption {_LAST}",
        "{:.1%}",
    ),
    "rejected raw rows": (
        "select sum(rejected) from marts.data_quality_summary",
        "{:,}",
    ),
}

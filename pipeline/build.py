"""The main job: fill the raw layer, judge it, build on it, judge what was built."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from pipeline.inputs import inspect_inputs, report
from pipeline.project import ROOT, as_of_date, database_path, project_vars
from pipeline.raw_access import redacted, statements
from quality.gates import GateError, run_gate
from quality.report import lines
from quality.results import Gate

# Exit codes, as `make help` and the README tell them.
INPUTS_FAILED = 3
GATE_FAILED = 4
BUILD_FAILED = 5

DOCS_FOLDER = ROOT / "build" / "quality"


def build(console: Console, *, full_refresh: bool = False) -> int:
    """Run the main job, and say what it made.

    Returns:
        0, or the exit code of the step that failed: 3 inputs, 4 a gate, 5 the build.
    """
    started = time.monotonic()
    refresh = ["--full-refresh"] if full_refresh else []
    if not preflight(console):
        return INPUTS_FAILED
    _say(console, "raw layer", "seeds, or views over your own tables")
    if _dbt("seed", "--quiet", *refresh) != 0:
        return INPUTS_FAILED
    if not audit(console, "raw"):
        console.print("The raw data is not fit to build on; nothing was built.")
        return GATE_FAILED
    _say(console, "dbt build", "staging, intermediate, marts and their tests")
    if _dbt("build", "--exclude-resource-type", "seed", *refresh) != 0:
        console.print("The build failed: the errors are above and in logs/dbt.log.")
        return BUILD_FAILED
    if not audit(console, "marts"):
        console.print(
            "The marts were built, but do not look right: do not publish them."
        )
        return GATE_FAILED
    console.print(summary(database_path()))
    console.print(
        f"Built {_shown(database_path())} in {time.monotonic() - started:.0f} s. "
        f"Data Docs: {_shown(DOCS_FOLDER)}."
    )
    return 0


def preflight(console: Console) -> bool:
    """Look whether the raw inputs can be read, and print what was found.

    Returns:
        Whether they can.
    """
    _say(console, "inputs", "are they fit to be read?")
    inspection = inspect_inputs(project_vars())
    for line in report(inspection):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return not inspection.problems


def audit(console: Console, gate: Gate) -> bool:
    """Run one gate of Great Expectations and print a line for each suite.

    Returns:
        Whether the gate let the data pass.
    """
    _say(console, f"{gate} gate", "Great Expectations")
    config = project_vars()
    try:
        result = run_gate(
            gate,
            database_path(),
            as_of_date=as_of_date(config),
            config=config,
            docs_folder=DOCS_FOLDER,
            attach=statements() if gate == "raw" else [],
        )
    except GateError as error:
        console.print(f"FAILED  {redacted(str(error))}", markup=False)
        return False
    for line in lines(result):
        console.print(line, markup=False, highlight=False)
    return result.passed


def summary(database: Path) -> Table:
    """The headline figures of the last complete month, read from the marts."""
    table = Table(title="The last complete month", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    with duckdb.connect(str(database), read_only=True) as connection:
        for label, (query, shown_as) in HEADLINES.items():
            found = connection.execute(query).fetchone()
            value = found[0] if found else None
            table.add_row(label, "no data" if value is None else shown_as.format(value))
    return table


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


def _dbt(*arguments: str) -> int:
    command: Sequence[str] = (str(Path(sys.executable).with_name("dbt")), *arguments)
    return subprocess.run(command, cwd=ROOT, env=os.environ, check=False).returncode


def _say(console: Console, step: str, what: str) -> None:
    console.print(f"\n[bold]{step}[/bold]  {what}")


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)

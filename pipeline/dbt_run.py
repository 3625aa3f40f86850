"""dbt in this process, on one database."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from pipeline import environment
from pipeline.console import print_line
from pipeline.project import ROOT, vars_of_file

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner, dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest


@dataclass
class ParsedProject:
    """What dbt parsed, for several commands on the same files, vars and variables."""

    manifest: Manifest | None = None


def run_dbt(
    console: Console,
    *arguments: str,
    database: Path,
    artifacts: Path | None = None,
    threads: int | None = None,
    parsed: ParsedProject | None = None,
    config: Mapping[str, Any] | None = None,
) -> bool:
    """Run a dbt command and show how far it is; dbt prints what failed.

    Args:
        console: Where to show it; without a terminal only errors are printed.
        arguments: The command and its options.
        database: The DuckDB file; it is closed when this returns.
        artifacts: Folder of dbt's artifacts and log; by default `target` and `logs`.
        threads: How many; by default those of the profile.
        parsed: What the commands before this one parsed; the first one fills it.
        config: Vars to set, over those of VARS_FILE.

    Returns:
        Whether all went well.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    options = [*arguments, "--quiet", "--no-version-check"]
    if artifacts:
        options += ["--target-path", str(artifacts)]
        options += ["--log-path", str(artifacts / "logs")]
    if given := vars_of_file() | dict(config or {}):
        options += ["--vars", json.dumps(given)]
    shared = options[len(arguments) :]
    if threads:
        options += ["--threads", str(threads)]
    # with several threads, dbt adds its unit tests to the total more than once
    is_known = arguments[0] != "build" or "unit_test" in arguments
    with (
        _working_in(ROOT, DUCKDB_PATH=str(database)),
        _progress(console, is_total_known=is_known) as shown,
    ):
        try:
            if parsed and not parsed.manifest:
                done = _invoke(dbtRunner(), ["parse", *shared])
                if not done.success:
                    return False
                parsed.manifest = done.result  # type: ignore[assignment]
            manifest = parsed.manifest if parsed else None
            done = _invoke(dbtRunner(manifest, callbacks=[shown]), options)
        finally:
            # dbt leaves it open until the process ends, and gates need it closed.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    return bool(done.success)


def _invoke(runner: dbtRunner, options: list[str]) -> dbtRunnerResult:
    """One command of dbt. Ctrl-C, which dbt returns as a failure, ends ours too."""
    done = runner.invoke(options)
    if isinstance(done.exception, KeyboardInterrupt):
        raise done.exception
    return done


class ProgressLines:
    """Lines such as "42 of 227 nodes", every few seconds, where there is no bar."""

    EVERY = 10.0  # seconds

    def __init__(self, console: Console, *, is_total_known: bool) -> None:
        """Nothing is printed to a terminal: it has a bar."""
        self.console = console
        self.is_total_known = is_total_known
        self.total = 0
        self.done = 0
        self.printed_at = time.monotonic()

    def advance(self) -> None:
        """One node more is done."""
        self.done += 1
        now = time.monotonic()
        if now - self.printed_at >= self.EVERY:
            self.printed_at = now  # first: another thread may be here
            self.print()

    def print(self) -> None:
        """Print how many are done."""
        if not self.console.is_terminal:
            total = f" of {self.total}" if self.is_total_known else ""
            line = f"  {self.done}{total} nodes"
            self.console.print(line, highlight=False)


@contextmanager
def _progress(console: Console, *, is_total_known: bool) -> Iterator[Any]:
    """A callback for dbt's events: moves a bar, or prints lines without a terminal."""
    bar = Progress(
        TextColumn("  "),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("", total=None)
    lines = ProgressLines(console, is_total_known=is_total_known)

    def show(event: Any) -> None:
        if event.info.name == "LogStartLine":
            bar.update(task, total=event.data.total, description=event.data.description)
            lines.total = event.data.total
        elif event.info.name == "NodeFinished":
            bar.advance(task)
            lines.advance()
        elif event.info.name == "JinjaLogInfo":  # what macro report_at_end says
            print_line(console, event.info.msg)

    with bar:
        yield show
    if lines.done:
        lines.print()


@contextmanager
def _working_in(folder: Path, **values: str) -> Iterator[None]:
    """A folder and variables for a while: dbt reads both from the process."""
    where = Path.cwd()
    os.chdir(folder)
    try:
        with environment.variables(**values):
            yield
    finally:
        os.chdir(where)

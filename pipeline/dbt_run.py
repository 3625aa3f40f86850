"""dbt in this process, on one database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from pipeline.project import ROOT


def run_dbt(
    console: Console,
    *arguments: str,
    database: Path,
    artifacts: Path | None = None,
    threads: int | None = None,
) -> bool:
    """Run a dbt command and show how far it is; dbt prints what failed.

    Args:
        console: Where to show it; without a terminal only errors are printed.
        arguments: The command and its options.
        database: The DuckDB file; it is closed when this returns.
        artifacts: Folder of dbt's artifacts and log; by default `target` and `logs`.
        threads: How many; by default those of the profile.

    Returns:
        Whether all went well.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    options = [*arguments, "--quiet", "--no-version-check"]
    if artifacts:
        options += ["--target-path", str(artifacts)]
        options += ["--log-path", str(artifacts / "logs")]
    if threads:
        options += ["--threads", str(threads)]
    with _working_in(ROOT, DUCKDB_PATH=str(database)), _progress(console) as shown:
        try:
            done = dbtRunner(callbacks=[shown]).invoke(options)
        finally:
            # dbt leaves it open until the process ends, and gates need it closed.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if isinstance(done.exception, KeyboardInterrupt):
        raise done.exception
    return bool(done.success)


@contextmanager
def _progress(console: Console) -> Iterator[Any]:
    """A callback for dbt's events that moves a bar."""
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

    def show(event: Any) -> None:
        if event.info.name == "LogStartLine":
            bar.update(task, total=event.data.total, description=event.data.description)
        elif event.info.name == "NodeFinished":
            bar.advance(task)
        elif event.info.name == "JinjaLogInfo":  # what macro report_at_end says
            console.print(event.info.msg, markup=False, highlight=False, soft_wrap=True)

    with bar:
        yield show


@contextmanager
def _working_in(folder: Path, **environment: str) -> Iterator[None]:
    """A folder and variables for a while: dbt reads both from the process."""
    before, where = dict(os.environ), Path.cwd()
    os.environ.update(environment)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(where)
        os.environ.clear()
        os.environ.update(before)

"""The interactive dashboards, only on this machine."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from rich.console import Console

from pipeline.console import display_path, print_step
from pipeline.dashboards import dbt_charts, guarded_dct
from pipeline.exit_codes import DASHBOARDS_FAILED
from pipeline.project import ROOT
from pipeline.publish.paths import PublishPaths
from pipeline.sealed import PUBLISH_FIRST
from pipeline.settings import read_settings

HOST = "127.0.0.1"
PORT = 8710


def serve(console: Console, port: int = PORT) -> int:
    """Run dct's server on loopback until it is stopped.

    It opens the published file read only for each query and caches nothing: a publish
    is visible on the next page load. It answers only to this machine's own names
    (`guarded_dct`).

    Returns:
        8 if it could not be started; otherwise it does not return.
    """
    paths = PublishPaths.of(read_settings())
    published = paths.published
    if not published.exists():
        console.print(PUBLISH_FIRST.format(display_path(published)), soft_wrap=True)
        return DASHBOARDS_FAILED
    if not dbt_charts.installed():
        console.print(dbt_charts.NOT_INSTALLED, markup=False, soft_wrap=True)
        return DASHBOARDS_FAILED
    if not _is_free(port):
        # dct would use the next port, and these addresses would be wrong.
        console.print(f"Port {port} is in use: give another with --port.")
        return DASHBOARDS_FAILED
    print_step(console, "dashboards", f"of {display_path(published)}; Ctrl-C stops")
    console.print(f"  http://{HOST}:{port}/", highlight=False)
    watched = _only_dashboards(ROOT / "build" / "serve")
    os.chdir(watched)
    run = f"from {guarded_dct.__name__} import main; main({str(paths.manifest)!r})"
    os.execve(
        sys.executable,
        [
            *(sys.executable, "-c", run),
            *("--no-workspace-guard", "serve", "--host", HOST),
            *("--port", str(port), "--project-dir", str(watched), "--no-cache"),
        ],
        {
            **dbt_charts.environment(published),
            "PYTHONPATH": str(ROOT),
        },
    )


def _only_dashboards(folder: Path) -> Path:
    """Create a project with only the dashboards.

    dct reloads its pages when a file changes, and in the project's own folder any build
    would be such a change.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for source in (dbt_charts.CHARTS, dbt_charts.CHARTS.parent / "dbt_charts.yml"):
        link = folder / source.name
        link.unlink(missing_ok=True)
        link.symlink_to(source)
    return folder


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True

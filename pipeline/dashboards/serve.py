"""The interactive boards, on this machine alone."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from rich.console import Console

from pipeline.console import display_path as shown
from pipeline.console import print_step as say
from pipeline.dashboards import dbt_charts
from pipeline.dashboards.render import BOARDS_FAILED, PUBLISH_FIRST
from pipeline.project import ROOT
from pipeline.publish.paths import PublishPaths

HOST = "127.0.0.1"
PORT = 8710


def serve(console: Console, port: int = PORT) -> int:
    """Become dct's server on loopback, until it is stopped.

    It opens the published file read only, for each query anew, and caches nothing: a
    publish is on the page with its next load.

    Returns:
        8 where it could not be started; else it does not return.
    """
    published = PublishPaths.of().published
    if not published.exists():
        console.print(PUBLISH_FIRST.format(shown(published)), soft_wrap=True)
        return BOARDS_FAILED
    if not dbt_charts.installed():
        console.print(dbt_charts.NOT_INSTALLED, markup=False, soft_wrap=True)
        return BOARDS_FAILED
    if not _is_free(port):
        # dct would take the next one, and these addresses would be wrong.
        console.print(f"Port {port} is in use: give another with --port.")
        return BOARDS_FAILED
    say(console, "boards", f"of {shown(published)}; Ctrl-C stops")
    for board in dbt_charts.BOARDS:
        console.print(f"  http://{HOST}:{port}/{board}/", highlight=False)
    watched = _only_boards(ROOT / "build" / "serve")
    os.chdir(watched)
    os.execve(
        dbt_charts.COMMAND,
        [
            *(str(dbt_charts.COMMAND), "--no-workspace-guard", "serve", "--host", HOST),
            *("--port", str(port), "--project-dir", str(watched), "--no-cache"),
        ],
        dbt_charts.environment(published),
    )


def _only_boards(folder: Path) -> Path:
    """A project of the boards alone: dct reloads its pages at each change of a file.

    In the project's own folder a build that runs beside it would be such a change.
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

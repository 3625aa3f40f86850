"""The interactive dashboards, only on this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from pipeline.console import display_path, print_step
from pipeline.dashboards import dbt_charts, guarded_dct
from pipeline.dashboards.front import app
from pipeline.dashboards.site.served import Served
from pipeline.exit_codes import DASHBOARDS_FAILED
from pipeline.project import ROOT
from pipeline.publish.paths import PublishPaths
from pipeline.sealed import PUBLISH_FIRST
from pipeline.settings import read_settings

HOST = "127.0.0.1"
PORT = 8710


def serve(console: Console, port: int = PORT) -> int:
    """Serve all pages on loopback until it is stopped.

    The published file is opened read only, and a publish is visible on the next page
    load. Only this machine's own names are answered (`guarded_dct`).

    Returns:
        8 if it could not be started; 0 once it is stopped.
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
        console.print(f"Port {port} is in use: give another with --port.")
        return DASHBOARDS_FAILED
    print_step(console, "dashboards", f"of {display_path(published)}; Ctrl-C stops")
    import uvicorn

    dct_port = _free_port()
    dct = _start_dct(published, dct_port)

    def stop() -> None:
        dct.terminate()
        dct.wait()

    class Server(uvicorn.Server):
        """A server that says when it is ready."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            console.print(f"  Ready: http://{HOST}:{port}/", highlight=False)

    config = uvicorn.Config(
        app(Served(paths), dct_port, stop),
        host=HOST,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=2,  # live reloading never ends by itself
    )
    try:
        Server(config).run()
    except KeyboardInterrupt:
        pass  # that is how it is stopped
    finally:
        stop()
    return 0


def _start_dct(published: Path, port: int) -> subprocess.Popen[bytes]:
    """Start dct's server; it opens the file for each query and caches nothing."""
    watched = _only_dashboards(ROOT / "build" / "serve")
    return subprocess.Popen(
        [
            *(sys.executable, "-c"),
            f"from {guarded_dct.__name__} import main; main()",
            *("--no-workspace-guard", "serve", "--host", HOST),
            *("--port", str(port), "--project-dir", str(watched), "--no-cache"),
        ],
        cwd=watched,
        env={**dbt_charts.environment(published), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us, and we stop it
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


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind((HOST, 0))
        return int(tried.getsockname()[1])

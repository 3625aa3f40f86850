"""dct's server, restricted to browsers on this machine (`serve` starts it).

dct answers whatever host name a request carries. A web page whose host name points to
this machine (DNS rebinding) could then read every dashboard, so other names are refused
here. The first page is our index, because dct's own finds nothing to list.

The server is taken from dbt Charts 0.10 by replacing one function before dct calls it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.dashboards import dbt_charts
from pipeline.dashboards.index import page
from pipeline.publish import manifest as manifests

OWN_NAMES = ["127.0.0.1", "localhost"]


def index(manifest: Path) -> str:
    """The index page of the currently published build."""
    published = manifests.read(manifest)
    if published is None:
        return "<!doctype html><p>Nothing is published: run <code>make publish</code>."
    return page(published, dbt_charts.CHARTS, link="/{name}/")


def guard(app: Any, manifest: Path) -> Any:
    """Add the first page, and refuse requests to other host names."""
    from fastapi.responses import HTMLResponse
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.routing import Route

    def first_page(_: Any) -> HTMLResponse:
        return HTMLResponse(index(manifest))

    app.router.routes.insert(0, Route("/", first_page))
    app.add_middleware(
        TrustedHostMiddleware, allowed_hosts=OWN_NAMES, www_redirect=False
    )
    return app


def main(manifest: str) -> None:
    """Run dct with its server guarded; the index is of the build of that manifest."""
    from dbt_charts.cli.main import app as dct
    from dbt_charts.core.serve import server

    create = server.create_server

    def guarded(*arguments: Any, **given: Any) -> Any:
        return guard(create(*arguments, **given), Path(manifest))

    server.create_server = guarded
    dct()

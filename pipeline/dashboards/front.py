"""The server that browsers talk to: our own pages, and dct's behind it.

dct takes seconds to start, so it runs as a process of its own; until it answers, its
pages say so and load again by themselves. A process of its own is also needed because
DuckDB opens a file only once per process, and dct's way is not the sealed one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from pipeline.dashboards.catalogue import DOWNLOADS, OWN, REPORTS
from pipeline.dashboards.dbt_charts import DASHBOARDS
from pipeline.dashboards.guarded_dct import guard
from pipeline.dashboards.site.served import Served

PATHS = (
    *("/", "/account/{path}", "/assets/{path}", f"/{REPORTS}/{{path}}"),
    *(f"/{name}" for name in DOWNLOADS),
    *(f"/{name}.html" for name in OWN),
)
# Pages that dct drew before, at addresses of its own.
OLD_ADDRESSES = {
    f"/{name}{end}": f"/{name}.html"
    for name in ("company", "data-quality", "voice")
    for end in ("", "/")
}
STARTING = (
    '<!doctype html><html lang="en"><head><title>Starting</title>'
    '<meta http-equiv="refresh" content="1"></head>'
    "<body><p>This dashboard is still starting: it loads by itself in a moment.</p>"
    '<p><a href="/">Start page</a></p></body></html>'
)
# They describe the connection to dct, not the page.
OF_THE_CONNECTION = {"content-length", "content-encoding", "transfer-encoding"}


def app(served: Served, dct_port: int, stop: Callable[[], None]) -> Any:
    """The server.

    Args:
        served: Our own pages.
        dct_port: Where dct answers, on this machine.
        stop: Called when the server ends.
    """
    import httpx
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import (
        HTMLResponse,
        RedirectResponse,
        Response,
        StreamingResponse,
    )
    from starlette.routing import Route

    # Live reloading is one answer without an end.
    dct = httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{dct_port}",
        timeout=httpx.Timeout(60, read=None),
        trust_env=False,
    )

    def own_page(request: Request) -> Response:
        answer = served.page(request.url.path.lstrip("/"))
        headers = {"Content-Disposition": "attachment"} if answer.is_download else None
        return Response(answer.content, answer.status, headers, answer.media_type)

    def moved(request: Request) -> Response:
        return RedirectResponse(OLD_ADDRESSES[request.url.path])

    async def dcts_page(request: Request) -> Response:
        asked = dct.build_request(
            "GET",
            httpx.URL(path=request.url.path, query=request.url.query.encode()),
            headers={"Host": request.headers["host"]},
        )
        try:
            answer = await dct.send(asked, stream=True)
        except httpx.TransportError:
            return HTMLResponse(STARTING, 503)
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name.lower() not in OF_THE_CONNECTION
        }
        name = request.url.path.strip("/")
        is_page = headers.get("content-type", "").startswith("text/html")
        if name not in DASHBOARDS or answer.status_code != 200 or not is_page:
            return StreamingResponse(
                answer.aiter_bytes(),
                answer.status_code,
                headers,
                background=BackgroundTask(answer.aclose),
            )
        text = (await answer.aread()).decode("utf-8")
        await answer.aclose()
        page = await run_in_threadpool(served.with_navigation, text, name)
        return Response(page, 200, headers)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        try:
            yield
        finally:
            stop()
            await dct.aclose()

    routes = [Route(path, own_page) for path in PATHS]
    routes += [Route(path, moved) for path in OLD_ADDRESSES]
    routes.append(Route("/{path:path}", dcts_page))
    return guard(Starlette(routes=routes, lifespan=lifespan))

"""The MCP server: for one agent over stdio, or for several on loopback (`--http`).

Over HTTP each request carries a token (MCP_TOKEN), and requests to other host names are
refused.
"""

from __future__ import annotations

import hmac
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec

import typer
import uvicorn
from anyio import CapacityLimiter, to_thread
from mcp.server import MCPServer  # type: ignore[import-not-found]
from mcp.server.mcpserver.exceptions import ToolError  # type: ignore[import-not-found]
from mcp.server.transport_security import (  # type: ignore[import-not-found]
    TransportSecuritySettings,
)
from mcp.types import ToolAnnotations  # type: ignore[import-not-found]

from pipeline.agents.answers import Answer, Answers, MistakeError
from pipeline.exit_codes import INPUTS_FAILED
from pipeline.sealed import DATABASE
from pipeline.settings import read_settings

HOST, PORT = "127.0.0.1", 8720
SHORTEST_TOKEN = 20  # characters
AT_ONCE = 2  # queries; each may take the memory of its worker
Given = ParamSpec("Given")

INSTRUCTIONS = """\
Metrics of a subscription company: churn, MRR, NPS, health, adoption. The marts have
them; read them, and do not compute them again. Rates are fractions: 0.05 is 5%. Null
means unknown, not zero. A month with is_complete_month = false is not over. Say the
metric, the as-of date and the build with each number.
"""


def make_server(answers: Answers) -> Any:
    """The server with its tools."""
    server = MCPServer("customer-success-warehouse", instructions=INSTRUCTIONS)
    limiter = CapacityLimiter(AT_ONCE)
    for name, ask in (
        ("about", answers.about),
        ("list_metrics", answers.list_metrics),
        ("describe_metric", answers.describe_metric),
        ("describe_mart", answers.describe_mart),
        ("metric_over_time", answers.metric_over_time),
        ("why_metric_moved", answers.why_metric_moved),
        ("account", answers.account),
        ("query", answers.query),
    ):
        tool = _in_thread(ask, limiter)
        read_only = ToolAnnotations(read_only_hint=True, open_world_hint=False)
        server.tool(name=name, description=DESCRIPTIONS[name], annotations=read_only)(
            tool
        )
    return server


DESCRIPTIONS = {
    "about": "The build, its as-of date, what is incomplete, and all marts.",
    "list_metrics": "All metrics with unit, direction and formula.",
    "describe_metric": "A metric's definition, latest values and segment types.",
    "describe_mart": "The columns of a mart, with types and descriptions.",
    "metric_over_time": (
        "A metric by month. With segment_type (plan, industry, country, csm_owner, …)"
        " one row per month and segment, for the metrics that have segments."
    ),
    "why_metric_moved": (
        "What explains a metric's change against the month before (month as 2026-08;"
        " default: the latest complete one): movements with causes, churn reasons,"
        " health drivers, segments, and changes of what was reported earlier."
    ),
    "account": "One account in full, by id or exact name.",
    "query": (
        "One select over the marts, in DuckDB's SQL, up to 1,000 rows, 10 seconds,"
        " 512 MB. First look at describe_mart."
    ),
}


def _in_thread(
    ask: Callable[Given, Answer], limiter: CapacityLimiter
) -> Callable[Given, Awaitable[Answer]]:
    """The tool of a question; its mistakes are answers, not tracebacks."""

    @wraps(ask)
    async def tool(*arguments: Given.args, **given: Given.kwargs) -> Answer:
        try:
            return await to_thread.run_sync(
                lambda: ask(*arguments, **given), limiter=limiter
            )
        except MistakeError as error:
            raise ToolError(str(error)) from None

    return tool


class TokenGuard:
    """Admits requests with the token."""

    def __init__(self, app: Any, token: str) -> None:
        self.app = app
        self.expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or answer 401."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            given = headers.get(b"authorization", b"")
            if not hmac.compare_digest(given, self.expected):
                await send(
                    {
                        "type": "http.response.start",
                        "status": 401,
                        "headers": [(b"www-authenticate", b"Bearer")],
                    }
                )
                await send({"type": "http.response.body", "body": b"token missing"})
                return
        await self.app(scope, receive, send)


def main(
    http: Annotated[
        bool, typer.Option(help="Listen on loopback, not on standard input.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port on this machine.")] = PORT,
) -> None:
    """Answer agents' questions from the published build, read-only."""
    settings = read_settings()
    server = make_server(Answers(settings.publish_folder / DATABASE))
    if not http:
        server.run("stdio")
        return
    if len(settings.mcp_token) < SHORTEST_TOKEN:
        print(
            f"MCP_TOKEN has fewer than {SHORTEST_TOKEN} characters: set it to a random"
            " text, and give it to the agent.",
            file=sys.stderr,
        )
        raise typer.Exit(INPUTS_FAILED)
    names = [f"{name}:{port}" for name in (HOST, "localhost")]
    app = server.streamable_http_app(
        stateless_http=True,
        json_response=True,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=names,
            allowed_origins=[f"http://{name}" for name in names],
        ),
    )
    print(f"http://{HOST}:{port}/mcp, with the token in MCP_TOKEN", file=sys.stderr)
    guarded = TokenGuard(app, settings.mcp_token)
    uvicorn.run(guarded, host=HOST, port=port, log_level="warning")


if __name__ == "__main__":
    typer.run(main)

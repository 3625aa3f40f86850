"""An MCP client: tool calls as JSON from its input, the results as JSON.

python client.py stdio, or python client.py URL TOKEN. Runs in .venv-mcp.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

SERVER = ["-m", "pipeline.agents.server"]


async def ask(calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    if sys.argv[1] == "stdio":
        kept = {k: v for k, v in os.environ.items() if k.startswith("PUBLISH")}
        server: Any = StdioServerParameters(
            command=sys.executable, args=SERVER, env=kept, cwd=str(Path.cwd())
        )
        return await asked(server, calls)
    headers = {"Authorization": f"Bearer {sys.argv[2]}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        transport = streamable_http_client(sys.argv[1], http_client=http)
        return await asked(transport, calls)


async def asked(server: Any, calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    results = []
    async with Client(server) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        for name, given in calls:
            result = await client.call_tool(name, given)
            text = "".join(getattr(one, "text", "") for one in result.content)
            results.append({"is_error": bool(result.is_error), "text": text})
    return {"tools": tools, "results": results}


if __name__ == "__main__":
    json.dump(asyncio.run(ask(json.load(sys.stdin))), sys.stdout)

"""The MCP server answers a client over stdio and HTTP, and nobody without its token."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.publish.paths import PublishPaths
from tests.python.conftest import (  # the last two are fixtures
    MAIN_JOB,
    ROOT,
    demo_database,  # noqa: F401
    published_demo,  # noqa: F401
)
from tests.python.input_formats import free_port
from tests.python.probes import PROBES

PYTHON = ROOT / ".venv-mcp" / "bin" / "python"
TOKEN = "a-token-of-the-test-0123456789"

pytestmark = [
    pytest.mark.mcp,
    pytest.mark.xdist_group(MAIN_JOB),
    pytest.mark.skipif(
        not PYTHON.exists(), reason=".venv-mcp is not installed: make test-mcp does it"
    ),
]
TOOLS: list[tuple[str, dict[str, Any]]] = [
    ("about", {}),
    ("list_metrics", {}),
    ("describe_metric", {"metric": "churn_rate"}),
    ("describe_mart", {"mart": "monthly_churn"}),
    ("metric_over_time", {"metric": "churn_rate", "months": 3}),
    ("metric_over_time", {"metric": "nps", "segment_type": "plan", "months": 2}),
    ("why_metric_moved", {"metric": "mrr_at_end", "month": "2026-08"}),
    ("account", {"account": "A0015"}),
    ("query", {"sql": "select max(arr) from marts.monthly_churn"}),
]
MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("describe_metric", {"metric": "churn"}, "There are: account_adoption_rate"),
    ("account", {"account": "maple"}, "Similar: A0015"),
    ("why_metric_moved", {"metric": "nps", "month": "May"}, "expected 2026-08"),
    ("metric_over_time", {"metric": "nps", "months": 0}, "months is 1 to 120"),
    ("query", {"sql": "selct 1"}, "Syntax error"),
    ("query", {"sql": "select 1", "rows": 10**9}, "rows is 1 to 1,000"),
    ("nothing", {}, "Unknown tool"),
]


def environment(paths: PublishPaths) -> dict[str, str]:
    return {**os.environ, "PUBLISH_FOLDER": str(paths.readers), "MCP_TOKEN": TOKEN}


def client(
    paths: PublishPaths, calls: list[tuple[str, dict[str, Any]]], *place: str
) -> dict[str, Any]:
    done = subprocess.run(
        [str(PYTHON), str(ROOT / "tests" / "mcp" / "client.py"), *place],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(paths),
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def served(paths: PublishPaths) -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen(
        [str(PYTHON), *("-m", "pipeline.agents.server", "--http", "--port", str(port))],
        cwd=ROOT,
        env=environment(paths),
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            assert server.poll() is None
            if status(port, {}) == 401:
                break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def status(port: int, headers: dict[str, str]) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/mcp",
        data=b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}',
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            **headers,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def check(answer: dict[str, Any], secret: str) -> None:
    """Every tool answered, and every mistake has a message."""
    assert {*answer["tools"]} == {name for name, _ in TOOLS}
    results = answer["results"]
    for (name, _), result in zip(TOOLS, results, strict=False):
        assert not result["is_error"], (name, result)
        for part in ('"as_of_date"', "2026-09-20", '"build"', "20260920T000000000000Z"):
            assert part in result["text"], name
    for (name, _, message), result in zip(MISTAKES, results[len(TOOLS) :], strict=True):
        assert result["is_error"], name
        assert message in result["text"]
        assert "Traceback" not in result["text"]
    assert not any(secret in result["text"] for result in results)


CALLS = [*TOOLS, *((name, given) for name, given, _ in MISTAKES)]


def test_over_stdio(published_demo: PublishPaths) -> None:  # noqa: F811
    check(client(published_demo, CALLS, "stdio"), str(published_demo.readers))


def test_over_http_with_the_token(published_demo: PublishPaths) -> None:  # noqa: F811
    with served(published_demo) as port:
        url = f"http://127.0.0.1:{port}/mcp"
        check(client(published_demo, CALLS, url, TOKEN), str(published_demo.readers))
        right = {"Authorization": f"Bearer {TOKEN}"}
        assert status(port, {}) == 401
        for wrong in (f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, "Bearer ", ""):
            assert status(port, {"Authorization": wrong}) == 401, wrong
        # A page whose host name points to this machine.
        assert status(port, {**right, "Host": "evil.example"}) == 421
        assert status(port, {**right, "Origin": "http://evil.example"}) == 403
        assert status(port, right) not in (0, 401, 403, 421)


def test_probes_over_stdio(published_demo: PublishPaths) -> None:  # noqa: F811
    calls = [("query", {"sql": sql}) for sql in PROBES]
    answer = client(published_demo, calls, "stdio")
    for sql, result in zip(PROBES, answer["results"], strict=True):
        assert result["is_error"], sql
        for secret in (str(published_demo.readers), str(Path.home()), "/proc", TOKEN):
            if secret not in sql:
                assert secret not in result["text"], sql


def test_no_server_without_a_token(published_demo: PublishPaths) -> None:  # noqa: F811
    done = subprocess.run(
        [str(PYTHON), "-m", "pipeline.agents.server", "--http"],
        cwd=ROOT,
        env={**environment(published_demo), "MCP_TOKEN": "short"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "MCP_TOKEN has fewer than 20 characters" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_published_is_an_answer(tmp_path: Path) -> None:
    paths = PublishPaths(tmp_path / "publish", tmp_path / "builds")
    [result] = client(paths, [("about", {})], "stdio")["results"]
    assert result["is_error"]
    assert "make publish" in result["text"]
    assert str(tmp_path) not in result["text"]

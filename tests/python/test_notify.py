"""Open alerts reach a webhook and a mailbox, each once, with no more than allowed."""

from __future__ import annotations

import io
import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_string, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from rich.console import Console

from pipeline import notify as module
from pipeline.exit_codes import INPUTS_FAILED, NOTIFY_FAILED
from pipeline.notify import DAYS
from pipeline.project import project_vars
from pipeline.publish.alerts_sent import replace_account

SECRET = "s3cr3t"
ALERTS = [
    # id, account, type, severity, open
    ("1", "A1", "inactive", "high", True),
    ("2", "A1", "invoice_overdue", "high", True),
    ("3", "A2", "score_drop", "medium", True),
    ("4", "A3", "renewal_at_risk", "high", True),
    ("5", "A3", "invoice_overdue", "high", False),
]


@dataclass
class Company:
    """A published file with alerts, and the environment to notify from it."""

    folder: Path
    patch: pytest.MonkeyPatch
    var: dict[str, Any] = field(default_factory=dict)

    @property
    def published(self) -> Path:
        return self.folder / "publish" / "warehouse.duckdb"

    def write(self, alerts: list[tuple[str, str, str, str, bool]]) -> None:
        self.published.parent.mkdir(parents=True, exist_ok=True)
        self.published.unlink(missing_ok=True)
        rows = ", ".join(
            f"('{one}', '{account}', '{kind}', '{severity}', {is_open},"
            f" 'detail of {one}.', 'call', timestamp '2026-09-21', 99.5,"
            " date '2026-09-20')"
            for one, account, kind, severity, is_open in alerts
        )
        with duckdb.connect(str(self.published)) as connection:
            connection.execute("create schema marts")
            connection.execute(
                f"create table marts.account_alerts as from (values {rows}) as t"
                " (alert_id, account_id, alert_type, severity, is_open, detail,"
                " recommended_action, due_at, mrr_at_risk, raised_on)"
            )
            connection.execute(
                "create table marts.customer_360 as from (values"
                " ('A1', 'Acme', 'ana'), ('A2', 'Beta', 'ben'), ('A3', 'Ceta', null))"
                " as t (account_id, account_name, csm_owner)"
            )

    def notify(self, urls: str = "", **options: bool) -> tuple[int, str]:
        self.patch.setenv("NOTIFY_URLS", urls)
        self.patch.setenv("PUBLISH_FOLDER", str(self.folder / "publish"))
        self.patch.setenv("BUILDS_FOLDER", str(self.folder / "builds"))
        config = project_vars()
        config["notify"] = {**config["notify"], "quiet_days": [], **self.var}
        self.patch.setattr(module, "project_vars", lambda: config)
        console = Console(file=io.StringIO(), width=300)
        code = module.notify(console, **options)
        return code, console.file.getvalue()  # type: ignore[attr-defined]

    def sent(self) -> set[str]:
        file = self.folder / "builds" / "alerts_sent.json"
        return set(json.loads(file.read_text("utf-8"))) if file.exists() else set()


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    company = Company(tmp_path, monkeypatch)
    company.write(ALERTS)
    return company


# -- places ----------------------------------------------------------------------------


@dataclass
class Webhook:
    """A server that keeps what is sent to it."""

    url: str
    status: int = 200
    received: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    kept = Webhook("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            if kept.status == 200:
                kept.received.append(body)
            self.send_response(kept.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"json://user:{SECRET}@127.0.0.1:{server.server_port}/alerts"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox() -> Iterator[tuple[str, list[str]]]:
    """A mail server for one message at a time, without encryption."""
    mails: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.answer("220 ready")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "DATA":
                    self.answer("354 go")
                    lines: list[str] = []
                    while (text := self.rfile.readline().decode()) != ".\r\n":
                        lines.append(text)
                    mails.append("".join(lines))
                self.answer("221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    return

        def answer(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    query = "from=warehouse@ours.example&to=csm@ours.example&mode=insecure"
    yield f"mailto://127.0.0.1:{port}?{query}", mails
    server.shutdown()
    server.server_close()


# -- what is sent ----------------------------------------------------------------------


def test_a_message_per_owner_and_each_alert_once(
    company: Company, webhook: Webhook
) -> None:
    code, output = company.notify(webhook.url)
    assert (code, "Sent 3 alerts." in output) == (0, True)
    # ben's is medium; the alert that is closed is not sent
    assert [(one["title"], one["message"]) for one in webhook.received] == [
        (
            "ana: 2 alerts",
            "A1: MRR at risk 100\n"
            "- high, inactive: detail of 1. call. Due 2026-09-21.\n"
            "- high, invoice_overdue: detail of 2. call. Due 2026-09-21.",
        ),
        (
            "no owner: 1 alert",
            "A3: MRR at risk 100\n"
            "- high, renewal_at_risk: detail of 4. call. Due 2026-09-21.",
        ),
    ]
    assert company.sent() == {"1", "2", "4"}

    code, output = company.notify(webhook.url)
    assert (code, "Sent 0 alerts." in output) == (0, True)
    assert len(webhook.received) == 2

    # one more; and one that is closed for a day is not sent again
    closed = [(*one[:4], one[0] not in "15") for one in ALERTS]
    company.write([*closed, ("6", "A2", "inactive", "high", True)])
    company.notify(webhook.url)
    company.write([*ALERTS, ("6", "A2", "inactive", "high", True)])
    company.notify(webhook.url)
    assert [one["title"] for one in webhook.received[2:]] == ["ben: 1 alert"]


def test_all_alerts_and_names_if_the_var_says_so(
    company: Company, webhook: Webhook
) -> None:
    company.var = {"min_severity": "medium", "account_names": True}
    company.notify(webhook.url)
    assert [one["title"] for one in webhook.received] == [
        "ana: 2 alerts",
        "ben: 1 alert",
        "no owner: 1 alert",
    ]
    assert webhook.received[1]["message"].startswith("A2 Beta: MRR at risk 100\n")


def test_names_are_not_sent_by_default(company: Company, webhook: Webhook) -> None:
    company.notify(webhook.url)
    assert "Acme" not in json.dumps(webhook.received)


def test_by_mail(company: Company, mailbox: tuple[str, list[str]]) -> None:
    url, mails = mailbox
    code, output = company.notify(url)
    assert code == 0, output
    found = [message_from_string(mail, policy=policy.default) for mail in mails]
    assert [mail["Subject"] for mail in found] == ["ana: 2 alerts", "no owner: 1 alert"]
    assert found[0]["To"] == "csm@ours.example"
    assert "detail of 1" in mails[0] or "detail of 1" in str(
        found[0].get_body().get_content()  # type: ignore[union-attr]
    )


def test_a_dry_run_prints_and_remembers_nothing(company: Company) -> None:
    code, output = company.notify(dry_run=True)
    assert code == 0
    assert "ana: 2 alerts" in output
    assert "Would send 3 alerts." in output
    assert company.sent() == set()


def test_a_start_without_old_alerts(company: Company, webhook: Webhook) -> None:
    code, output = company.notify(mark_as_sent=True)
    assert (code, "Marked as sent: 3 alerts." in output) == (0, True)
    company.notify(webhook.url)
    assert webhook.received == []


def test_a_quiet_day(company: Company, webhook: Webhook) -> None:
    zone = ZoneInfo(project_vars()["reporting_timezone"])
    company.var = {"quiet_days": [DAYS[datetime.now(zone).weekday()]]}
    code, output = company.notify(webhook.url)
    assert (code, "A quiet day" in output) == (0, True)
    assert webhook.received == []
    assert company.sent() == set()


# -- what goes wrong -------------------------------------------------------------------


def test_what_is_not_delivered_is_sent_the_next_time(
    company: Company, webhook: Webhook
) -> None:
    webhook.status = 500
    code, output = company.notify(webhook.url)
    assert code == NOTIFY_FAILED
    assert "3 could not be delivered" in output
    assert SECRET not in output
    assert company.sent() == set()
    webhook.status = 200
    assert company.notify(webhook.url)[0] == 0
    assert len(webhook.received) == 2


@pytest.mark.parametrize(
    ("urls", "var", "message"),
    [
        ("", {}, "NOTIFY_URLS is not set"),
        (f"nonsense://u:{SECRET}@h", {}, "URL 1 in NOTIFY_URLS is not understood"),
        ("json://h", {"min_severity": "urgent"}, "min_severity is 'urgent'"),
        ("json://h", {"quiet_days": ["sat"]}, "quiet_days has 'sat'"),
    ],
)
def test_a_wrong_setting_is_named(
    company: Company, urls: str, var: dict[str, Any], message: str
) -> None:
    company.var = var
    code, output = company.notify(urls)
    assert code == INPUTS_FAILED
    assert message in output
    assert SECRET not in output


def test_nothing_published(company: Company) -> None:
    company.published.unlink()
    code, output = company.notify("json://h")
    assert (code, "Nothing is published" in output) == (INPUTS_FAILED, True)


def test_a_damaged_state_file_is_named(company: Company, webhook: Webhook) -> None:
    file = company.folder / "builds" / "alerts_sent.json"
    file.parent.mkdir()
    file.write_text("{", "utf-8")
    code, output = company.notify(webhook.url)
    assert (code, "alerts_sent.json cannot be read" in output) == (INPUTS_FAILED, True)
    assert webhook.received == []


def test_an_id_is_replaced_in_what_was_sent(tmp_path: Path) -> None:
    file = tmp_path / "alerts_sent.json"
    sent = {"A1|inactive|2026-09-01": "then", "A10|inactive|2026-09-01": "then"}
    file.write_text(json.dumps(sent), "utf-8")
    assert replace_account(file, "A2", "forgotten-x") == 0
    assert replace_account(file, "A1", "forgotten-x") == 1
    assert json.loads(file.read_text("utf-8")) == {
        "forgotten-x|inactive|2026-09-01": "then",
        "A10|inactive|2026-09-01": "then",
    }
    assert replace_account(tmp_path / "no.json", "A1", "x") == 0

"""What starts the warehouse elsewhere, checked as far as it can be without that place.

systemd's own checker reads the units; hadolint reads the Dockerfile, zizmor the
workflows; and what the Dockerfile runs is run on what Docker would copy.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.python.conftest import ROOT
from tests.python.input_formats import cannot

UNITS = ROOT / "deploy" / "systemd"
INSTALLED = "/opt/customer-success"  # where the units and the image have the project
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
LINTERS = ROOT / ".venv-deploy" / "bin"

pytestmark = pytest.mark.deploy


def ran(*command: str | Path, **options: object) -> str:
    """What a command printed; it must succeed."""
    done = subprocess.run(
        command,
        **{"cwd": ROOT, "check": False, "text": True, **options},  # type: ignore[call-overload]
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return str(done.stdout)


# -- systemd ---------------------------------------------------------------------------


def exec_start(unit: str) -> str:
    (found,) = re.findall(r"^ExecStart=(.*)$", (UNITS / unit).read_text(), re.MULTILINE)
    return str(found)


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        cannot("systemd-analyze is not installed (Debian package systemd)")
    units = []
    for unit in sorted(UNITS.iterdir()):
        units.append(tmp_path / unit.name)
        units[-1].write_text(unit.read_text().replace(INSTALLED, str(ROOT)))
    assert len(units) == 3
    assert ran("systemd-analyze", "verify", *units) == ""


@contextmanager
def receiver() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A place that takes messages: its URL for Apprise, and what came."""
    taken: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"json://127.0.0.1:{server.server_port}", taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_failed_night_is_reported() -> None:
    command = exec_start("customer-success-failed.service")
    command = command.replace(INSTALLED, str(ROOT)).replace("%H", "host")
    with receiver() as (url, taken):
        given = {"APPRISE_URLS": url, "MONITOR_EXIT_STATUS": "9"}
        # systemd replaces ${...} in words, as a shell does
        ran("sh", "-c", command, env={**os.environ, **given})
    (message,) = taken
    assert message["title"] == "Publish failed on host"
    assert "ended with 9" in message["message"]


def test_the_documented_drop_in_passes_secrets_on(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "deploying.md").read_text("utf-8")
    (command,) = re.findall(r"^ExecStart=(/bin/sh -c .*)$", page, re.MULTILINE)
    (tmp_path / "environment").write_text("EMAIL_HASH_SALT='of $the test'\n")
    # systemd makes `$` of `$$`
    command = command.replace("$$", "$")
    command = command.replace(f"{INSTALLED}/deploy/nightly.sh", "env")
    given = {"CREDENTIALS_DIRECTORY": str(tmp_path), "PATH": os.environ["PATH"]}
    assert "EMAIL_HASH_SALT=of $the test\n" in ran("sh", "-c", command, env=given)


def test_a_backup_and_a_publish_exclude_each_other(tmp_path: Path) -> None:
    if not shutil.which("flock"):
        cannot("flock is not installed (Debian package util-linux)")
    folders = {
        "PUBLISH_FOLDER": str(tmp_path / "publish"),
        "BUILDS_FOLDER": str(tmp_path / "builds"),
    }
    (tmp_path / "publish").mkdir()
    done = subprocess.run(
        [
            *("flock", "--nonblock", tmp_path / "publish" / ".lock"),
            *(ROOT / ".venv" / "bin" / "customer-success-warehouse", "rollback"),
        ],
        env={**os.environ, **folders},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 6, done.stdout
    assert "Another publish is running" in done.stdout


# -- Docker ----------------------------------------------------------------------------


def test_hadolint_accepts_the_dockerfile() -> None:
    assert ran(LINTERS / "hadolint", DOCKERFILE) == ""


def copied_by_docker() -> list[str]:
    """The paths that .dockerignore lets in; it begins by keeping all out."""
    lines = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert (lines[0], lines[-1]) == ("*", "**/__pycache__")
    assert all(re.fullmatch(r"![\w./-]+", line) for line in lines[1:-1])
    return [line[1:] for line in lines[1:-1]]


def test_the_image_has_what_it_needs(tmp_path: Path) -> None:
    place = tmp_path / "project"
    for path in copied_by_docker():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / path).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / path, place / path, symlinks=True, ignore=ignore)
        else:
            shutil.copy(ROOT / path, place / path, follow_symlinks=False)
    (setup,) = re.findall(r"^RUN (make .*)$", DOCKERFILE.read_text(), re.MULTILINE)
    clean = {
        name: os.environ[name]
        for name in os.environ
        if not name.startswith(("RAW_", "PYTHON")) and name not in {"VIRTUAL_ENV"}
    }
    clean["PATH"] = clean["PATH"].replace(f"{ROOT}/.venv/bin:", "")
    ran("sh", "-c", setup, cwd=place, env=clean)
    command = place / ".venv" / "bin" / "customer-success-warehouse"
    assert "subscriptions" in ran(command, "check-inputs", cwd="/", env=clean)
    # dbt finds all models, and the tests that are in tests/
    dbt = place / ".venv" / "bin" / "dbt"
    listed = ran(dbt, "--quiet", "ls", "--resource-type", "test", cwd=place, env=clean)
    assert "customer_success.singular.accounts_sum_to_the_company" in listed
    volumes = re.findall(r"^VOLUME (\[.*\])$", DOCKERFILE.read_text(), re.MULTILINE)
    for volume in json.loads(volumes[0]):
        # Docker gives a new volume to the owner of the image's folder
        assert (place / Path(volume).relative_to(INSTALLED)).is_dir()
    (started,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE.read_text(), re.MULTILINE)
    assert os.access(place / json.loads(started)[0], os.X_OK)


def test_the_dev_container_starts_with_commands_that_exist() -> None:
    given = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    make, target = given["postCreateCommand"].split()
    assert make == "make"
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    ports = re.findall(r"127\.0\.0\.1:(\d+)", (ROOT / "Makefile").read_text())
    assert {str(port) for port in given["forwardPorts"]} <= {*ports}


# -- GitHub ----------------------------------------------------------------------------


def test_zizmor_accepts_the_workflows() -> None:
    ran(LINTERS / "zizmor", "--offline", "--no-progress", ROOT / ".github")

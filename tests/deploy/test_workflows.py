"""The nightly workflow keeps its state: what its steps run, run here.

GitHub itself is not here: `jq` stands for `gh --jq`, and a folder for a runner's disk.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.python.conftest import ROOT
from tests.python.input_formats import cannot

pytestmark = pytest.mark.deploy

KEPT = {
    "state/history.duckdb": "history",
    "publish/manifest.json": "published",
    "publish/builds/1/warehouse.duckdb": "the build before",
    "publish/.last-publish-number": "7",
    "build/builds/1/warehouse.duckdb": "raw rows",
    "build/builds/alerts_sent.json": "{}",
}
OUTPUT = {"build/builds/target/manifest.json": "dbt's", "build/warehouse.duckdb": "-"}


def runner(folder: Path, files: Mapping[str, str]) -> Path:
    """A disk with the script and these files."""
    script = folder / "deploy" / "github" / "state.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "github" / "state.sh", script)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def state(
    disk: Path, action: str, file: Path, passphrase: str
) -> subprocess.CompletedProcess[str]:
    home = disk / ".gnupg"
    home.mkdir(mode=0o700, exist_ok=True)
    return subprocess.run(
        [disk / "deploy" / "github" / "state.sh", action, file],
        env={
            "PATH": os.environ["PATH"],
            "GNUPGHOME": str(home),
            "STATE_PASSPHRASE": passphrase,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def files_of(disk: Path) -> dict[str, str]:
    return {
        path.relative_to(disk).as_posix(): path.read_text()
        for folder in ("state", "publish", "build")
        for path in (disk / folder).rglob("*")
        if path.is_file()
    }


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    if not shutil.which("gpg"):
        cannot("gpg is not installed (Debian package gpg)")
    disk = runner(tmp_path / "first", {**KEPT, **OUTPUT})
    done = state(disk, "save", tmp_path / "state.gpg", "the passphrase")
    assert done.returncode == 0, done.stderr
    return tmp_path / "state.gpg"


def test_the_state_is_restored_as_it_was(saved: Path, tmp_path: Path) -> None:
    assert b"raw rows" not in saved.read_bytes()
    disk = runner(tmp_path / "second", {})
    done = state(disk, "restore", saved, "the passphrase")
    assert done.returncode == 0, done.stderr
    assert files_of(disk) == KEPT
    assert "the passphrase" not in done.stdout + done.stderr


@pytest.mark.parametrize("fault", ["another passphrase", "a changed byte", "none"])
def test_a_state_that_cannot_be_read_is_refused(
    saved: Path, tmp_path: Path, fault: str
) -> None:
    passphrase = "another" if fault == "another passphrase" else "the passphrase"
    if fault == "none":
        passphrase = ""
    if fault == "a changed byte":
        content = bytearray(saved.read_bytes())
        content[-30] ^= 1
        saved.write_bytes(content)
    disk = runner(tmp_path / "second", {})
    assert state(disk, "restore", saved, passphrase).returncode != 0
    assert files_of(disk) == {}


def steps() -> list[dict[str, Any]]:
    workflow = ROOT / ".github" / "workflows" / "publish.yml"
    return list(yaml.safe_load(workflow.read_text())["jobs"]["publish"]["steps"])


def artifact(run: int, created: str, **changed: object) -> dict[str, object]:
    """An artifact, as GitHub's API lists it."""
    of_run = {
        "id": run,
        "head_branch": "main",
        "repository_id": 1,
        "head_repository_id": 1,
    }
    expired = bool(changed.pop("expired", False))
    return {
        "name": "state",
        "created_at": f"2026-11-{created}T04:30:00Z",
        "expired": expired,
        "workflow_run": {**of_run, **changed},
    }


@pytest.mark.parametrize(
    ("artifacts", "run"),
    [
        ([], ""),
        ([artifact(1, "01"), artifact(3, "03"), artifact(2, "02")], "3"),
        ([artifact(1, "01"), artifact(2, "02", expired=True)], "1"),
        ([artifact(1, "01"), artifact(2, "02", head_branch="theirs")], "1"),
        # a pull request of a fork, whose branch is called main, too
        ([artifact(1, "01"), artifact(2, "02", head_repository_id=666)], "1"),
    ],
)
def test_the_last_state_of_main_is_found(
    artifacts: list[dict[str, object]], run: str
) -> None:
    if not shutil.which("jq"):
        cannot("jq is not installed")
    (step,) = (one for one in steps() if one.get("id") == "last")
    assert '--jq "$FILTER"' in step["run"]
    done = subprocess.run(
        ["jq", "--raw-output", step["env"]["FILTER"]],
        input=json.dumps({"total_count": len(artifacts), "artifacts": artifacts}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{run}\n"


def test_secrets_reach_only_the_steps_that_need_them() -> None:
    with_secrets = {
        one.get("id") or one.get("name")
        for one in steps()
        if "secrets." in json.dumps(one)
    }
    assert with_secrets == {"publish", "keep", "Restore it", "Report a failure"}


@pytest.mark.parametrize("code", [0, 9])
def test_the_publish_step_keeps_the_exit_code(tmp_path: Path, code: int) -> None:
    (step,) = (one for one in steps() if one.get("id") == "publish")
    script = tmp_path / "deploy" / "nightly.sh"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\nexit {code}\n")
    script.chmod(0o755)
    output = tmp_path / "output"
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=tmp_path,
        env={**os.environ, "GITHUB_OUTPUT": str(output)},
        check=False,
    )
    assert (done.returncode, output.read_text()) == (code, f"code={code}\n")

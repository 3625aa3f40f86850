"""deploy/nightly.sh, with a command in place of ours that records how it was called."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.python.conftest import ROOT

RECORDER = """#!/bin/sh
echo "$@" >> calls
[ "$1" = publish ] && exit {published}
exit {notified}
"""


def nightly(
    folder: Path, published: int, notified: int, *, urls: str, arguments: list[str]
) -> tuple[int, list[str]]:
    """The exit code of a nightly run, and the commands that it started."""
    command = folder / ".venv" / "bin" / "customer-success-warehouse"
    command.parent.mkdir(parents=True)
    command.write_text(RECORDER.format(published=published, notified=notified))
    command.chmod(0o755)
    script = folder / "deploy" / "nightly.sh"
    script.parent.mkdir()
    shutil.copy(ROOT / "deploy" / "nightly.sh", script)
    done = subprocess.run(
        [script, *arguments], cwd="/", env={"NOTIFY_URLS": urls}, check=False
    )
    return done.returncode, (folder / "calls").read_text().splitlines()


@pytest.mark.parametrize(
    ("published", "notified", "code", "sends"),
    [
        (0, 0, 0, True),
        (0, 10, 10, True),
        (8, 0, 8, True),  # published, without its dashboards
        (11, 10, 11, True),
        (4, 0, 4, False),
        (9, 0, 9, False),
        (130, 0, 130, False),
    ],
)
def test_the_nightly_run(
    tmp_path: Path, published: int, notified: int, code: int, sends: bool
) -> None:
    ended, calls = nightly(tmp_path, published, notified, urls="a", arguments=[])
    assert ended == code
    assert calls == ["publish --wait 3600", *(["notify"] if sends else [])]


def test_the_nightly_run_without_anybody_to_notify(tmp_path: Path) -> None:
    ended, calls = nightly(tmp_path, 0, 10, urls="", arguments=["--target", "parquet"])
    assert (ended, calls) == (0, ["publish --wait 3600 --target parquet"])

"""From a wheel: `customer-success-warehouse demo` makes a project, and builds in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from customer_success_warehouse import command
from tests.python.conftest import ROOT

SCRIPT = "customer-success-warehouse"
UV = str(Path(sys.executable).with_name("uv"))


def packed(folder: Path) -> Path:
    """What is like the project, but small: it prints how it was called."""
    project = folder / "packed"
    for name in command.OF_A_PROJECT:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()
    (project / "pipeline" / "__main__.py").write_text(
        "import os, sys\nfrom pathlib import Path\n"
        "print('ran', sys.argv[1:], Path(__file__).parents[1], Path.cwd())\n"
        "raise SystemExit(7)\n",
        encoding="utf-8",
    )
    return project


def run(packed: Path, cwd: Path, *arguments: str) -> tuple[int, str]:
    """The command, as if a wheel with such a project were installed."""
    program = (
        "import sys; from pathlib import Path;"
        "from customer_success_warehouse import command;"
        f"command.PACKED = Path({str(packed)!r}); command.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_demo_makes_a_project_and_runs_there(tmp_path: Path) -> None:
    project = packed(tmp_path)
    for given, name in (((), SCRIPT), (("my/own",), "my/own")):
        folder = tmp_path / name
        code, printed = run(project, tmp_path, "demo", *given)
        assert code == 7  # the project's own exit code
        assert f"Made the warehouse in {folder}." in printed
        assert f"ran ['demo'] {folder} {folder}" in printed
    assert not [*tmp_path.glob(".*")]


def test_in_its_folder_every_command_is_the_projects_own(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    run(packed(tmp_path), tmp_path, "demo", "made")
    below = folder / "models"
    below.mkdir()
    for cwd in (folder, below):  # what is given stays relative to where one is
        code, printed = run(tmp_path / "packed", cwd, "query", "select 1")
        assert (code, printed) == (7, f"ran ['query', 'select 1'] {folder} {cwd}\n")
    mine = folder / "models" / "mine.sql"
    mine.touch()
    code, printed = run(tmp_path / "packed", tmp_path, "demo", "made")
    assert code == 7 and "holds a warehouse already" in printed and mine.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [((), 0), (("--help",), 0), (("demo", "--help"), 0), (("build",), 3)],
)
def test_elsewhere_it_says_how_to_start(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    (tmp_path / "here").mkdir()
    found, printed = run(packed(tmp_path), tmp_path / "here", *arguments)
    assert found == code
    assert "There is no warehouse in this folder" in printed
    assert f"{SCRIPT} demo [FOLDER]" in printed
    assert [*(tmp_path / "here").iterdir()] == []


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    project = packed(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    (tmp_path / "file").touch()
    for name in ("full", "file"):
        code, printed = run(project, tmp_path, "demo", name)
        assert code == command.UNUSABLE
        assert f"{tmp_path / name} is not an empty folder. Nothing" in printed
    assert [*(tmp_path / "full").iterdir()] == [tmp_path / "full" / "mine.txt"]
    code, printed = run(project, tmp_path, "demo", "file/below")
    assert code == command.UNUSABLE and "cannot be made: " in printed
    assert "Traceback" not in printed


def test_a_copy_that_was_stopped_leaves_no_half_of_a_project(tmp_path: Path) -> None:
    left = tmp_path / ".made.unfinished"
    left.mkdir()
    (left / "dbt_project.yml").touch()
    code, _ = run(packed(tmp_path), tmp_path, "demo", "made")
    assert code == 7 and not left.exists()


# -- the real wheel; it takes minutes, and packages from the index ---------------------


def build(folder: Path, *options: str) -> Path:
    """The wheel that uv builds."""
    subprocess.run(
        [UV, "build", "--quiet", "--system-certs", *options, "--out-dir", folder, ROOT],
        check=True,
    )
    [found] = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the checkout, as `make wheel` does."""
    return build(tmp_path_factory.mktemp("wheel"), "--wheel")


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return {*opened.namelist()}


@pytest.mark.long
def test_a_wheel_has_the_whole_project_and_nothing_else(
    wheel: Path, tmp_path: Path
) -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tracked = {name for name in listed.stdout.splitlines() if "build/" not in name}
    names = names_in(wheel)
    place = "customer_success_warehouse/project/"
    assert {n.removeprefix(place) for n in names if n.startswith(place)} == tracked
    name = wheel.name.removesuffix("-py3-none-any.whl")
    assert {n.split("/")[0] for n in names} == {
        "customer_success_warehouse",
        f"{name}.dist-info",
    }
    # As `uv build` does it, from a source archive.
    assert names_in(build(tmp_path)) == names


@pytest.mark.long
def test_from_a_wheel_to_dashboards(wheel: Path, tmp_path: Path) -> None:
    """One command in an empty folder, in an environment of its own."""
    given = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    environment = {**given, "UV_SYSTEM_CERTS": "1", "DO_NOT_TRACK": "1"}

    def ran(cwd: Path, *arguments: str) -> str:
        done = subprocess.run(
            [UV, "tool", "run", "--from", wheel, SCRIPT, *arguments],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    printed = ran(tmp_path, "demo")
    folder = tmp_path / SCRIPT
    assert [*tmp_path.iterdir()] == [folder]
    assert f"Made the warehouse in {folder}" in printed
    assert "Open build/dashboards/index.html in a browser" in printed
    text = (folder / "build" / "dashboards" / "index.html").read_text("utf-8")
    assert "Who needs a call today" in text
    rows = ran(folder, "query", "select count(*) as accounts from marts.customer_360")
    assert "accounts" in rows and any(line.strip().isdigit() for line in rows.split())

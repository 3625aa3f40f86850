"""The command `customer-success-warehouse`.

The warehouse is a dbt project, which people change: it needs a folder of its own. From
a checkout, the command is that of `pipeline`. From a wheel, `demo` first copies the
project to a folder, and every command is run by the project's own `pipeline`.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

PACKED = Path(__file__).parent / "project"  # in a wheel alone; setup.py packs it
USUAL_FOLDER = "customer-success-warehouse"
OF_A_PROJECT = ("dbt_project.yml", "pipeline/__main__.py")
UNUSABLE = 3  # the exit code for what the user gave, as that of `pipeline`

HELP = f"""\
There is no warehouse in this folder, nor above it.

  {USUAL_FOLDER} demo [FOLDER]   make one (by default in ./{USUAL_FOLDER}), and build
                                           and publish the demo there, with dashboards

In that folder, `{USUAL_FOLDER} --help` lists all commands.
"""


class FolderError(Exception):
    """The folder cannot hold a project; the message says why and what to do next."""


def main() -> None:
    """Run a command, in a checkout or in the project's folder."""
    if not PACKED.is_dir():
        from pipeline.__main__ import main as run

        run()
        return
    arguments = sys.argv[1:]
    project = project_of(Path.cwd())
    if project is None:
        if arguments[:1] != ["demo"] or arguments[1:2] in (["--help"], ["-h"]):
            print(HELP, end="")
            raise SystemExit(
                0 if {*arguments} <= {"--help", "demo", "-h"} else UNUSABLE
            )
        try:
            project = make(Path(*arguments[1:2] or [USUAL_FOLDER]))
        except FolderError as error:
            print(error)
            raise SystemExit(UNUSABLE) from None
        arguments = ["demo", *arguments[2:]]
        os.chdir(project)
    run_in(project, arguments)


def project_of(folder: Path) -> Path | None:
    """The project's folder: this one or one above it; None where there is none."""
    return next(filter(is_project, (folder, *folder.parents)), None)


def is_project(folder: Path) -> bool:
    """Whether a folder holds the project."""
    return all((folder / name).is_file() for name in OF_A_PROJECT)


def make(folder: Path) -> Path:
    """Copy the project to a folder; one that holds a project already is left as it is.

    Returns:
        The whole path of the folder.

    Raises:
        FolderError: It holds something else, or cannot be written.
    """
    folder = folder.expanduser().absolute()
    if is_project(folder):
        print(f"{folder} holds a warehouse already: it is used as it is.", flush=True)
        return folder
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FolderError(
                f"{folder} is not an empty folder. Nothing in it was changed: name"
                f" another one, as in `{USUAL_FOLDER} demo FOLDER`."
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(unfinished, ignore_errors=True)  # of a run that was stopped
        shutil.copytree(PACKED, unfinished)
        unfinished.rename(folder)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise FolderError(f"{folder} cannot be made: {error.strerror}.") from None
    print(f"Made the warehouse in {folder}. Next time, run commands there.", flush=True)
    return folder


def run_in(project: Path, arguments: list[str]) -> None:
    """Become the project's own command: signals and exit codes are its own."""
    path = [str(project), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    os.execve(sys.executable, [sys.executable, "-m", "pipeline", *arguments], variables)

"""The output folder of the pages: only what this project wrote is ever replaced."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from pipeline.console import display_path
from pipeline.dashboards.catalogue import DOWNLOADS, REPORTS
from pipeline.dashboards.catalogue import PAGES as NAMES
from pipeline.project import ROOT
from pipeline.settings import Settings

OLD_DEFAULT = ROOT / "build" / "boards"
MARKER = ".customer-success-dashboards"
UNFINISHED = ".dashboards-candidate"
FOLDERS = ("account", "assets", REPORTS)
PAGES = frozenset({*(f"{name}.html" for name in NAMES), *DOWNLOADS, *FOLDERS})
NOTE = "Written by `make dashboards`, which replaces this folder as a whole.\n"


class FolderError(Exception):
    """The pages were not replaced; the message says why and what to do next."""


def target(console: Console, settings: Settings) -> Path:
    """The output folder: DASHBOARDS_FOLDER, its old name, or the default."""
    if settings.boards_folder and not settings.is_given("dashboards_folder"):
        console.print(
            "BOARDS_FOLDER is now DASHBOARDS_FOLDER: please use the new name."
        )
        return settings.boards_folder
    return settings.dashboards_folder


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new folder to write pages into; it replaces the target if nothing fails.

    Raises:
        FolderError: The target must not be replaced, or another process is rendering.
    """
    _refuse(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(target.parent / f"{UNFINISHED}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise FolderError(
            "Another process is rendering the pages in "
            f"{display_path(target.parent)}: wait for it to end."
        ) from None
    try:
        _clean_up(target.parent)
        unfinished = target.parent / f"{UNFINISHED}-{os.getpid()}"
        unfinished.mkdir()
        try:
            yield unfinished
            (unfinished / MARKER).write_text(NOTE, encoding="utf-8")
            unfinished.chmod(0o755)
            _refuse(target)
            if target.exists():
                shutil.rmtree(target)
            unfinished.rename(target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    finally:
        lock.release()


def _refuse(target: Path) -> None:
    """Refuse a target that contains anything but our pages.

    Raises:
        FolderError: It is a link or a file, or has other files in it.
    """
    kept = "Nothing in it was changed. Set DASHBOARDS_FOLDER to another folder, or"
    name = display_path(target)
    if target.is_symlink():
        raise FolderError(f"{name} is a link, not a folder. {kept} remove it.")
    if not target.exists():
        return
    if not target.is_dir():
        raise FolderError(f"{name} is a file, not a folder. {kept} remove it.")
    found = {file.name for file in target.iterdir()}
    others = sorted(found - PAGES - {MARKER})
    if not others and (not found or MARKER in found or _is_an_old_index(target)):
        return
    some = ", ".join(others[:3] or sorted(found)[:3])
    raise FolderError(
        f"{name} contains files that `make dashboards` did not write ({some}). "
        f"{kept} move them away."
    )


def _is_an_old_index(target: Path) -> bool:
    """Pages of a version without a marker file."""
    index = target / "index.html"
    return index.is_file() and "<title>Boards</title>" in index.read_text("utf-8")


def _clean_up(folder: Path) -> None:
    """Remove files of killed renders; the lock ensures that none is running."""
    for left in folder.glob(f"{UNFINISHED}-*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in folder.glob(".candidate-*"):  # of the previous version
        if left.is_dir() and {file.name for file in left.iterdir()} <= {"pages"}:
            shutil.rmtree(left, ignore_errors=True)


def link_old_name(target: Path) -> None:
    """For one version, link the old default folder to the pages."""
    if target != OLD_DEFAULT.with_name("dashboards"):
        return
    old = OLD_DEFAULT
    if old.is_symlink():
        return
    try:
        _refuse(old)
        if old.exists():
            shutil.rmtree(old)
        old.symlink_to(target.name, target_is_directory=True)
    except (FolderError, OSError):
        return  # something else is there: keep it

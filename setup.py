"""Packs the project into its wheel; everything else about it is in pyproject.toml.

A wheel has one package, customer_success_warehouse, with all files of the project in
its folder `project`. The command copies them, because people change them: they are a
dbt project. An editable install, as `make setup` makes it, has the project's packages.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
COMMAND = "customer_success_warehouse"
# What setuptools adds to a source archive, or makes while it builds.
OF_SETUPTOOLS = ("PKG-INFO", "setup.cfg", "build/", f"{COMMAND}.egg-info/")


def files() -> list[str]:
    """The project's files: those in git, or those of a source archive."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        )
        found = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        found = [
            path.relative_to(ROOT).as_posix()
            for path in sorted(ROOT.rglob("*"))
            if "__pycache__" not in path.parts
        ]
    return [
        name
        for name in found
        if (ROOT / name).is_file() and not name.startswith(OF_SETUPTOOLS)
    ]


class WithProject(build_py):
    """The command, and the project that it copies."""

    def run(self) -> None:
        if self.editable_mode:
            super().run()
            return
        self.packages = [COMMAND]
        super().run()
        target = Path(self.build_lib) / COMMAND / "project"
        shutil.rmtree(target, ignore_errors=True)  # of an earlier build
        for name in files():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


class WithFiles(sdist):
    """A source archive with every file of the project."""

    def make_distribution(self) -> None:
        self.filelist.files = sorted({*self.filelist.files, *files()})
        super().make_distribution()


setup(cmdclass={"build_py": WithProject, "sdist": WithFiles})

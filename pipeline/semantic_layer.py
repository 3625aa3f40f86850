"""MetricFlow over the published file: an extra, with an environment of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from pipeline import environment
from pipeline.console import display_path
from pipeline.project import ROOT, InputError
from pipeline.publish.paths import PublishPaths
from pipeline.sealed import PUBLISH_FIRST
from pipeline.settings import read_settings

PROGRAMS = ROOT / ".venv-semantic" / "bin"
WORK = ROOT / "build" / "semantic"
PARTS = ("analyses", "dbt_project.yml", "macros", "models", "seeds", "tests")


def query(arguments: Sequence[str], work: Path = WORK) -> int:
    """Run `mf` on the semantic layer as it is now; the file is opened read only.

    Args:
        arguments: Of mf, such as query --metrics churn_rate.
        work: A folder for what dbt and MetricFlow write.

    Returns:
        The exit code of dbt or mf.

    Raises:
        InputError: MetricFlow is not installed, or nothing is published.
    """
    if not (PROGRAMS / "mf").exists():
        raise InputError("MetricFlow is an extra: `make semantic` installs it.")
    published = PublishPaths.of(read_settings()).published
    if not published.exists():
        raise InputError(PUBLISH_FIRST.format(display_path(published)))
    work.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        link = work / part
        if not link.is_symlink():
            link.symlink_to(ROOT / part)
    variables = environment.extended(
        DBT_PROFILES_DIR=str(ROOT / "profiles" / "semantic"),
        DO_NOT_TRACK="1",
        PUBLISH_FOLDER=str(published.parent),
    )
    # MetricFlow does not notice that a file has changed: parse first.
    for program, *rest in (["dbt", "parse", "--quiet"], ["mf", *arguments]):
        command = [str(PROGRAMS / program), *rest]
        done = subprocess.run(command, cwd=work, env=variables, check=False)
        if done.returncode:
            return done.returncode
    return 0

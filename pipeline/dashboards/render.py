"""Boards as self-contained pages: no server, no request to anywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from pipeline.console import display_path as shown
from pipeline.console import print_step as say
from pipeline.dashboards import dbt_charts
from pipeline.dashboards.index import page
from pipeline.project import ROOT
from pipeline.publish import manifest as manifests
from pipeline.publish.paths import DATABASE, PublishPaths

BOARDS_FAILED = 8
PUBLISH_FIRST = "{} is not there: publish first, with `make publish`."


def render(
    console: Console,
    *,
    strict: bool = False,
    pages: Path | None = None,
    charts: Path = dbt_charts.CHARTS,
) -> int:
    """Make the pages of the published build.

    All pages take their places together, or none does: a board that fails leaves those
    of before, all of one build.

    Args:
        console: Where it is told.
        strict: All that dct warns of is a failure. Without it what is about the day's
            data is only told: a table that is not delivered leaves charts empty, and
            that is right.
        pages: Folder of the pages; by default BOARDS_FOLDER, else `build/boards`.
        charts: Folder of the boards.

    Returns:
        0, or 8: nothing is published, dct is not there, or has an error or a warning.
    """
    started = time.monotonic()
    say(console, "boards", "pages of what is published")
    paths = PublishPaths.of()
    published = manifests.read(paths.manifest)
    if published is None or not paths.published.exists():
        console.print(PUBLISH_FIRST.format(shown(paths.published)), soft_wrap=True)
        return BOARDS_FAILED
    if not dbt_charts.installed():
        console.print(dbt_charts.NOT_INSTALLED, markup=False, soft_wrap=True)
        return BOARDS_FAILED
    # The build's own file: a publish in the meantime does not mix two builds.
    kept = paths.kept(published["build_id"]) / DATABASE
    target = pages or ROOT / os.environ.get("BOARDS_FOLDER", "build/boards")
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=".candidate-") as folder:
        candidate = Path(folder) / "pages"
        candidate.mkdir()
        found = draw(kept if kept.exists() else paths.published, candidate, charts)
        failed = [finding for finding in found if finding.fails(strict)]
        for finding in found:
            word = "FAILED " if finding in failed else "warning"
            console.print(f"{word} {finding}", markup=False, soft_wrap=True)
        if failed:
            console.print(
                f"The pages in {shown(target)} are as they were.", soft_wrap=True
            )
            return BOARDS_FAILED
        (candidate / "index.html").write_text(page(published, charts), "utf-8")
        shutil.rmtree(target, ignore_errors=True)
        candidate.rename(target)
    console.print(
        f"{len(dbt_charts.BOARDS)} boards of build {published['build_id']}: "
        f"{shown(target / 'index.html')}, in {time.monotonic() - started:.0f} s.",
        soft_wrap=True,
    )
    return 0


def draw(
    database: Path,
    pages: Path,
    charts: Path = dbt_charts.CHARTS,
    boards: Sequence[str] = dbt_charts.BOARDS,
) -> list[dbt_charts.Finding]:
    """Have dct draw boards.

    Returns:
        What it has to say; where a page is not there, an error at the least.
    """
    done = subprocess.run(
        [
            *(str(dbt_charts.COMMAND), "--no-workspace-guard", "render"),
            *(str(charts / f"{board}.yml") for board in boards),
            *("--format", "html", "--output", str(pages / "{stem}.html")),
            *("--project-dir", str(charts.parent), "--no-cache"),
            *("--diagnostics-json", "--ignore-warning", dbt_charts.LAWFUL),
        ],
        cwd=charts.parent,
        env=dbt_charts.environment(database),
        capture_output=True,
        text=True,
        check=False,
    )
    found = dbt_charts.findings(done.stderr)
    missing = [board for board in boards if not (pages / f"{board}.html").exists()]
    if (missing or done.returncode) and not found:
        said = f"dct ended with {done.returncode} and said: {done.stdout.strip()}"
        found.append(dbt_charts.Finding("error", "no page", ", ".join(missing), said))
    return found


def render_after_publish(console: Console) -> int:
    """The pages that go with what was published just now.

    Readers have the new build already and keep it. A failure is told, and is the exit
    code: 8 says that all went well but the pages.
    """
    if not dbt_charts.installed():
        console.print(
            f"No boards. {dbt_charts.NOT_INSTALLED}", markup=False, soft_wrap=True
        )
        return 0
    failed = render(console)
    if failed:
        console.print("It is published all the same. Mend it, then `make boards`.")
    return failed

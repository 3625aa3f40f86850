"""Render dashboards as self-contained pages without a server or network requests."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from pipeline.console import display_path, print_step
from pipeline.dashboards import dbt_charts, folders, navigation
from pipeline.dashboards.catalogue import PAGES
from pipeline.dashboards.site.changes import previous_file
from pipeline.dashboards.site.pages import Site
from pipeline.dashboards.site.reading import Build, ReadingError
from pipeline.dashboards.site.reports import FOLDER as REPORTS_FOLDER
from pipeline.dashboards.site.reports import reports_of
from pipeline.dashboards.site.writing import write
from pipeline.exit_codes import DASHBOARDS_FAILED, INTERRUPTED
from pipeline.project import InputError
from pipeline.publish import manifest as manifests
from pipeline.publish.paths import DATABASE, PublishPaths
from pipeline.sealed import PUBLISH_FIRST
from pipeline.settings import read_settings


def render(
    console: Console,
    *,
    strict: bool = False,
    pages: Path | None = None,
    charts: Path = dbt_charts.CHARTS,
) -> int:
    """Render the pages of the published build.

    All pages are replaced together or not at all: if a dashboard fails, the pages of
    the previous build stay.

    Args:
        console: Where progress is reported.
        strict: Every warning of dct is a failure. Otherwise a warning about the day's
            data is only reported: a table that is not delivered leaves charts empty.
        pages: Folder of the pages; by default DASHBOARDS_FOLDER, else
            `build/dashboards`.
        charts: Folder of the dashboards.

    Returns:
        0, or 8: nothing is published, dct is not installed or reports a problem, or the
        folder must not be replaced. 130: interrupted.
    """
    started = time.monotonic()
    print_step(console, "dashboards", "render the published build")
    settings = read_settings()
    paths = PublishPaths.of(settings)
    published = manifests.read(paths.manifest)
    if published is None or not paths.published.exists():
        console.print(
            PUBLISH_FIRST.format(display_path(paths.published)), soft_wrap=True
        )
        return DASHBOARDS_FAILED
    if not dbt_charts.installed():
        console.print(dbt_charts.NOT_INSTALLED, markup=False, soft_wrap=True)
        return DASHBOARDS_FAILED
    # The build's own file, so that a publish in the meantime does not mix two builds.
    kept = paths.kept(published["build_id"]) / DATABASE
    file = kept if kept.exists() else paths.published
    before = previous_file(paths, published["build_id"])
    target = pages or folders.target(console, settings)
    try:
        with folders.replacing(target) as candidate:
            found = draw(file, candidate, charts)
            failed = [finding for finding in found if finding.fails(strict)]
            for finding in found:
                word = "FAILED " if finding in failed else "warning"
                console.print(f"{word} {finding}", markup=False, soft_wrap=True)
            if failed:
                raise folders.FolderError(
                    f"The pages in {display_path(target)} were left as they were."
                )
            site = Site(
                Build(file),
                Build(before) if before else None,
                reports=reports_of(paths.artifacts / REPORTS_FOLDER, published),
            )
            accounts = write(site, candidate)
            for name in dbt_charts.DASHBOARDS:
                page = candidate / f"{name}.html"
                above = site.above_charts(name)
                navigation.add_to_file(page, name, site.state, site.address, above)
    except (folders.FolderError, InputError, OSError, ReadingError) as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return DASHBOARDS_FAILED
    except KeyboardInterrupt:
        console.print(f"Interrupted: {display_path(target)} was left as it was.")
        return INTERRUPTED
    folders.link_old_name(target)
    console.print(
        f"{len(PAGES)} pages and {accounts:,} of accounts, of build"
        f" {published['build_id']}: {display_path(target / 'index.html')},"
        f" in {time.monotonic() - started:.0f} s.",
        soft_wrap=True,
    )
    return 0


def draw(
    database: Path,
    pages: Path,
    charts: Path = dbt_charts.CHARTS,
    dashboards: Sequence[str] = dbt_charts.DASHBOARDS,
) -> list[dbt_charts.Finding]:
    """Render dashboards with dct.

    Returns:
        Its findings; at least one error where a page is missing.
    """
    done = subprocess.run(
        [
            *(str(dbt_charts.COMMAND), "--no-workspace-guard", "render"),
            *(str(charts / f"{dashboard}.yml") for dashboard in dashboards),
            *("--format", "html", "--output", str(pages / "{stem}.html")),
            *("--project-dir", str(charts.parent), "--no-cache"),
            "--diagnostics-json",
        ],
        cwd=charts.parent,
        env=dbt_charts.environment(database),
        capture_output=True,
        text=True,
        check=False,
    )
    found = dbt_charts.findings(done.stderr)
    missing = [
        dashboard
        for dashboard in dashboards
        if not (pages / f"{dashboard}.html").exists()
    ]
    if (missing or done.returncode) and not found:
        message = f"dct exited with {done.returncode}: {done.stdout.strip()}"
        found.append(
            dbt_charts.Finding("error", "no page", ", ".join(missing), message)
        )
    return found


def render_after_publish(console: Console) -> int:
    """Render the pages of the build that was just published.

    Readers already have the new build and keep it. A failure is reported and sets the
    exit code: 8 means that only the pages failed.
    """
    if not dbt_charts.installed():
        console.print(
            f"No dashboards. {dbt_charts.NOT_INSTALLED}", markup=False, soft_wrap=True
        )
        return 0
    failed = render(console)
    if failed:
        console.print(
            "The build itself is published. Fix this, then `make dashboards`."
        )
    return failed

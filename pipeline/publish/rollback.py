"""Publish the previous build again."""

from __future__ import annotations

import shutil
from datetime import date

import duckdb
from rich.console import Console

from pipeline.console import display_path, print_line, print_step
from pipeline.exit_codes import INTERRUPTED, LOCKED, PUBLISH_FAILED
from pipeline.hashes import hash_of
from pipeline.history.reported import TABLE
from pipeline.project import project_vars
from pipeline.publish import manifest as manifests
from pipeline.publish import published_file
from pipeline.publish.lock import LockedError, publisher_lock
from pipeline.publish.paths import (
    DATABASE,
    MANIFEST,
    UNFINISHED,
    PublishPaths,
    sync,
)
from pipeline.publish.published_file import PublishError, mart_names
from pipeline.publish.reported import (
    Publication,
    ReportedMetrics,
    changed_figures,
    known_rows,
    rolled_back,
    write_into,
)
from pipeline.publish.swap import recover, swap
from pipeline.settings import read_settings


def rollback(console: Console, *, wait: float = 0) -> int:
    """Publish the previous build again, and remove the current one.

    Both of its files are restored: the published one, and the private one from which
    the next publish starts. The kept file is checked first: it must match the hash in
    its manifest, open, and contain the marts.

    Returns:
        0, 6 if a publish is running, 7 if there is no build to go back to or it is
        damaged; then the current build stays published. 130 if interrupted.
    """
    paths = PublishPaths.of(read_settings())
    print_step(console, "rollback", display_path(paths.published))
    try:
        paths.make()
        with publisher_lock(paths.readers, wait):
            return _rollback(console, paths)
    except LockedError as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return LOCKED
    except (PublishError, OSError, duckdb.Error) as error:
        console.print(f"FAILED  {error}", markup=False, soft_wrap=True)
        return PUBLISH_FAILED
    except KeyboardInterrupt:
        console.print("Interrupted. `make publish` cleans up unfinished files.")
        return INTERRUPTED


def _rollback(console: Console, paths: PublishPaths) -> int:
    current = recover(paths)
    before = [
        kept
        for kept in paths.kept_manifests()
        if current and manifests.order(kept) < manifests.order(current)
    ]
    if current is None or not before:
        console.print(
            "There is no earlier build; nothing was changed. Builds are kept in "
            f"{display_path(paths.readers / 'builds')} (var keep_builds).",
            soft_wrap=True,
        )
        return PUBLISH_FAILED
    _check(paths, before[-1])
    build_id = before[-1]["build_id"]
    metrics = _report(paths, before[-1], current)
    swap(paths, build_id, published_file.file_mode(project_vars()))
    paths.forget(current["build_id"])
    console.print(
        f"Build {build_id} is published again, {current['build_id']} is removed.",
        soft_wrap=True,
    )
    if metrics:
        print_line(console, metrics.summary())
        if failed := metrics.keep():
            print_line(console, failed)
    if not (paths.built(build_id) / DATABASE).exists():
        console.print("Its private file is gone: the next publish is a full refresh.")
    return 0


def _report(
    paths: PublishPaths, kept: manifests.Manifest, current: manifests.Manifest
) -> ReportedMetrics | None:
    """Add what the rollback changes to the build that is published again.

    None where its version did not report metrics. Its file and manifest are replaced
    together.
    """
    origin = (kept.get("made_from") or {}).get("origin")
    if not origin or TABLE not in kept["marts"]:
        return None
    folder = paths.kept(kept["build_id"])
    is_same_data = (current.get("made_from") or {}).get("origin") == origin
    known = known_rows(paths, origin, is_same_data)
    publication = Publication(
        paths.new_number(), kept["build_id"], date.fromisoformat(kept["as_of_date"])
    )
    cause = rolled_back(current["build_id"])
    new = changed_figures(folder / DATABASE, known, publication, cause)
    prepared = paths.readers / f"{UNFINISHED}{kept['build_id']}"
    shutil.copytree(folder, prepared)
    write_into(prepared / DATABASE, [*known, *new])
    file = prepared / DATABASE
    marts = published_file.marts_in(
        file, (TABLE, "kpi_monthly"), paths.artifacts / "manifest.json"
    )
    manifest = {
        **kept,
        "marts": {**kept["marts"], **published_file.contents(file, marts)},
        "file_sha256": hash_of(file),
    }
    place = prepared / MANIFEST
    manifests.write(manifest, place, place.stat().st_mode & 0o777)
    for file in prepared.iterdir():
        sync(file)
    folder.rename(paths.readers / f"{UNFINISHED}replaced-{kept['build_id']}")
    prepared.rename(folder)
    sync(folder.parent)
    paths.remove_candidates()
    return ReportedMetrics(paths, origin, known, new)


def _check(paths: PublishPaths, kept: manifests.Manifest) -> None:
    """Refuse a kept build that differs from what was published.

    Raises:
        PublishError: Its file is missing or damaged.
    """
    folder = paths.kept(kept["build_id"])
    file = folder / DATABASE
    name = display_path(file)
    advice = (
        f"Nothing was changed. Remove {display_path(folder)} to roll back to an "
        "earlier build, or publish again."
    )
    if not file.is_file():
        raise PublishError(f"{name} is missing. {advice}")
    if hash_of(file) != kept["file_sha256"]:
        raise PublishError(
            f"{name} is damaged: its hash is not the one in its manifest. {advice}"
        )
    try:
        missing = kept["marts"].keys() - mart_names(file)
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        raise PublishError(f"{name} does not open: {first}. {advice}") from None
    if missing:
        raise PublishError(f"{name} lacks {', '.join(sorted(missing))}. {advice}")

"""Publish the previous build again."""

from __future__ import annotations

import duckdb
from rich.console import Console

from pipeline.console import display_path, print_step
from pipeline.exit_codes import INTERRUPTED, LOCKED, PUBLISH_FAILED
from pipeline.publish import manifest as manifests
from pipeline.publish.lock import LockedError, publisher_lock
from pipeline.publish.paths import DATABASE, PublishPaths
from pipeline.publish.published_file import PublishError, hash_of, mart_names
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
    swap(paths, build_id)
    paths.forget(current["build_id"])
    console.print(
        f"Build {build_id} is published again, {current['build_id']} is removed.",
        soft_wrap=True,
    )
    if not (paths.built(build_id) / DATABASE).exists():
        console.print("Its private file is gone: the next publish is a full refresh.")
    return 0


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

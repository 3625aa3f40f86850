"""Back to the build before."""

from __future__ import annotations

from rich.console import Console

from pipeline.console import display_path as shown
from pipeline.console import print_step as say
from pipeline.publish.lock import LockedError, publisher_lock
from pipeline.publish.paths import PublishPaths
from pipeline.publish.published_file import PublishError
from pipeline.publish.swap import recover, swap

LOCKED = 6
PUBLISH_FAILED = 7


def rollback(console: Console, *, wait: float = 0) -> int:
    """Publish the build before the present one again, and forget the present one.

    Both of its files go back: the published one, and the private one from which the
    next publish starts.

    Returns:
        0, 6 if a publish is under way, 7 if there is nothing to go back to.
    """
    paths = PublishPaths.of()
    paths.make()
    say(console, "rollback", shown(paths.published))
    try:
        with publisher_lock(paths.readers, wait):
            return _rollback(console, paths)
    except LockedError as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return LOCKED
    except PublishError as error:
        console.print(f"FAILED  {error}", markup=False)
        return PUBLISH_FAILED


def _rollback(console: Console, paths: PublishPaths) -> int:
    present = recover(paths)
    before = [i for i in paths.kept_ids() if present and i < present["build_id"]]
    if present is None or not before:
        console.print(
            "There is no build before it; nothing was changed. Builds are kept in "
            f"{shown(paths.readers / 'builds')} (var keep_builds)."
        )
        return PUBLISH_FAILED
    swap(paths, before[-1])
    paths.forget(present["build_id"])
    console.print(f"Build {before[-1]} is published again, {present['build_id']} gone.")
    return 0

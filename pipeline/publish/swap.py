"""Swap the published build in one step."""

from __future__ import annotations

from pipeline.hashes import hash_of
from pipeline.publish import manifest as manifests
from pipeline.publish.manifest import Manifest
from pipeline.publish.paths import DATABASE, MANIFEST, UNFINISHED, PublishPaths, sync
from pipeline.publish.published_file import (
    MODE,
    PublishError,
    link_or_copy,
    refuse_a_writer,
)


def swap(paths: PublishPaths, build_id: str, mode: int = MODE) -> None:
    """Publish a kept build.

    The file is replaced in one step; its manifest follows. If the process is killed in
    between, `recover` writes the right manifest.

    Args:
        paths: Where builds are.
        build_id: The kept build.
        mode: Permissions of the published file and its manifest.

    Raises:
        PublishError: Someone has the published file open for writing, or the kept build
            has no manifest.
    """
    refuse_a_writer(paths.published)
    kept = paths.kept(build_id)
    published = manifests.read(kept / MANIFEST)
    if published is None:
        raise PublishError(f"{kept} has no manifest that can be read.")
    candidate = paths.readers / f"{UNFINISHED}{build_id}.duckdb"
    link_or_copy(kept / DATABASE, candidate)
    candidate.chmod(mode)
    sync(candidate)
    # DuckDB would replay a leftover log into the new file.
    log = paths.published.with_name(f"{DATABASE}.wal")
    log.unlink(missing_ok=True)
    candidate.replace(paths.published)
    sync(paths.readers)
    manifests.write(published, paths.manifest, mode)
    sync(paths.readers)


def recover(paths: PublishPaths) -> Manifest | None:
    """Clean up after a killed publish, and determine what is published.

    Returns:
        The manifest of the published file; None where there is no such file, or it
        belongs to no build.
    """
    paths.remove_candidates()
    paths.remove_halves()
    if not paths.published.exists():
        if not paths.manifest.exists():
            # Killed before the first swap: these builds were never visible to readers.
            for build_id in paths.kept_ids():
                paths.forget(build_id)
        return None
    found = manifests.read(paths.manifest)
    file_hash = hash_of(paths.published)
    if found is None or found["file_sha256"] != file_hash:
        same = (m for m in paths.kept_manifests() if m["file_sha256"] == file_hash)
        found = next(same, None)
        if found is not None:
            manifests.write(found, paths.manifest)
    if found is not None:
        # Builds that were finished, but never published.
        for kept in paths.kept_manifests():
            if manifests.order(kept) > manifests.order(found):
                paths.forget(kept["build_id"])
    return found

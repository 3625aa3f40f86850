"""The one step in which readers get another build."""

from __future__ import annotations

from pipeline.publish import manifest as manifests
from pipeline.publish.manifest import Manifest
from pipeline.publish.paths import DATABASE, MANIFEST, UNFINISHED, PublishPaths, sync
from pipeline.publish.published_file import hash_of, link_or_copy, refuse_a_writer


def swap(paths: PublishPaths, build_id: str) -> None:
    """Let a kept build be the published one.

    The file is replaced in one step; its manifest follows. Where a publisher is killed
    between the two, `recover` puts it right.

    Raises:
        PublishError: Someone has the published file open for writing.
    """
    refuse_a_writer(paths.published)
    kept = paths.kept(build_id)
    candidate = paths.readers / f"{UNFINISHED}{build_id}.duckdb"
    link_or_copy(kept / DATABASE, candidate)
    sync(candidate)
    # DuckDB would replay a log that someone left there into the new file.
    log = paths.published.with_name(f"{DATABASE}.wal")
    log.unlink(missing_ok=True)
    candidate.replace(paths.published)
    sync(paths.readers)
    published = manifests.read(kept / MANIFEST)
    assert published is not None, f"{kept} has no manifest"
    manifests.write(published, paths.manifest)
    sync(paths.readers)


def recover(paths: PublishPaths) -> Manifest | None:
    """Put right what a killed publisher left, and say what is published.

    Returns:
        The manifest of the published file; None where there is no such file.
    """
    paths.remove_candidates()
    if not paths.published.exists():
        return None
    said = manifests.read(paths.manifest)
    file_hash = hash_of(paths.published)
    if said is None or said["file_sha256"] != file_hash:
        kept = [manifests.read(paths.kept(i) / MANIFEST) for i in paths.kept_ids()]
        said = next((m for m in kept if m and m["file_sha256"] == file_hash), None)
        if said is not None:
            manifests.write(said, paths.manifest)
    if said is not None:
        # Builds that were finished, but never published.
        for build_id in paths.kept_ids():
            if build_id > said["build_id"]:
                paths.forget(build_id)
    return said

"""The marts as Parquet files with a catalogue, for a data lake.

Each build has a folder of its own, which never changes. `catalogue.json` names the
files of the current one, and is replaced in one step: a reader of it sees one build.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.hashes import hash_of
from pipeline.publish import manifest as manifests
from pipeline.publish.paths import UNFINISHED, sync
from pipeline.sql import sql_text
from pipeline.targets.build import Build, CopyError, Table

CATALOGUE = "catalogue.json"
KEPT = 2  # builds: the current one, and the one that somebody may still be reading
OPTIONS = "format parquet, compression zstd"


def write(build: Build, target: Path) -> str:
    """Copy all marts, read them back, and make them the current build.

    Args:
        build: The published build; its folder is on the target's file system.
        target: The folder with the catalogue.

    Returns:
        What was done, in words.

    Raises:
        CopyError: A file differs from its mart.
    """
    name = (
        f"{build.id}-{build.manifest['file_sha256'][:8]}"  # an erasure changes a build
    )
    before = current(target)
    if before and before["folder"] == name and _is_whole(target, before):
        return f"build {build.id} is already there, whole"
    entries = []
    for table in build.tables:
        file = build.folder / f"{table.name}.parquet"
        build.write(table, file, OPTIONS)
        if rows := build.differences(table, f"read_parquet({sql_text(file)})"):
            raise CopyError(
                f"{table.name}: {rows} rows of the Parquet file are not those of the"
                " mart. The catalogue is unchanged; is the disk failing?"
            )
        file.chmod(build.mode)
        sync(file)
        entries.append(_entry(build, table, file, name))
    folder = target / name
    if folder.exists():
        shutil.rmtree(folder)  # of a copy that was killed, or is damaged
    build.folder.chmod(build.mode | (build.mode & 0o444) >> 2)
    build.folder.rename(folder)
    sync(target)
    catalogue = {
        "build_id": build.id,
        "as_of_date": build.manifest["as_of_date"],
        "folder": name,
        "published_sha256": build.manifest["file_sha256"],
        "tables": entries,
    }
    manifests.write(catalogue, target / CATALOGUE, build.mode)
    sync(target)
    others = [path for path in _builds(target) if path.name != name]
    for old in others[: len(others) + 1 - KEPT]:
        shutil.rmtree(old)
    rows = sum(int(entry["rows"]) for entry in entries)
    return f"{len(entries)} marts, {rows:,} rows, read back and equal"


def current(target: Path) -> Mapping[str, Any] | None:
    """The catalogue; None where there is none."""
    try:
        found = json.loads((target / CATALOGUE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return dict(found)


def remove_unfinished(target: Path) -> None:
    """Remove what a killed copy left."""
    for left in target.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _builds(target: Path) -> list[Path]:
    """The folders of builds, those written first first."""
    found = [path for path in target.glob("[0-9]*T*Z-*") if path.is_dir()]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def _is_whole(target: Path, catalogue: Mapping[str, Any]) -> bool:
    files = [(target / table["file"], table["sha256"]) for table in catalogue["tables"]]
    return all(file.is_file() and hash_of(file) == sha256 for file, sha256 in files)


def _entry(build: Build, table: Table, file: Path, folder: str) -> dict[str, Any]:
    content = build.manifest["marts"][table.name]
    return {
        "name": table.name,
        "file": f"{folder}/{file.name}",
        "rows": content["rows"],
        "bytes": file.stat().st_size,
        "sha256": hash_of(file),
        "description": " ".join(table.description.split()),
        "key": [*table.key],
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "description": " ".join(column.description.split()),
            }
            for column in table.columns
        ],
    }

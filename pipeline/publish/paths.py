"""Where builds lie: what readers see in one folder, raw rows in another."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from pipeline.project import ROOT

# The base name stays: views carry the name of the database, which is that of its file.
DATABASE = "warehouse.duckdb"
MANIFEST = "manifest.json"
UNFINISHED = ".candidate-"


@dataclass(frozen=True)
class PublishPaths:
    """The two folders.

    Attributes:
        readers: What readers see: the published file, its manifest, the builds before.
        private: The build files with all layers, raw rows among them.
    """

    readers: Path
    private: Path

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> PublishPaths:
        """PUBLISH_FOLDER (by default `publish`), BUILDS_FOLDER (`build/builds`)."""
        return cls(
            ROOT / environment.get("PUBLISH_FOLDER", "publish"),
            ROOT / environment.get("BUILDS_FOLDER", "build/builds"),
        )

    @property
    def published(self) -> Path:
        """The file that readers open."""
        return self.readers / DATABASE

    @property
    def manifest(self) -> Path:
        """What is in it."""
        return self.readers / MANIFEST

    @property
    def artifacts(self) -> Path:
        """Artifacts and log of the last publish's dbt."""
        return self.private / "target"

    def kept(self, build_id: str) -> Path:
        """The folder with a build's published file and manifest."""
        return self.readers / "builds" / build_id

    def built(self, build_id: str) -> Path:
        """The folder with a build's private file."""
        return self.private / build_id

    def kept_ids(self) -> list[str]:
        """The builds that are kept, oldest first."""
        return sorted(
            folder.parent.name
            for folder in (self.readers / "builds").glob(f"[0-9]*/{MANIFEST}")
        )

    def make(self) -> None:
        """Make both folders; the private one is for its owner alone."""
        (self.readers / "builds").mkdir(parents=True, exist_ok=True)
        self.private.mkdir(parents=True, exist_ok=True)
        self.private.chmod(0o700)

    def candidates(self, build_id: str) -> tuple[Path, Path]:
        """New folders for a private and a published file that are not finished yet."""
        folders = (
            self.private / f"{UNFINISHED}{build_id}",
            self.readers / f"{UNFINISHED}{build_id}",
        )
        for folder in folders:
            folder.mkdir()
        return folders

    def remove_candidates(self) -> None:
        """Remove what a publish that failed or was killed left unfinished."""
        for folder in (self.private, self.readers):
            for left in folder.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()

    def forget(self, build_id: str) -> None:
        """Remove both files of a build."""
        for folder in (self.kept(build_id), self.built(build_id)):
            shutil.rmtree(folder, ignore_errors=True)

    def new_id(self) -> str:
        """An id for a build: the UTC time, so that ids sort by age."""
        while True:
            moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%fZ")
            if not self.built(moment).exists():
                return moment


def sync(path: Path) -> None:
    """Have a file, or a folder's entries, on disk before anything follows."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

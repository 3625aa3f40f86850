"""Where builds are stored: the readers' files in one folder, raw rows in another."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from pipeline import sealed
from pipeline.history.reported import FILE
from pipeline.publish import manifest as manifests
from pipeline.publish.manifest import Manifest
from pipeline.settings import Settings

DATABASE = sealed.DATABASE
MANIFEST = sealed.MANIFEST
UNFINISHED = ".candidate-"
LAST_NUMBER = ".last-publish-number"


@dataclass(frozen=True)
class PublishPaths:
    """The two folders.

    Attributes:
        readers: What readers see: the published file, its manifest, earlier builds.
        private: The build files with all layers, including raw rows.
    """

    readers: Path
    private: Path

    @classmethod
    def of(cls, settings: Settings) -> PublishPaths:
        """PUBLISH_FOLDER and BUILDS_FOLDER."""
        return cls(settings.publish_folder, settings.builds_folder)

    @property
    def published(self) -> Path:
        """The file that readers open."""
        return self.readers / DATABASE

    @property
    def manifest(self) -> Path:
        """The manifest of the published file."""
        return self.readers / MANIFEST

    @property
    def reported(self) -> Path:
        """The metrics that publishes have reported."""
        return self.readers / FILE

    @property
    def alerts_sent(self) -> Path:
        """The ids of the alerts that `make notify` has sent, each with the time."""
        return self.private / "alerts_sent.json"

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

    def kept_manifests(self) -> list[Manifest]:
        """The manifests of the kept builds, oldest first."""
        found = (
            manifests.read(file)
            for file in (self.readers / "builds").glob(f"[0-9]*/{MANIFEST}")
        )
        return sorted((m for m in found if m), key=manifests.order)

    def kept_ids(self) -> list[str]:
        """The ids of the kept builds, oldest first."""
        return [manifest["build_id"] for manifest in self.kept_manifests()]

    def make(self) -> None:
        """Create both folders; only the owner can access the private one.

        Raises:
            OSError: One of them cannot be created, or is not writable.
        """
        for folder in (self.readers, self.readers / "builds"):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                folder.chmod(0o755)  # readers have access, whatever the umask
        self.private.mkdir(parents=True, exist_ok=True)
        self.private.chmod(0o700)
        for folder in (self.readers, self.private):
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(f"{folder} is not writable.")

    def candidates(self, build_id: str) -> tuple[Path, Path]:
        """New folders for unfinished private and published files."""
        folders = (
            self.private / f"{UNFINISHED}{build_id}",
            self.readers / f"{UNFINISHED}{build_id}",
        )
        for folder in folders:
            folder.mkdir()
        folders[1].chmod(0o755)
        return folders

    def remove_candidates(self) -> None:
        """Remove what a failed or killed publish left unfinished."""
        for folder in (self.private, self.readers):
            for left in folder.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()

    def forget(self, build_id: str) -> None:
        """Remove both files of a build."""
        for folder in (self.kept(build_id), self.built(build_id)):
            shutil.rmtree(folder, ignore_errors=True)

    def remove_halves(self) -> None:
        """Remove builds with only one of their two files, left by a killed publish."""
        kept = set(self.kept_ids())
        if published := manifests.read(self.manifest):
            kept.add(published["build_id"])
        for folder in (self.readers / "builds").glob("[0-9]*"):
            if folder.name not in kept and _holds_a_build(folder):
                shutil.rmtree(folder)
        for folder in self.private.glob("[0-9]*"):
            if folder.name not in kept and _holds_a_build(folder):
                shutil.rmtree(folder)

    def new_id(self) -> str:
        """An id for a build: the UTC time.

        Builds are ordered by publish number, not by id. An existing id is never reused,
        even if the clock is set back.
        """
        while True:
            moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%fZ")
            if not (self.built(moment).exists() or self.kept(moment).exists()):
                return moment

    def new_number(self) -> int:
        """The next publish number, never used in this folder before."""
        counter = self.readers / LAST_NUMBER
        numbers = [manifests.order(manifest)[0] for manifest in self.kept_manifests()]
        with suppress(OSError, ValueError):
            numbers.append(int(counter.read_text(encoding="utf-8")))
        number = max(numbers, default=0) + 1
        counter.write_text(f"{number}\n", encoding="utf-8")
        return number


def _holds_a_build(folder: Path) -> bool:
    """Whether a folder contains only the files of a build."""
    return folder.is_dir() and all(
        file.name.startswith((DATABASE, MANIFEST, UNFINISHED))
        for file in folder.iterdir()
    )


def sync(path: Path) -> None:
    """Flush a file, or a folder's entries, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Open the published file as a reader should: sandboxed, and never a stale build.

with Published() as published:
    published.query("select * from marts.monthly_churn").fetchall()
"""

from __future__ import annotations

from pathlib import Path

from pipeline.publish.paths import PublishPaths
from pipeline.sealed import SealedFile
from pipeline.settings import read_settings


class Published(SealedFile):
    """The currently published file, sealed; a new publish is picked up by itself."""

    def __init__(self, file: Path | None = None) -> None:
        """The file is opened by the first query.

        Args:
            file: The published file; by default where `make publish` puts it.
        """
        super().__init__(file or PublishPaths.of(read_settings()).published)

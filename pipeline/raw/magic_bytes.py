"""The first bytes of a file, and what they say that it is."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

from pipeline.raw.findings import Finding

MAGIC = {
    b"\x1f\x8b": ("compressed", "gzip"),
    b"PK\x03\x04": ("compressed", "a zip archive or an Excel workbook"),
    b"\x28\xb5\x2f\xfd": ("compressed", "zstd"),
    b"BZh": ("compressed", "bzip2"),
    b"\xfd7zXZ\x00": ("compressed", "xz"),
    b"PAR1": ("not_csv", "Parquet"),
    b"\xd0\xcf\x11\xe0": ("not_csv", "an old Excel workbook"),
    b"SQLite format 3\x00": ("not_csv", "a SQLite database"),
    b"%PDF": ("not_csv", "PDF"),
    b"<": ("not_csv", "HTML or XML (a login page, saved as the export?)"),
    b"{": ("not_csv", "JSON"),
    b"[{": ("not_csv", "JSON"),
}


def read_start(finding: Finding, path: Path, size: int) -> bytes | None:
    """A file's first bytes; none, with a problem, where there are none to read."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            finding.add("not_a_file", "it is a folder; expected a file.")
        elif not stat.S_ISREG(status.st_mode):
            finding.add("not_a_file", "it is a pipe or device; expected a plain file.")
        elif not status.st_size:
            finding.add(
                "empty_file",
                "the file has no bytes: the export failed, or is not finished. A table"
                " without rows still has its header.",
            )
        else:
            with path.open("rb") as file:
                return file.read(size)
    except FileNotFoundError:
        finding.add("missing_file", "it is a broken link. Fix the link.")
    except PermissionError:
        finding.add("no_permission", "the file cannot be read. Grant read permission.")
    except OSError as error:
        finding.add("unreadable", f"the file cannot be read: {error.strerror}.")
    return None


def looks_like(start: bytes) -> str:
    """What a file's first bytes say that it is, for a message."""
    for magic, (_, what) in MAGIC.items():
        if start.removeprefix(codecs.BOM_UTF8).startswith(magic):
            return f"; it looks like {what}"
    return ""

"""The manifest: a JSON document next to the published file that describes it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from datetime import date, datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.project import ROOT
from quality.results import Gate, GateResult

Manifest = dict[str, Any]


def make(
    build_id: str,
    as_of_date: date,
    *,
    publish_number: int,
    file_hash: str,
    marts: dict[str, dict[str, object]],
    headlines: dict[str, str],
    inputs: dict[str, int],
    gates: dict[Gate, GateResult],
    made_from: Mapping[str, Mapping[str, Any]] | None = None,
) -> Manifest:
    """The manifest of a build.

    Args:
        build_id: Its id.
        as_of_date: The as-of date of its metrics.
        publish_number: Orders builds; it only increases, even if the clock is set back.
        file_hash: SHA-256 of the published file.
        marts: Rows and hash by mart.
        headlines: The headline metrics, formatted for display.
        inputs: Rows of each raw table.
        gates: Results of the gates.
        made_from: Fingerprints of its inputs, rules and vars (`fingerprints`).
    """
    return {
        "build_id": build_id,
        "publish_number": publish_number,
        "built_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "as_of_date": as_of_date.isoformat(),
        "git_revision": _git_revision(),
        "versions": {name: version(name) for name in ("dbt-core", "duckdb")},
        "file_sha256": file_hash,
        "headlines": headlines,
        "inputs": inputs,
        "made_from": made_from or {},
        "marts": marts,
        "gates": {gate: said(result) for gate, result in gates.items()},
    }


def said(result: GateResult) -> dict[str, Any]:
    """What a gate said: how many checks it made, and each failure and warning."""
    return {
        "passed": result.passed,
        "checks": sum(suite.checks for suite in result.suites),
        "failed": [line for s in result.suites for line in s.failed_critical],
        "warnings": [
            f"{suite.table}: {line}"
            for suite in result.suites
            for line in suite.warnings
        ],
    }


def read(file: Path) -> Manifest | None:
    """A manifest; None where none can be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "build_id" in found else None


def order(manifest: Manifest) -> tuple[int, str]:
    """The sort key of builds: the publish number.

    Builds without a number are older and come first, by id.
    """
    return int(manifest.get("publish_number", 0)), str(manifest["build_id"])


def write(manifest: Manifest, file: Path, mode: int = 0o644) -> None:
    """Write a manifest, or another small JSON document, atomically."""
    unfinished = file.with_name(f".candidate-{file.name}")
    with unfinished.open("w", encoding="utf-8") as opened:
        json.dump(manifest, opened, indent=2)
        opened.write("\n")
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.chmod(mode)
    unfinished.replace(file)


def changes(before: Manifest | None, after: Manifest) -> list[str]:
    """Which marts changed since the last publish, and by how many rows."""
    if before is None:
        return ["Nothing was published before."]
    old, new = before["marts"], after["marts"]
    changed = [
        f"  {name}: {old[name]['rows']:,} rows, now {mart['rows']:,}"
        for name, mart in new.items()
        if name in old and mart["hash"] != old[name]["hash"]
    ]
    lines = [f"{len(changed)} of {len(new)} marts changed since {before['build_id']}."]
    lines += changed
    lines += [f"  {name}: new" for name in new if name not in old]
    lines += [f"  {name}: removed" for name in old if name not in new]
    return lines


def _git_revision() -> str | None:
    """The checked-out commit, `-dirty` with uncommitted changes; None without git."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()

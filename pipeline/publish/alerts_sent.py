"""The ids of the alerts that `make notify` has sent, each with the time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pipeline.console import display_path
from pipeline.project import InputError
from pipeline.publish import manifest as manifests


def read(file: Path) -> dict[str, str]:
    """When each alert was sent, by its id; empty where there is no file.

    Raises:
        InputError: The file cannot be read.
    """
    if not file.exists():
        return {}
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise InputError(
            f"{display_path(file)} cannot be read: restore it from a backup, or remove"
            " it and run once with --mark-as-sent."
        ) from None


def write(file: Path, sent: Mapping[str, str]) -> None:
    """Write the whole file, in one step."""
    manifests.write(dict(sent), file, 0o600)


def replace_account(file: Path, account_id: str, replacement: str) -> int:
    """Replace an account's id in those of its alerts; how many.

    Raises:
        InputError: The file cannot be read.
    """
    start = f"{account_id}|"
    sent = read(file)
    of_account = [one for one in sent if one.startswith(start)]
    for one in of_account:
        sent[f"{replacement}|{one.removeprefix(start)}"] = sent.pop(one)
    if of_account:
        write(file, sent)
    return len(of_account)

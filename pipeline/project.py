"""The dbt project: its folder and its vars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent


class InputError(Exception):
    """What the user gave cannot be used; the message says why and how to fix it."""


def project_vars() -> dict[str, Any]:
    """The vars of `dbt_project.yml`, with their defaults."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(project["vars"])

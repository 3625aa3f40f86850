"""The dbt project: its folder and its vars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pipeline import environment

ROOT = Path(__file__).resolve().parent.parent


class InputError(Exception):
    """What the user gave cannot be used; the message says why and how to fix it."""


def default_vars() -> dict[str, Any]:
    """The vars of `dbt_project.yml`."""
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(project["vars"])


def project_vars() -> dict[str, Any]:
    """The vars of `dbt_project.yml`, and over them those of the file VARS_FILE."""
    return default_vars() | vars_of_file()


def vars_of_file() -> dict[str, Any]:
    """The vars in the YAML file that VARS_FILE names, such as those of one company.

    Raises:
        InputError: The file is not there, or holds no mapping.
    """
    given = environment.value("VARS_FILE")
    if not given:
        return {}
    try:
        text = (ROOT / Path(given).expanduser()).read_text(encoding="utf-8")
        written = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or "it is not YAML"
        raise InputError(f"VARS_FILE is {given}: {reason}") from None
    if not isinstance(written, dict):
        raise InputError(f"VARS_FILE is {given}: expected lines like `name: value`")
    return written

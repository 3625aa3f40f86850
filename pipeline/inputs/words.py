"""Words and names of the user's within a message, and within SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from pipeline.project import ROOT


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest, or nothing."""
    lowered = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), lowered, 1, 0.6)
    return f" Did you mean `{shown(lowered[near[0]])}`?" if near else ""


def has(names: Sequence[str]) -> str:
    """A sentence that says which columns there are, the first ones."""
    some = ", ".join(shown(name) for name in names[:12])
    more = ", …" if len(names) > 12 else ""
    return f" It has {some}{more}." if names else " There is no other column."


def shown(value: object) -> str:
    """Something of the user's within a message: on one line, and not too long."""
    text = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in str(value)
    )
    return text if len(text) <= 100 else f"{text[:99]}…"


def shown_path(path: Path) -> str:
    """A path within a message: from the project's root, where it is in it."""
    short = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in str(short)
    )


def glob_text(path: object) -> str:
    """A path in which no character is a wildcard, as macro `glob_text` has it."""
    return re.sub(r"([*?[])", r"[\1]", str(path))


def sql_text(text: object) -> str:
    """A text literal of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def sql_name(name: str) -> str:
    """A quoted name of SQL."""
    return '"' + name.replace('"', '""') + '"'

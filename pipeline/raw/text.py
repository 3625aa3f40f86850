"""Names and values of the user's within a message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

SECRETS = re.compile(
    r"\b(password|passwd|pwd|secret|token|user|uid)(\s*=\s*)('[^']*'|[^;&\s]+)", re.I
)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest, or nothing."""
    lowered = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), lowered, 1, 0.6)
    return f" Did you mean `{display(lowered[near[0]])}`?" if near else ""


def has(names: Sequence[str]) -> str:
    """A sentence that says which columns there are, the first ones."""
    some = ", ".join(display(name) for name in names[:12])
    more = ", …" if len(names) > 12 else ""
    return f" It has {some}{more}." if names else " There is no other column."


def display(value: object) -> str:
    """Something of the user's within a message: on one line, and not too long."""
    text = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in str(value)
    )
    return text if len(text) <= 100 else f"{text[:99]}…"


def without_credentials(place: str) -> str:
    """A URL or connection string without user, password and options, on one line."""
    scheme, separator, rest = place.partition("://")
    if separator:
        # all before the last @ may be password, whatever characters it has
        place = scheme + separator + re.split("[?#;]", rest.rpartition("@")[2])[0]
    return display(SECRETS.sub(r"\1\2***", place))

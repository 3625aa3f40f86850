"""Texts, names and paths written into SQL for DuckDB."""

from __future__ import annotations

import re


def sql_text(text: object) -> str:
    """A string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def sql_name(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def glob_text(path: object) -> str:
    """A glob pattern that matches this path only: no character is a wildcard."""
    return re.sub(r"([*?[])", r"[\1]", str(path))


def without_exponent(text: str) -> str:
    """SQL: 6.2e-05 as 0.000062, 1e+20 as 100000000000000000000: digits, moved."""
    form = "^(-?)([0-9])[.]?([0-9]*)e([+-]?[0-9]+)$"

    def part(number: int) -> str:
        return f"regexp_extract({text}, '{form}', {number})"

    digits = f"{part(2)} || {part(3)}"
    exponent = f"try_cast({part(4)} as integer)"
    return (
        f"case when not contains({text}, 'e') then {text}"
        f" when not regexp_matches({text}, '{form}') then {text}"
        f" when {exponent} < 0"
        f" then {part(1)} || '0.' || repeat('0', -{exponent} - 1) || {digits}"
        f" else {part(1)} || rpad({digits}, {exponent} + 1, '0') end"
    )

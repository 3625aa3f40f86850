"""What counts as an e-mail address; macros/engine/address_pattern.sql has the same."""

from __future__ import annotations

from pipeline.sql import sql_text

ADDRESS = r"([^\s@\x{FF20}])(@|\x{FF20}|%40)([\p{L}\p{N}_-]+[.])+\p{L}[\p{L}\p{N}-]+"


def has_address(text: str) -> str:
    """SQL: whether a text holds an e-mail address."""
    return f"regexp_matches({text}, {sql_text(ADDRESS)})"

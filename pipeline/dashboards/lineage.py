"""The queries of a dashboard, and the marts they read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

_MART = re.compile(r"\bmarts\.(\w+)")


def marts_in(sql: str) -> set[str]:
    """The marts that a text names."""
    return set(_MART.findall(sql))


def queries(dashboard: Path) -> dict[str, str]:
    """The SQL of a dashboard's queries by name, including those inside charts."""
    read = yaml.safe_load(dashboard.read_text(encoding="utf-8"))
    return dict(_queries(read))


def marts(dashboard: Path) -> set[str]:
    """The marts that a dashboard reads, including those for its filter options."""
    read = yaml.safe_load(dashboard.read_text(encoding="utf-8"))
    texts = [*queries(dashboard).values()]
    texts += [str(v.get("column", "")) for v in (read.get("variables") or {}).values()]
    return {mart for text in texts for mart in marts_in(text)}


def _queries(node: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """All values of `queries`, `query` or `sql`, at any depth."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "queries" and isinstance(value, Mapping):
                for query, given in value.items():
                    sql = given if isinstance(given, str) else given.get("sql", "")
                    yield str(query), str(sql)
            elif key in ("query", "sql") and isinstance(value, str) and " " in value:
                yield name, value
            else:
                yield from _queries(value, str(key))
    elif isinstance(node, list):
        for value in node:
            yield from _queries(value, name)

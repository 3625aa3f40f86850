"""What a board's queries are, and which marts they read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

_MART = re.compile(r"\bmarts\.(\w+)")


def queries(board: Path) -> dict[str, str]:
    """The SQL of a board's queries, by name; those inside a chart too."""
    read = yaml.safe_load(board.read_text(encoding="utf-8"))
    return dict(_queries(read))


def marts(board: Path) -> set[str]:
    """The marts that a board reads, for the options of its filters, too."""
    read = yaml.safe_load(board.read_text(encoding="utf-8"))
    texts = [*queries(board).values()]
    texts += [str(v.get("column", "")) for v in (read.get("variables") or {}).values()]
    return {mart for text in texts for mart in _MART.findall(text)}


def _queries(node: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Whatever stands under `queries`, `query` or `sql`, however deep."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "queries" and isinstance(value, Mapping):
                for query, said in value.items():
                    sql = said if isinstance(said, str) else said.get("sql", "")
                    yield str(query), str(sql)
            elif key in ("query", "sql") and isinstance(value, str) and " " in value:
                yield name, value
            else:
                yield from _queries(value, str(key))
    elif isinstance(node, list):
        for value in node:
            yield from _queries(value, name)

"""Each mart has a second implementation, or a line in not_yet.yml that has to go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from tests.oracle.compare import MARTS, NOT_YET

ROOT = Path(__file__).resolve().parents[2]
MODELS = {path.stem for path in (ROOT / "models" / "marts").rglob("*.sql")}


def wrong(
    marts: Collection[str], compared: Collection[str], not_yet: Mapping[str, str]
) -> list[str]:
    """What does not match: the marts, their second implementations and the list."""
    missing = {*marts} - {*compared} - {*not_yet}
    return [
        *(f"{m}: add it to tests/oracle, or to not_yet.yml" for m in sorted(missing)),
        *(f"{m}: no such mart" for m in sorted({*compared, *not_yet} - {*marts})),
        *(
            f"{m}: it is compared now, remove it from not_yet.yml"
            for m in sorted({*not_yet} & {*compared})
        ),
        *(
            f"{m}: give a reason"
            for m, reason in not_yet.items()
            if not (isinstance(reason, str) and len(reason.split()) > 3)
        ),
    ]


def test_every_mart_is_compared_or_listed() -> None:
    assert len(MODELS) > 40
    assert wrong(MODELS, MARTS, NOT_YET) == []


WHY = "its rule is still discussed"


@pytest.mark.parametrize(
    ("marts", "compared", "not_yet", "found"),
    [
        ({"a", "b"}, {"a"}, {"b": WHY}, []),
        ({"a", "b"}, {"a"}, {}, ["b: add it to tests/oracle, or to not_yet.yml"]),
        ({"a"}, {"a"}, {"b": WHY}, ["b: no such mart"]),
        ({"a"}, {"a", "b"}, {}, ["b: no such mart"]),
        (
            {"a"},
            {"a"},
            {"a": WHY},
            ["a: it is compared now, remove it from not_yet.yml"],
        ),
        ({"a", "b"}, {"a"}, {"b": "later"}, ["b: give a reason"]),
    ],
)
def test_the_list_only_gets_shorter(
    marts: set[str], compared: set[str], not_yet: dict[str, str], found: list[str]
) -> None:
    assert wrong(marts, compared, not_yet) == found

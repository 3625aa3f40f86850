"""What it takes to get to the next health band, from decision 12 alone."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .arithmetic import exact, half_up

HIGHEST = 100  # of a component other than usage

Scores = Mapping[str, Decimal]  # of the components that are known


def weighted(weights: Mapping[str, Fraction], scores: Scores) -> int | None:
    """The weighted mean, rounded to four places and then to an integer (rule 62)."""
    weight = sum((weights[name] for name in scores), Fraction(0))
    if not weight:
        return None
    total = sum((weights[n] * exact(s) for n, s in scores.items()), Fraction(0))
    mean = half_up(total / weight, 4)
    return int(half_up(exact(mean), 0))


def next_band_from(steps: list[dict[str, Any]], score: int | None) -> int | None:
    """The first integer of the band above; None in the highest, or without a score."""
    if score is None:
        return None
    for step in steps:
        highest = step["max_score"]
        if highest is None:
            return None
        if score <= highest:
            return math.floor(float(highest)) + 1
    return None


def one_band_up(
    weights: Mapping[str, Fraction], scores: Scores, target: int | None, usage_cap: int
) -> str | None:
    """The component that gets there alone with the fewest points, and from where to."""
    if target is None:
        return None
    best: tuple[Decimal, str] | None = None
    for name, score in scores.items():  # in the order that decides between equals
        highest = usage_cap if name == "usage" else HIGHEST
        above = range(math.floor(score) + 1, math.floor(highest) + 1)

        def is_enough(value: int, name: str = name) -> bool:
            reached = weighted(weights, {**scores, name: Decimal(value)})
            return reached is not None and reached >= target

        at = bisect_left(above, True, key=is_enough)
        if at < len(above):
            points = above[at] - score
            if best is None or points < best[0]:
                best = points, f"{name} from {_whole(score)} to {above[at]}"
    return best[1] if best else None


def _whole(score: Decimal) -> str:
    return str(math.floor(score))

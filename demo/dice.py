"""The only sources of chance of the demo: `Random.random()` and plain arithmetic.

libm and the library's other distributions may differ in the last bit from one platform
or version to the next.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

Item = TypeVar("Item")


def chance(dice: Random, share: float) -> bool:
    """True with this probability."""
    return dice.random() < share


def between(dice: Random, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return low + int(dice.random() * (high - low + 1))


def noise(dice: Random) -> float:
    """A number within -1..1, usually near 0."""
    return (dice.random() + dice.random() + dice.random()) / 1.5 - 1


def pick(dice: Random, items: Sequence[Item]) -> Item:
    """One of the items."""
    return items[int(dice.random() * len(items))]


def weighted(dice: Random, weights: Mapping[Item, float]) -> Item:
    """One of the keys, with probabilities by weight."""
    left = dice.random() * sum(weights.values())
    *others, last = weights
    for key in others:
        left -= weights[key]
        if left < 0:
            return key
    return last

"""From which terms a model of renewals is fitted, and how, from decision 12 alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .arithmetic import add_months
from .entities import Context, RenewalModel
from .forecast import HORIZONS, decided_terms, features, seen_before

ENOUGH_TERMS, ENOUGH_OF_EACH = 50, 10
STEPS = 50
CLOSE = 1e-13

Matrix = list[list[float]]


@dataclass(frozen=True)
class Sample:
    """A decided term as seen some days before, and its share of one."""

    features: dict[str, float]
    was_renewed: bool
    weight: float


def samples(ctx: Context, day: date) -> list[Sample]:
    """The terms that were decided before a day, each as seen from every horizon."""
    return [
        Sample(features(ctx, seen.term, seen.day), seen.was_renewed, 1 / len(HORIZONS))
        for horizon_days in HORIZONS
        for seen in seen_before(ctx, horizon_days)
        if seen.term.due_on < day
    ]


def days_to_fit(ctx: Context) -> list[date]:
    """The first days of quarters before which enough terms were decided."""
    decided = decided_terms(ctx)
    if not decided:
        return []
    first = decided[0][0].due_on
    day = date(first.year, (first.month - 1) // 3 * 3 + 1, 1)
    found = []
    while day <= ctx.as_of:
        outcomes = [renewed for term, renewed in decided if term.due_on < day]
        renewed = sum(outcomes)
        if (
            len(outcomes) >= ENOUGH_TERMS
            and min(renewed, len(outcomes) - renewed) >= ENOUGH_OF_EACH
        ):
            found.append(day)
        day = add_months(day, 3)
    return found


def solve(matrix: Matrix, right: Matrix) -> Matrix:
    """X of matrix X = right, by elimination with the largest pivot."""
    size = len(matrix)
    rows = [[*matrix[n], *right[n]] for n in range(size)]
    for n in range(size):
        pivot = max(range(n, size), key=lambda row: abs(rows[row][n]))
        rows[n], rows[pivot] = rows[pivot], rows[n]
        rows[n] = [value / rows[n][n] for value in rows[n]]
        for row in range(size):
            if row != n and rows[row][n]:
                factor = rows[row][n]
                rows[row] = [
                    mine - factor * theirs
                    for mine, theirs in zip(rows[row], rows[n], strict=True)
                ]
    return [row[size:] for row in rows]


def fit(
    of: Sequence[Sample], names: Sequence[str], penalty: float, trained_until: date
) -> RenewalModel:
    """Newton's steps to the largest likelihood less penalty / 2 x sum of squares.

    The intercept is not penalised; the covariances are the inverse of the curvature.
    """
    inputs = [[sample.features.get(name, 0.0) for name in names] for sample in of]
    size = len(names)
    penalties = [0.0 if name == "intercept" else penalty for name in names]
    coefficients = [0.0] * size
    curvature: Matrix = []
    for _ in range(STEPS):
        slope = [-p * b for p, b in zip(penalties, coefficients, strict=True)]
        curvature = [
            [penalties[i] if i == j else 0.0 for j in range(size)] for i in range(size)
        ]
        for sample, x in zip(of, inputs, strict=True):
            logit = math.fsum(b * v for b, v in zip(coefficients, x, strict=True))
            share = 1 / (1 + math.exp(-logit))
            for i in range(size):
                slope[i] += sample.weight * (sample.was_renewed - share) * x[i]
                for j in range(size):
                    curvature[i][j] += sample.weight * share * (1 - share) * x[i] * x[j]
        step = [row[0] for row in solve(curvature, [[value] for value in slope])]
        coefficients = [b + s for b, s in zip(coefficients, step, strict=True)]
        if max(map(abs, step)) < CLOSE:
            break
    one = [[float(i == j) for j in range(size)] for i in range(size)]
    inverse = solve(curvature, one)
    return RenewalModel(
        trained_until,
        dict(zip(names, coefficients, strict=True)),
        {(names[i], names[j]): inverse[i][j] for i in range(size) for j in range(size)},
    )

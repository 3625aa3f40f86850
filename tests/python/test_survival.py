"""The survival curve in plain SQL against lifelines' Kaplan-Meier estimate."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from lifelines import KaplanMeierFitter  # type: ignore[import-untyped]

from tests.python.compiled import Compiled, Warehouse
from tests.python.conftest import COMPILED

TOLERANCE = 1e-9
COLUMNS = {"account_id": "varchar", "tenure_months": "bigint", "is_paying": "boolean"}

Life = tuple[int, bool]  # complete months paid, and whether it still pays


def differences(lives: Sequence[Life], curve: Sequence[dict[str, Any]]) -> list[str]:
    """Where the curve, or its interval, is not the one of lifelines."""
    fitter = KaplanMeierFitter().fit(
        [tenure for tenure, _ in lives],
        event_observed=[not is_paying for _, is_paying in lives],
        timeline=range(max(tenure for tenure, _ in lives) + 1),
    )
    bounds = fitter.confidence_interval_survival_function_
    found = []
    for row, survival, (lower, upper) in zip(
        curve, fitter.survival_function_.iloc[:, 0], bounds.to_numpy(), strict=True
    ):
        expected = {"survival_rate": survival}
        # At 1 the interval has no width, and at 0 none is known (rule 32).
        if 0 < survival < 1:
            expected |= {"survival_lower": lower, "survival_upper": upper}
        found += [
            f"{column} at {row['tenure_month']}: {row[column]}, lifelines has {value}"
            for column, value in expected.items()
            if not math.isclose(row[column], value, rel_tol=0, abs_tol=TOLERANCE)
        ]
    return found


def curve_of(compiled: Compiled, lives: Sequence[Life]) -> list[dict[str, Any]]:
    warehouse = Warehouse(compiled)
    rows = [(str(n), *life) for n, life in enumerate(lives)]
    warehouse.give_rows("int_paying_accounts", COLUMNS, rows)
    found = warehouse.rows("int_tenure_survival")
    return sorted(
        (row for row in found if row["is_observed"]),
        key=lambda row: row["tenure_month"],
    )


@pytest.mark.xdist_group(COMPILED)
@pytest.mark.parametrize("seed", range(40))
def test_random_tenures(compiled: Compiled, seed: int) -> None:
    chance = random.Random(seed)
    longest = chance.choice([1, 3, 12, 60])
    still_paying = chance.choice([0.0, 0.3, 0.9])
    lives = [
        (chance.randint(0, longest), chance.random() < still_paying)
        for _ in range(chance.choice([1, 5, 40, 900]))
    ]
    assert differences(lives, curve_of(compiled, lives)) == []


@pytest.mark.xdist_group(COMPILED)
def test_censored_is_not_churned(compiled: Compiled) -> None:
    churned = [(2, False), (3, False), (5, True)]
    taken_for_churned = [(2, False), (3, False), (5, False)]
    assert differences(taken_for_churned, curve_of(compiled, churned)) != []


def test_the_demo(demo_database: Path) -> None:
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        lives: list[Life] = connection.execute(
            "select tenure_months, is_paying from marts.customer_lifetime_value"
        ).fetchall()
        found = connection.execute(
            "select * from marts.tenure_survival order by tenure_month"
        )
        names = [column[0] for column in found.description or ()]
        curve = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    assert len(lives) > 100
    assert differences(lives, curve) == []

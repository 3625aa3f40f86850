"""What kpi_monthly calls unusual: planted breaks are found, clean series are not."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pytest

from tests.python.compiled import Compiled, Warehouse
from tests.python.conftest import COMPILED

SERIES = 100  # of each kind
Values = list[float | None]

pytestmark = pytest.mark.xdist_group(COMPILED)


def month(number: int) -> date:
    return date(2020 + number // 12, number % 12 + 1, 1)


def ranges(
    compiled: Compiled, series: Mapping[str, Values], open_months: Iterable[int] = ()
) -> dict[tuple[str, int], dict[str, Any]]:
    """The rows of kpi_monthly, by metric and number of the month."""
    warehouse = Warehouse(compiled)
    warehouse.give_rows(
        "kpi_values",
        {
            "date_month": "date",
            "metric": "varchar",
            "value": "double",
            "lower": "double",
            "upper": "double",
            "is_small_sample": "boolean",
            "is_complete_month": "boolean",
        },
        [
            (month(n), metric, value, None, None, False, n not in open_months)
            for metric, values in series.items()
            for n, value in enumerate(values)
        ],
    )
    warehouse.give_rows(
        "metric_catalogue",
        dict.fromkeys(("metric", "direction", "journey_phase", "strategy"), "varchar"),
        [(metric, "up", "retention", "stability") for metric in series],
    )
    warehouse.give_rows(
        "figures_reported",
        {"metric": "varchar", "date_month": "date", "value": "double", "cause": "text"},
        [],
    )
    numbers = {month(n): n for n in range(max(len(s) for s in series.values()))}
    return {
        (row["metric"], numbers[row["date_month"]]): row
        for row in warehouse.rows("kpi_monthly")
    }


def unusual(row: Mapping[str, Any]) -> tuple[bool | None, float | None, float | None]:
    return row["is_unusual"], row["expected_lower"], row["expected_upper"]


def grown(months: int, last: float) -> Values:
    """Changes of 95 and 105 by turns, up to a month before that of `last`."""
    values = [100.0 * n - (5 if n % 2 else 0) for n in range(months)]
    return [*values, last]


def test_the_worked_example(compiled: Compiled) -> None:
    expected = 2400 + 100
    width = 4 * 1.4826 * 5
    series = {
        "as_before": grown(25, expected + 29.6),
        "too_high": grown(25, expected + 29.7),
        "too_low": grown(25, expected - 29.7),
        "unknown": [*grown(25, 0)[:-1], None],
    }
    found = ranges(compiled, series)
    for metric, is_unusual in (
        ("as_before", False),
        ("too_high", True),
        ("too_low", True),
    ):
        verdict, lower, upper = unusual(found[metric, 25])
        assert verdict is is_unusual
        assert lower == pytest.approx(expected - width)
        assert upper == pytest.approx(expected + width)
    assert unusual(found["unknown", 25]) == (None, None, None)


def test_twelve_changes_are_needed(compiled: Compiled) -> None:
    found = ranges(compiled, {"metric": grown(40, 0)})
    assert unusual(found["metric", 12]) == (None, None, None)  # eleven before it
    assert found["metric", 13]["is_unusual"] is False


def test_the_month_before_must_be_known(compiled: Compiled) -> None:
    values = grown(20, 0)
    values[18] = None
    found = ranges(compiled, {"metric": values})
    assert unusual(found["metric", 19]) == (None, None, None)


def test_an_open_month_has_no_range_and_is_in_none(compiled: Compiled) -> None:
    found = ranges(compiled, {"metric": grown(25, 99_999)}, open_months=[25])
    assert unusual(found["metric", 25]) == (None, None, None)


def test_of_a_metric_that_rarely_changes_the_mean_distance_counts(
    compiled: Compiled,
) -> None:
    changes = [0] * 24
    changes[3], changes[9] = 10, -10
    quiet: Values = [50.0]
    for change in changes:
        quiet.append((quiet[-1] or 0) + change)
    width = 4 * 1.2533 * 20 / 24
    sevens: Values = [7.0] * 25
    found = ranges(
        compiled,
        {
            "quiet": [*quiet, 50 + width - 0.01],
            "loud": [*quiet, 50 + width + 0.01],
            "constant": [*sevens, 7.0],
            "moved": [*sevens, 8.0],
        },
    )
    assert found["quiet", 25]["is_unusual"] is False
    assert found["loud", 25]["is_unusual"] is True
    assert unusual(found["constant", 25]) == (False, 7, 7)
    assert found["moved", 25]["is_unusual"] is True


def test_three_years_make_it_seasonal(compiled: Compiled) -> None:
    """Every December doubles: a surprise without the years before, none with them."""
    dice = random.Random(17)
    values: Values = [
        (200 if n % 12 == 11 else 100) + dice.uniform(-3, 3) for n in range(48)
    ]
    flat: Values = [*values[:47], 100.0]
    found = ranges(compiled, {"seasonal": values, "no_christmas": flat})
    assert found["seasonal", 23]["is_unusual"] is True
    assert found["seasonal", 47]["is_unusual"] is False
    assert found["no_christmas", 47]["is_unusual"] is True


def random_walk(dice: random.Random, months: int) -> Values:
    level = dice.uniform(50, 500)
    values: Values = []
    for _ in range(months):
        level += dice.gauss(2, 5)
        values.append(level)
    return values


def test_planted_breaks_are_found_and_false_alarms_are_few(compiled: Compiled) -> None:
    """A break of ten standard deviations; four robust ones are exceeded by chance in
    about one month in a thousand, more where they rest on twelve changes."""
    dice = random.Random(20260920)
    clean = {f"clean{n}": random_walk(dice, 36) for n in range(SERIES)}
    broken: dict[str, tuple[Values, int]] = {}
    for n in range(SERIES):
        walk = random_walk(dice, 36)
        at = dice.randint(14, 35)
        sign = dice.choice([-1, 1])
        broken[f"broken{n}"] = (
            [
                (value or 0) + (50 * sign if number >= at else 0)
                for number, value in enumerate(walk)
            ],
            at,
        )
    found = ranges(compiled, {**clean, **{k: v for k, (v, _) in broken.items()}})

    marked = [found[metric, at]["is_unusual"] for metric, (_, at) in broken.items()]
    assert sum(marked) >= 0.95 * SERIES

    alarms = [
        row["is_unusual"]
        for (metric, _), row in found.items()
        if metric in clean and row["is_unusual"] is not None
    ]
    assert len(alarms) == SERIES * 23
    assert sum(alarms) <= 0.02 * len(alarms)


def test_the_noise_of_doubles_is_no_distance(compiled: Compiled) -> None:
    """A share that rests, but for its last digit and one break, has a MAD of 0."""
    rests: Values = [0.3 if n % 2 else 0.1 + 0.2 for n in range(26)]
    rests[5] = 0.5
    is_unusual, *bounds = unusual(ranges(compiled, {"rests": rests})["rests", 25])
    width = 4 * 1.2533 * (2 * 0.2) / 24
    assert not is_unusual
    assert bounds == pytest.approx([0.3 - width, 0.3 + width])

"""Decision 12's forecasts, on small cases whose right values are known by hand."""

from __future__ import annotations

import importlib
import math
from datetime import date
from fractions import Fraction
from random import Random

import pytest

from tests.oracle.entities import Context, RenewalModel
from tests.oracle.fitting import Sample, days_to_fit, fit, samples
from tests.oracle.forecast import (
    by_model,
    forecast_backtest,
    month_known,
    ntiles,
    renewal_forecast,
    tenure_years,
    usage_trend,
)
from tests.oracle.outlook import mrr_outlook, mrr_outlook_backtest, percentile_cont
from tests.oracle.test_rules import LOGINS, PERIODS, scope, written

JUNE = date(2024, 6, 30)


def company(as_of: date = JUNE) -> Context:
    """Two renewals and a loss; one due tomorrow, one cancelled, one without a term."""
    return scope(
        {
            "subscriptions": written(
                PERIODS,
                "S,A,team,year,1200,USD,2021-07-01,",
                "T,B,team,year,2400,USD,2022-03-01,2023-03-01",
                "U,C,team,year,1200,USD,2023-08-01,2024-08-01",
                "V,D,starter,month,50,USD,2024-01-01,",
            ),
            "logins": written(
                LOGINS,
                "1,u,A,2024-06-30 10:00",
                "2,u,A,2024-06-03 10:00",
                "3,u,A,2024-06-03 11:00",
                "4,v,A,2024-06-02 10:00",
            ),
        },
        as_of=as_of,
    )


def test_without_a_model_the_base_rate_holds() -> None:
    found = {row["account_id"]: row for row in renewal_forecast(company())}
    assert {who: row["due_on"] for who, row in found.items()} == {
        "A": date(2024, 7, 1),
        "C": date(2024, 8, 1),
    }
    row = found["A"]
    assert (row["plan"], row["mrr"]) == ("team", 100)
    assert row["probability"] == pytest.approx(2 / 3)
    assert row["expected_mrr"] == pytest.approx(200 / 3)
    z, n = 1.2815515655446004, 3
    centre = (2 / 3 + z * z / (2 * n)) / (1 + z * z / n)
    assert (row["probability_lower"] + row["probability_upper"]) / 2 == pytest.approx(
        centre
    )
    assert row["worst_mrr"] == pytest.approx(100 * row["probability_lower"])
    assert found["C"]["probability"] == found["C"]["best_mrr"] == 0
    first = renewal_forecast(company(date(2022, 6, 30)))
    assert [row["probability"] for row in first] == [None]


def test_a_renewal_of_today_is_not_in_todays_base_rate() -> None:
    ctx = company(date(2023, 3, 1))
    assert {row["probability"] for row in renewal_forecast(ctx)} == set()
    ctx = company(date(2023, 4, 2))
    assert {row["probability"] for row in renewal_forecast(ctx)} == {0.5}


def test_what_is_known_of_an_account() -> None:
    ctx = company()
    assert month_known(ctx, date(2024, 6, 29)) == date(2024, 5, 1)
    assert month_known(ctx, JUNE) == date(2024, 6, 1)
    assert tenure_years(ctx, "A", date(2024, 6, 1)) == 35 / 12
    assert tenure_years(ctx, "D", date(2023, 12, 1)) == 0
    # the 28 days to 06-30 begin on 06-03, those before end on 06-02
    assert usage_trend(ctx, "A", JUNE) == pytest.approx((2 - 1) / (2 + 1))
    assert usage_trend(ctx, "B", JUNE) == 0


def test_a_model() -> None:
    model = RenewalModel(
        date(2024, 1, 1),
        {"intercept": 1.0, "band=red": -2.0, "tenure_years": 0.5},
        {
            ("intercept", "intercept"): 0.04,
            ("intercept", "tenure_years"): -0.01,
            ("tenure_years", "intercept"): -0.01,
            ("tenure_years", "tenure_years"): 0.01,
            ("band=red", "band=red"): 9.0,
        },
    )
    likely = by_model(model, {"intercept": 1, "band=green": 1, "tenure_years": 2})
    spread = 1.2815515655446004 * math.sqrt(0.04 - 4 * 0.01 + 4 * 0.01)
    assert likely.value == pytest.approx(1 / (1 + math.exp(-2)))
    assert likely.lower == pytest.approx(1 / (1 + math.exp(-(2 - spread))))
    assert likely.upper == pytest.approx(1 / (1 + math.exp(-(2 + spread))))


def test_a_forecast_uses_the_newest_model_of_its_day() -> None:
    ctx = company()
    ctx.renewal_models = tuple(
        RenewalModel(day, {"intercept": intercept}, {})
        for day, intercept in (
            (date(2023, 1, 1), 0.0),
            (date(2024, 4, 1), 1.0),
            (date(2024, 7, 1), 2.0),
        )
    )
    found = {row["account_id"]: row["probability"] for row in renewal_forecast(ctx)}
    assert found["A"] == pytest.approx(1 / (1 + math.exp(-1)))
    backtest = forecast_backtest(ctx)
    # two as seen 30 days before; B as seen on 2022-12-31, or earlier, has no model
    found_in = [(row["horizon_days"], row["decile"]) for row in backtest]
    assert found_in == [(30, 1), (30, 2), (60, 1), (90, 1)]
    lost, renewed = backtest[:2]
    assert (lost["renewed_share"], lost["brier"]) == (0, 0.25)
    assert (
        lost["brier_base_rate"] == lost["brier_health_band"] == 1
    )  # A, the year before
    assert (renewed["renewed_share"], renewed["brier"]) == (1, 0.25)
    assert renewed["brier_base_rate"] == 0.25


def test_the_first_parts_are_the_larger_ones() -> None:
    assert ntiles(13, 10) == [1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10]
    assert ntiles(2, 10) == [1, 2]
    assert percentile_cont([3, 1, 2, 11], Fraction(9, 10)) == pytest.approx(8.6)


def test_an_outlook() -> None:
    rows = mrr_outlook(company())
    assert [row["months_ahead"] for row in rows] == [*range(1, 13)]
    assert (rows[0]["date_month"], rows[11]["date_month"]) == (
        date(2024, 7, 1),
        date(2025, 6, 1),
    )
    assert [row["committed_mrr"] for row in rows[:3]] == [250, 150, 150]
    assert [row["contracted_mrr"] for row in rows[:2]] == [100, 0]
    expected = [row["expected_mrr"] for row in rows]
    assert expected[:2] == pytest.approx([100 * 2 / 3 + 150, 100 * 2 / 3 + 50])
    assert expected[11] == pytest.approx(100 * 2 / 3 + 50)
    assert {row["trailing_new_mrr"] for row in rows} == {12.5}
    # 35 outlooks of a month ahead; A is all there is up to 2022-02
    assert rows[0]["lower"] is not None and rows[11]["lower"] is not None


def test_an_outlook_of_the_past() -> None:
    found = {
        (row["made_on"], row["months_ahead"]): row
        for row in mrr_outlook_backtest(company())
    }
    assert len(found) == sum(min(12, n) for n in range(1, 36))
    # on 2023-02-28 A and B paid, and one renewal of one was known
    row = found[date(2023, 2, 28), 1]
    assert (row["expected_mrr"], row["actual_mrr"]) == (300, 100)
    assert (row["error"], row["is_within_interval"]) == (-200, False)
    # half of two were renewed by 2023-06-30: A's due date is in July
    assert found[date(2023, 6, 30), 1]["expected_mrr"] == 50
    assert found[date(2023, 6, 30), 12]["actual_mrr"] == 100
    # what had been scheduled for C is not known today, and its renewal is
    assert found[date(2024, 5, 31), 1]["expected_mrr"] == pytest.approx(250)


def test_a_fit() -> None:
    random = Random(7)
    names = ["intercept", "band=red", "tenure_years"]
    of = []
    for _ in range(200):
        known = {"intercept": 1.0, "tenure_years": random.random() * 4}
        if random.random() < 0.3:
            known["band=red"] = 1.0
        logit = 1 + 0.3 * known["tenure_years"] - 2 * known.get("band=red", 0)
        was_renewed = random.random() < 1 / (1 + math.exp(-logit))
        of.append(Sample(known, was_renewed, 1 / 3))
    penalty = 0.7
    model = fit(of, names, penalty, JUNE)
    linear_model = importlib.import_module("sklearn.linear_model")
    reference = linear_model.LogisticRegression(
        C=1 / penalty, tol=1e-10, max_iter=1000
    ).fit(
        [[sample.features.get(name, 0.0) for name in names[1:]] for sample in of],
        [sample.was_renewed for sample in of],
        [sample.weight for sample in of],
    )
    assert [*model.coefficients.values()] == pytest.approx(
        [reference.intercept_[0], *reference.coef_[0]], abs=1e-5
    )
    assert model.covariances["band=red", "band=red"] > 0


def test_from_which_terms_and_when() -> None:
    ctx = company()
    found = samples(ctx, date(2023, 4, 1))
    # A's first from all three, B's too: not A's of 2023-07
    assert [sample.was_renewed for sample in found] == [True, False] * 3
    assert sum(sample.weight for sample in found) == pytest.approx(2)
    assert days_to_fit(ctx) == []

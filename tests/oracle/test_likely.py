"""Decision 12: its examples, and small cases whose right values are known by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.oracle.arithmetic import Row, Z, add_months
from tests.oracle.calibration import (
    AccountMonth,
    auc,
    fitted,
    hanley_mcneil,
    only,
    scored,
)
from tests.oracle.compare import MARTS
from tests.oracle.entities import CONFIG, Context
from tests.oracle.feature_retention import (
    Group,
    benjamini_hochberg,
    newcombe,
    p_value,
)
from tests.oracle.one_band_up import next_band_from, one_band_up
from tests.oracle.test_rules import (
    INVOICES,
    LOGINS,
    PERIODS,
    rows_of,
    scope,
    values,
    written,
)
from tests.oracle.unusual import unusual

COSTS = "date_month,cost_type,channel,amount,currency"
ACCOUNTS = "account_id,signed_up_on,acquisition_channel"
EVENTS = "event_id,user_id,account_id,feature_key,occurred_at"


def test_a_channel_is_paid_back() -> None:
    ctx = scope(
        {
            "accounts": written(ACCOUNTS, "A,2023-05-01,events", "B,2023-05-01,events"),
            "subscriptions": written(
                PERIODS,
                "S,A,team,month,500,USD,2023-05-10,",
                "T,B,team,month,500,USD,2023-05-20,2023-07-10",
            ),
            "costs": written(
                COSTS,
                "2023-05-01,acquisition,events,2000,USD",
                "2023-05-01,retention,events,70,USD",
                "2023-05-01,acquisition,,300,USD",
            ),
        },
        as_of=date(2023, 8, 15),
    )
    mart, keys = MARTS["channel_economics"]
    rows = mart(ctx)
    assert len({tuple(row[key] for key in keys) for row in rows}) == len(rows) == 12
    by_channel = {
        channel: [row for row in rows if row["acquisition_channel"] == channel]
        for channel in ("events", "unknown", "all")
    }
    events = by_channel["events"]
    margins = [row["cumulative_margin"] for row in events]
    assert margins == pytest.approx([800, 1600, 2000, 2400])
    paid_back = [row["is_paid_back"] for row in events]
    assert paid_back == [False, False, True, True]
    assert {(row["customers"], row["cac"]) for row in events} == {(2, 1000)}
    assert [row["is_complete_month"] for row in events] == [True, True, True, False]
    assert {r["acquisition_cost"] for r in by_channel["all"]} == {2300}
    unknown = by_channel["unknown"][0]
    assert (unknown["customers"], unknown["acquisition_cost"], unknown["cac"]) == (
        *(0, 300),
        None,
    )


def expected_after(*changes: float, value: float, start: float = 0.0) -> Row:
    """The month after a series of changes, with a value."""
    month = date(2020, 1, 1)
    series = {month: start}
    for n, change in enumerate(changes, 1):
        series[add_months(month, n)] = series[add_months(month, n - 1)] + change
    last = add_months(month, len(changes) + 1)
    return unusual({**series, last: value}.get, last, True)


def test_what_is_unusual() -> None:
    grew = [*[95.0, 105.0] * 11, 100.0]  # 23 changes; median 100, MAD 5
    grew[0], grew[1] = 90.0, 110.0
    start = 5000 - sum(grew)
    found = expected_after(*grew, value=5080, start=start)
    assert found["expected_lower"] == pytest.approx(5070.348)
    assert found["expected_upper"] == pytest.approx(5129.652)
    assert found["is_unusual"] is False
    assert expected_after(*grew, value=4900, start=start)["is_unusual"] is True
    assert expected_after(*grew[:11], value=1)["is_unusual"] is None
    assert expected_after(*grew[:12], value=1)["is_unusual"] is True


def test_a_metric_that_rarely_changes() -> None:
    found = expected_after(*[0.0] * 9, 3.0, *[0.0] * 2, value=4)
    assert found["expected_lower"] == pytest.approx(3 - 4 * 1.2533 * 3 / 12)
    assert found["expected_upper"] == pytest.approx(3 + 4 * 1.2533 * 3 / 12)
    assert found["is_unusual"] is False
    always = expected_after(*[0.1] * 20, value=2.2)
    assert always["expected_lower"] == pytest.approx(2.1)
    assert always["is_unusual"] is True


def test_the_year_before_where_it_is_known() -> None:
    season = [5.0, -5.0] * 18
    found = expected_after(*season[:35], value=5)
    assert found["expected_lower"] == pytest.approx(0)  # as in each such month
    assert found["is_unusual"] is True


def test_the_intervals_of_feature_retention() -> None:
    having, lacking = Group(40, 36), Group(60, 42)
    assert newcombe(having, lacking) == pytest.approx((0.035, 0.339), abs=5e-4)
    assert p_value(having, lacking) == pytest.approx(0.018, abs=5e-4)
    assert p_value(Group(3, 3), Group(2, 2)) == 1
    # Newcombe 1998, table II: 56/70 and 48/80 by method 10
    assert newcombe(Group(70, 56), Group(80, 48)) == pytest.approx(
        (0.0524, 0.3339), abs=5e-5
    )
    assert benjamini_hochberg([0.04, 0.01, 0.03, 0.5]) == pytest.approx(
        [0.16 / 3, 0.04, 0.16 / 3, 0.5]
    )


def test_who_used_a_feature_in_time() -> None:
    ctx = scope(
        {
            "accounts": written(
                ACCOUNTS,
                *("A,2023-01-01,", "B,2023-01-01,", "C,2023-01-01,", "D,2023-07-01,"),
            ),
            "subscriptions": written(
                PERIODS,
                "S,A,team,month,10,USD,2023-01-01,",
                "T,B,team,month,10,USD,2023-06-01,2024-01-01",
                "U,C,team,month,10,USD,2024-01-01,",  # a year after
                "V,D,team,month,10,USD,2023-07-01,",  # a year is not over
            ),
            "feature_events": written(
                EVENTS,
                "1,u,A,reports,2023-01-08",
                "2,u,B,reports,2023-01-09",
                "3,u,B,reports,2022-12-09",
            ),
        },
        as_of=date(2024, 6, 30),
    )
    mart, _ = MARTS["feature_retention"]
    found = {
        row["within_days"]: (row["customers_with"], row["customers_without"])
        for row in mart(ctx)
    }
    assert found == {7: (1, 1), 14: (2, 0), 30: (2, 0), 60: (2, 0), 90: (2, 0)}
    row = next(row for row in mart(ctx) if row["within_days"] == 7)
    assert (row["difference"], row["is_small_sample"]) == (1, True)


# ---- health ----------------------------------------------------------------------

STEPS: list[dict[str, Any]] = [
    {"band": "red", "max_score": 40},
    {"band": "yellow", "max_score": 70},
    {"band": "thriving", "max_score": None},
]
NAMES = [*CONFIG["health_weights"]]
WEIGHTS = {name: Fraction(w) for name, w in CONFIG["health_weights"].items()}


@pytest.mark.parametrize(
    ("score", "target"), [(38, 41), (40, 41), (41, 71), (71, None), (None, None)]
)
def test_the_next_band(score: int | None, target: int | None) -> None:
    assert next_band_from(STEPS, score) == target


@pytest.mark.parametrize(
    ("scores", "target", "way"),
    [
        ("usage 20 billing 60 support 20 nps 80", 41, "usage from 20 to 27"),
        ("usage 20.5 billing 60 support 20 nps 80", 41, "usage from 20 to 27"),
        ("billing 60 support 60", 71, "billing from 60 to 78"),
        ("support 40", 41, "support from 40 to 41"),  # 40.5, rounded half up
        ("usage 149 billing 0 support 0 nps 0", 71, "billing from 0 to 37"),
        ("usage 145 billing 0 support 0 nps 0", 150, None),
        ("usage 10 nps 10", 11, "usage from 10 to 11"),
    ],
)
def test_one_band_up(scores: str, target: int, way: str | None) -> None:
    words = scores.split()
    known = {n: Decimal(s) for n, s in zip(words[::2], words[1::2], strict=True)}
    assert one_band_up(WEIGHTS, known, target, 150) == way


def months_of(*months: str) -> list[AccountMonth]:
    """Usage of churned and stayed accounts: a month as `10 20 | 30`."""
    found = []
    for n, text in enumerate(months):
        for side, has_churned in zip(text.split("|"), (True, False), strict=True):
            found += [
                AccountMonth(
                    f"{has_churned}{m}",
                    add_months(date(2024, 1, 1), n),
                    {"usage": Decimal(score)},
                    has_churned,
                )
                for m, score in enumerate(side.split())
            ]
    return found


def test_auc_compares_within_a_month() -> None:
    usage = only("usage", NAMES)
    assert auc(scored(usage, months_of("30 60 | 60"))) == Fraction(3, 4)
    # in a pool of both months 10 < 50 and 40 < 50 would count too
    assert auc(scored(usage, months_of("10 | 20", "40 | 30"))) == Fraction(1, 2)
    assert auc(scored(usage, months_of("10 |", "| 20"))) is None
    assert auc(scored(only("nps", NAMES), months_of("10 | 20"))) is None


def test_the_interval_of_an_auc() -> None:
    # of 51 abnormal and 58 normal images, as in Hanley and McNeil
    lower, upper = hanley_mcneil(Fraction("0.893"), 51, 58)
    assert lower is not None and upper is not None
    assert (upper - lower) / 2 / Z == pytest.approx(0.0325, abs=5e-5)
    assert hanley_mcneil(Fraction(1), 2, 3) == (1, 1)
    assert hanley_mcneil(Fraction(1, 2), 0, 3) == (None, None)
    assert hanley_mcneil(None, 2, 3) == (None, None)


def test_fitted_weights() -> None:
    assert fitted(months_of(*["10 | 20"] * 5), NAMES) is None
    assert fitted(months_of(*["10 | 20"] * 6), NAMES) == only("usage", NAMES)
    assert fitted(months_of(*["20 | 10"] * 6), NAMES) is None


# ---- notes -----------------------------------------------------------------------

NOTES = "note_id,account_id,noted_on,author,csm_pulse,risk_reason,next_step"


def noted(*notes: str) -> Context:
    return scope(
        {
            "subscriptions": written(PERIODS, "S,A,team,month,500,USD,2023-05-10,"),
            "users": written("user_id,account_id,created_at", "u,A,2023-05-10"),
            "invoices": written(
                INVOICES, "I,A,10,USD,2024-01-01,2024-02-01,2024-01-10,paid"
            ),
            "support_tickets": written(
                "ticket_id,account_id,priority,opened_at", "T,A,low,2024-06-30"
            ),
            "surveys": written(
                "response_id,survey_type,question,account_id,user_id,score,sent_at",
                "R,nps,recommend,A,u,10,2024-06-01",
            ),
            "logins": written(LOGINS, "1,u,A,2024-06-01", *LOGIN_DAYS),
            "account_notes": written(NOTES, *notes),
        }
    )


LOGIN_DAYS = [f"L{n},u,A,2024-06-{n:02d}" for n in range(2, 25)]


def test_the_latest_note_and_the_latest_pulse() -> None:
    ctx = noted(
        "1,A,2024-06-12,ann,2,price,call",
        "2,A,2024-06-20,bob,,budget,",
        "3,A,2024-06-20,ann,,,write",
        "4,A,2024-07-01,bob,5,,",  # after as_of
        "5,A,2024-06-21,bob,6,,",
    )
    assert values(
        ctx,
        "customer_360",
        "last_note_on csm_pulse note_author risk_reason next_step",
    ) == [(date(2024, 6, 20), 2, "ann", None, "write")]
    assert values(ctx, "rejected_rows", "row_key reason") == [
        ("5", "invalid_csm_pulse")
    ]
    alerts = values(
        ctx,
        "account_alerts",
        "raised_on severity is_open mrr_at_risk",
        alert_type="pulse_disagrees",
    )
    assert values(ctx, "account_health", "health_band", date_month="2024-06-01") == [
        "thriving"
    ]
    assert alerts == [(date(2024, 6, 12), "medium", True, 500)]


@pytest.mark.parametrize(
    ("note", "alerts"),
    [
        ("1,A,2024-04-02,,1,,", 1),
        ("1,A,2024-04-01,,1,,", 0),  # 90 days ago
        ("1,A,2024-06-12,,3,,", 0),
        ("1,A,2024-06-12,,4,,", 0),
    ],
)
def test_a_person_and_the_score_disagree(note: str, alerts: int) -> None:
    found = rows_of(noted(note), "account_alerts", alert_type="pulse_disagrees")
    assert len(found) == alerts  # rule 87

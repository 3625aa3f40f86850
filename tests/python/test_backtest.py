"""AUC of the backtest compared with scikit-learn's, and the numbers in the docs."""

from __future__ import annotations

import importlib
import math
import random
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.compiled import Compiled, Warehouse
from tests.python.conftest import COMPILED, ROOT

CASES = 60  # months of random accounts
FIRST_MONTH = 2000 * 12
COMPONENTS = [f"{name}_score" for name in ("usage", "billing", "support", "nps")]


def auc_of_scikit_learn(churned: list[bool], predicted: list[int]) -> float | None:
    """AUC with lower values as churned; None where one side is empty."""
    if len(set(churned)) < 2:
        return None
    metrics = importlib.import_module("sklearn.metrics")
    return float(metrics.roc_auc_score(churned, [-value for value in predicted]))


def is_same(ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return math.isclose(ours, theirs, abs_tol=1e-12)


def month(number: int) -> date:
    return date((FIRST_MONTH + number) // 12, (FIRST_MONTH + number) % 12 + 1, 1)


def random_accounts(dice: random.Random, number: int) -> list[dict[str, Any]]:
    """A month's accounts; few distinct values make many ties, and one side may be
    empty."""
    values = dice.choice([1, 2, 3, 10, 150])
    churn_rate = dice.choice([0, 0.02, 0.1, 0.5, 1])
    return [
        {
            "account_id": f"{number}-{account}",
            "date_month": month(number),
            "health_score": dice.randint(0, values),
            "logins": dice.randint(0, values),
            "churned_in": month(number + dice.randint(1, 3))
            if dice.random() < churn_rate
            else None,
        }
        for account in range(dice.choice([1, 2, 5, 40, 150]))
    ]


@pytest.mark.xdist_group(COMPILED)
def test_auc_on_random_accounts_with_many_ties(compiled: Compiled) -> None:
    dice = random.Random(20240229)
    cases = {month(n): random_accounts(dice, n) for n in range(CASES)}
    rows = [account for of_month in cases.values() for account in of_month]

    warehouse = Warehouse(compiled)
    warehouse.give_rows(
        "int_months",
        {"date_month": "date", "is_complete_month": "boolean"},
        [(month(number), True) for number in range(CASES + 3)],
    )
    warehouse.give_rows(
        "int_account_health",
        {
            "account_id": "text",
            "date_month": "date",
            **dict.fromkeys(COMPONENTS, "decimal(18, 4)"),
            "health_score": "integer",
            "health_band": "text",
        },
        [
            (
                *(row["account_id"], row["date_month"]),
                *(None for _ in COMPONENTS),
                *(row["health_score"], "green"),
            )
            for row in rows
        ],
    )
    warehouse.give_rows(
        "int_mrr_movements",
        {
            "account_id": "text",
            "period_grain": "text",
            "period_start": "date",
            "movement_type": "text",
        },
        [(row["account_id"], "month", row["churned_in"], "churn") for row in rows],
    )
    warehouse.give_rows(
        "int_user_days",
        {
            "account_id": "text",
            "date_day": "date",
            "logins": "integer",
            "is_active": "boolean",
        },
        [(row["account_id"], row["date_month"], row["logins"], True) for row in rows],
    )
    warehouse.make("int_health_outcomes")
    found = {
        (row["date_month"], row["predictor"]): row["auc"]
        for row in warehouse.rows("health_backtest")
    }

    assert len(found) == 2 * CASES
    expected = {
        (date_month, predictor): auc_of_scikit_learn(
            [account["churned_in"] is not None for account in of_month],
            [account[column] for account in of_month],
        )
        for date_month, of_month in cases.items()
        for predictor, column in [
            ("health_score", "health_score"),
            ("logins_only", "logins"),
        ]
    }
    known = [auc for auc in expected.values() if auc is not None]
    assert CASES / 2 < len(known) < 2 * CASES, "both kinds of months are tried"
    assert [key for key in found if not is_same(found[key], expected[key])] == []


DEMO_OUTCOMES = """
    select
        health.date_month,
        health.health_score,
        coalesce(activity.logins, 0) as logins,
        health.health_band,
        exists (
            from marts.mrr_movements as movements
            where movements.account_id = health.account_id
                and movements.movement_type = 'churn'
                and movements.date_month > health.date_month
                and movements.date_month <= health.date_month + interval 3 month
        ) as is_churned
    from marts.account_health as health
    left join marts.account_activity as activity
        using (account_id, date_month)
    where health.health_score is not null
"""


def test_auc_on_the_demo(demo_database: Path) -> None:
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        found = connection.execute(
            "select date_month, predictor, auc from marts.health_backtest"
        ).fetchall()
        outcomes = connection.execute(
            "select date_month, is_churned, health_score, logins"
            f" from ({DEMO_OUTCOMES})"
        ).fetchall()
    assert len(found) > 40
    for date_month, predictor, auc in found:
        of_month = [row for row in outcomes if row[0] == date_month]
        expected = auc_of_scikit_learn(
            [row[1] for row in of_month],
            [row[2 if predictor == "health_score" else 3] for row in of_month],
        )
        assert is_same(auc, expected), (date_month, predictor)


def test_the_docs_say_how_the_demo_does(demo_database: Path) -> None:
    with duckdb.connect(str(demo_database), read_only=True) as connection:
        months = connection.execute(
            "select score.auc, logins.auc, score.churned_accounts,"
            " score.churned_accounts * (score.accounts - score.churned_accounts)"
            " from marts.health_backtest as score"
            " inner join marts.health_backtest as logins using (date_month)"
            " where score.predictor = 'health_score'"
            " and logins.predictor = 'logins_only' and score.auc is not null"
        ).fetchall()
        bands = {
            band: (churned, rate)
            for band, churned, rate in connection.execute(
                "select health_band, count(*) filter (where is_churned),"
                " 100 * count(*) filter (where is_churned) / count(*)"
                f" from ({DEMO_OUTCOMES}) where date_month in"
                " (select date_month from marts.health_backtest) group by 1"
            ).fetchall()
        }
    pairs = sum(month[3] for month in months)
    means = [sum(month[side] for month in months) / len(months) for side in (0, 1)]
    pooled = [
        sum(month[side] * month[3] for month in months) / pairs for side in (0, 1)
    ]
    score_wins = sum(month[0] > month[1] for month in months)
    logins_win = sum(month[0] < month[1] for month in months)
    few = sorted(month[2] for month in months)[len(months) // 2]
    churned = sum(of_band[0] for of_band in bands.values())
    safe = bands["green"][0] + bands["thriving"][0]

    page = " ".join(
        (ROOT / "docs" / "health-backtest.md").read_text(encoding="utf-8").split()
    )
    for output in [
        f"over the {len(months)} months with both churned and retained accounts",
        f"| mean AUC of the months | {means[0]:.2f} | {means[1]:.2f} |",
        f"| AUC over all pairs of a month | {pooled[0]:.2f} | {pooled[1]:.2f} |",
        f"| months in which it is better | {score_wins} | {logins_win} |",
        f"Of the red accounts {bands['red'][1]:.0f}% churned",
        f"of the yellow {bands['yellow'][1]:.0f}%",
        f"of the green {bands['green'][1]:.0f}%",
        f"of the thriving {bands['thriving'][1]:.0f}%",
        f"only {100 * bands['red'][0] / churned:.0f}% of the churned accounts were red",
        f"{100 * safe / churned:.0f}% were green or thriving",
        f"have {few} churned accounts or fewer",
    ]:
        assert output in page

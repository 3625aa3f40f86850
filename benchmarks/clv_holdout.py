"""How well lifetime value predicts: last year's values, compared with payments since.

python -m benchmarks.clv_holdout

Builds the demo as of a year before its end and as of its end, and compares each
prediction's margin for the next twelve months with the actual margin of the same
customers since. Reads marts only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import duckdb
import yaml

from pipeline.project import project_vars
from pipeline.settings import as_of_date, read_settings

ROOT = Path(__file__).resolve().parent.parent
DBT = str(Path(sys.executable).with_name("dbt"))
MONTHS = 12


class Lifetime(NamedTuple):
    """A row of customer_lifetime_value, money in the base currency."""

    current_mrr: float
    revenue_to_date: float
    formula_clv: float | None
    survival_clv: float


@dataclass(frozen=True)
class Customer:
    """A customer that paid a year ago: its prediction, and its actual margin."""

    monthly_margin: float
    formula_clv: float | None
    survival_to_come: float  # margin of the next twelve months, by the survival curve
    paid_since: float  # margin of the twelve months since


def main() -> None:
    """Builds both dates and prints each prediction's error, in base currency."""
    config = project_vars()
    end = as_of_date(config, read_settings())
    then = end - timedelta(days=365)
    margin = float(config["gross_margin"])
    with tempfile.TemporaryDirectory() as folder:
        # Undiscounted and over the past year, to compare like with like.
        horizon = {"clv_horizon_months": MONTHS, "annual_discount_rate": 0}
        was = _lifetimes(Path(folder, "then"), then, horizon)
        now = _lifetimes(Path(folder, "now"), end, {})
    customers = [
        Customer(
            monthly_margin=before.current_mrr * margin,
            formula_clv=before.formula_clv,
            survival_to_come=before.survival_clv - before.revenue_to_date * margin,
            paid_since=(now[account].revenue_to_date - before.revenue_to_date) * margin,
        )
        for account, before in was.items()
        if before.current_mrr > 0
    ]
    print(
        f"{len(customers)} customers paying on {then}; margin that they brought from"
        f" then to {end}: {sum(c.paid_since for c in customers):,.0f}"
    )
    print(f"{'prediction for twelve months':<34}{'margin':>12}{'error':>9}{'MAE':>9}")
    for name, predict in PREDICTIONS.items():
        print(_line(name, customers, predict))


def _line(
    name: str, customers: Sequence[Customer], predict: Callable[[Customer], float]
) -> str:
    """Total, its error in percent, and the mean absolute error per customer."""
    predicted = [predict(customer) for customer in customers]
    paid = [customer.paid_since for customer in customers]
    bias = sum(predicted) / sum(paid) - 1
    error = fmean(abs(p - a) for p, a in zip(predicted, paid, strict=True))
    return f"{name:<34}{sum(predicted):>12,.0f}{bias:>+9.1%}{error:>9,.0f}"


def formula_year(customer: Customer) -> float:
    """The first twelve months of formula_clv, a perpetuity at a constant churn rate.

    formula_clv = monthly margin / churn, so its churn is monthly margin / formula_clv;
    without churn there is no formula_clv, and everybody stays.
    """
    earned = customer.monthly_margin
    churn = earned / customer.formula_clv if customer.formula_clv else 0
    return earned * sum((1 - churn) ** month for month in range(1, MONTHS + 1))


PREDICTIONS: dict[str, Callable[[Customer], float]] = {
    "survival_clv": lambda customer: customer.survival_to_come,
    "formula_clv, its first twelve": formula_year,
    "everybody stays, at today's MRR": lambda customer: (
        customer.monthly_margin * MONTHS
    ),
}


def _lifetimes(
    folder: Path, as_of: date, config: Mapping[str, float]
) -> dict[str, Lifetime]:
    """The lifetime values as of a day, by account."""
    database = folder / "warehouse.duckdb"
    database.parent.mkdir()
    command = [DBT, "build", "--quiet", "--exclude-resource-type", "test", "unit_test"]
    command += [
        "--select",
        "+customer_lifetime_value",
        "--vars",
        yaml.safe_dump(config),
    ]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder)]
    environment = {"DUCKDB_PATH": str(database), "AS_OF_DATE": as_of.isoformat()}
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, check=False
    )
    if done.returncode:
        raise SystemExit(f"dbt build as of {as_of} failed: its errors are above")
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select account_id, cast(current_mrr as double),"
            " cast(revenue_to_date as double), formula_clv, survival_clv"
            " from marts.customer_lifetime_value"
        ).fetchall()
    return {account_id: Lifetime(*values) for account_id, *values in rows}


if __name__ == "__main__":
    main()

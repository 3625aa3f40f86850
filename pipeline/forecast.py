"""Fit the models of the renewal forecast on the terms that a build decided.

A logistic regression with an L2 penalty (scikit-learn) for each quarter, of the terms
that fell due before it: a forecast uses one that knows nothing of what it forecasts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from sklearn.linear_model import LogisticRegression

from pipeline.console import display_path
from pipeline.finished_build import built_warehouse
from pipeline.history.kept_rows import Row
from pipeline.history.renewal_model import ModelRows, model_path, write_models
from pipeline.project import InputError
from pipeline.raw.locate import raw_origin
from pipeline.raw.sources import history_origin
from pipeline.settings import Settings

FEWEST_TERMS = 50
FEWEST_OF_EACH = 10  # renewed, and lost
FEWEST_OF_A_PLAN = 10  # terms, for a coefficient of its own
INTERCEPT = "intercept"
REFERENCE = "band=green"  # the other bands are compared with it
PENALTY = 1.0  # of a coefficient's square, halved; the intercept has none

Matrix = NDArray[np.float64]
Key = tuple[str, str, date]  # account, subscription, due date


@dataclass(frozen=True)
class Term:
    """A decided term, as seen on one of the days before it fell due."""

    key: Key
    is_renewed: bool
    features: Mapping[str, float]

    @property
    def due_on(self) -> date:
        """The day it fell due."""
        return self.key[2]


@dataclass(frozen=True)
class Model:
    """A fitted model, and the terms that it knows."""

    trained_from: date
    trained_to: date
    terms: int
    renewed: int
    features: Sequence[str]
    coefficients: Sequence[float]
    means: Sequence[float]
    covariance: Matrix


def fit_forecast(
    console: Console, config: Mapping[str, Any], settings: Settings
) -> None:
    """Fit all models on the finished build, and keep them for the next one.

    Raises:
        InputError: There is no build, or no place to keep them.
    """
    file = model_path(config, settings)
    if file is None:
        raise InputError("Var history_path is empty: there is no place for the models.")
    rows, as_of = read_terms(built_warehouse(settings))
    models = fit_models(rows, as_of)
    origin = history_origin(raw_origin(config, settings), config)
    write_models(file, as_rows(models), origin)
    _report(console, rows, models, file)


def read_terms(warehouse: Path) -> tuple[list[Term], date]:
    """The decided terms of a build, each once per day it is seen on; its as-of date.

    Raises:
        InputError: The build has no such tables.
    """
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            found = connection.execute(TERMS).fetchall()
            as_of = connection.execute("select as_of_date from marts.figures_as_of")
            [[day]] = as_of.fetchall()
    except duckdb.CatalogException:
        raise InputError(
            f"{display_path(warehouse)} is of an older version: run `make build`."
        ) from None
    terms = [
        Term(
            (account, subscription, due_on),
            renewed,
            dict(zip(names, values, strict=True)),
        )
        for account, subscription, due_on, renewed, names, values in found
    ]
    return terms, day


TERMS = """
    select
        account_id,
        subscription_id,
        due_on,
        any_value(days.is_renewed),
        list(features.feature order by features.feature),
        list(features.value order by features.feature)
    from intermediate.int_renewal_features as features
    inner join intermediate.int_forecast_days as days
        using (account_id, subscription_id, due_on, made_on)
    where days.is_at_horizon
    group by account_id, subscription_id, due_on, made_on
    order by due_on, account_id, subscription_id, made_on
"""


def fit_models(rows: Sequence[Term], as_of: date) -> list[Model]:
    """A model per quarter up to the as-of date, of the terms due before it began."""
    if not rows:
        return []
    models = []
    for quarter in quarters(rows[0].due_on, as_of):
        known = [row for row in rows if row.due_on < quarter]
        terms, renewed = counted(known)
        if terms >= FEWEST_TERMS and min(renewed, terms - renewed) >= FEWEST_OF_EACH:
            models.append(fit(known, quarter))
    return models


def counted(rows: Sequence[Term]) -> tuple[int, int]:
    """How many terms there are, however often each is seen, and how many renewed."""
    outcomes = {row.key: row.is_renewed for row in rows}
    return len(outcomes), sum(outcomes.values())


def quarters(first: date, last: date) -> list[date]:
    """First days of the quarters after a day, to another one."""
    starts = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in (1, 4, 7, 10)
    ]
    return [start for start in starts if first < start <= last]


def fit(rows: Sequence[Term], trained_to: date) -> Model:
    """One model of terms that are decided."""
    features = [INTERCEPT, *_features(rows)]
    values = np.array(
        [[row.features.get(name, 0.0) for name in features] for row in rows]
    )
    outcomes = np.array([row.is_renewed for row in rows])
    # the views of a term are one observation
    weights = np.full(len(rows), 1 / 3)
    model = LogisticRegression(C=1 / PENALTY, solver="newton-cholesky", tol=1e-10)
    model.fit(values[:, 1:], outcomes, sample_weight=weights)
    coefficients = np.concatenate([model.intercept_, model.coef_[0]])

    probability = 1 / (1 + np.exp(-values @ coefficients))
    information = (values.T * (weights * probability * (1 - probability))) @ values
    penalty = np.diag([0.0] + [PENALTY] * (len(features) - 1))
    terms, renewed = counted(rows)
    return Model(
        trained_from=min(row.due_on for row in rows),
        trained_to=trained_to,
        terms=terms,
        renewed=renewed,
        features=features,
        coefficients=coefficients.tolist(),
        means=values.mean(axis=0).tolist(),
        covariance=np.linalg.inv(information + penalty),
    )


def _features(rows: Sequence[Term]) -> list[str]:
    terms_of: dict[str, set[Key]] = {}
    for row in rows:
        for name, value in row.features.items():
            if value:
                terms_of.setdefault(name, set()).add(row.key)
    return sorted(
        name
        for name, terms in terms_of.items()
        if name not in (INTERCEPT, REFERENCE)
        and (not name.startswith("plan=") or len(terms) >= FEWEST_OF_A_PLAN)
    )


def as_rows(models: Sequence[Model]) -> ModelRows:
    """What is kept of the models."""
    coefficients: list[Row] = []
    covariances: list[Row] = []
    for model in models:
        known = (model.trained_from, model.trained_to, model.terms, model.renewed)
        errors = np.sqrt(np.diag(model.covariance)).tolist()
        for name, *values in zip(
            model.features, model.coefficients, errors, model.means, strict=True
        ):
            coefficients.append((*known, name, *values))
        covariances += [
            (model.trained_to, one, other, float(model.covariance[i, j]))
            for i, one in enumerate(model.features)
            for j, other in enumerate(model.features)
        ]
    return ModelRows(coefficients, covariances)


def _report(
    console: Console, rows: Sequence[Term], models: Sequence[Model], file: Path
) -> None:
    if not models:
        terms, renewed = counted(rows)
        console.print(
            f"History is too short for a model: {terms} decided terms,"
            f" {renewed} renewed and {terms - renewed} lost; at least"
            f" {FEWEST_TERMS} are needed, {FEWEST_OF_EACH} of each, before a quarter"
            " begins. Forecasts are the base rate."
        )
        return
    newest = models[-1]
    console.print(
        f"Fitted {len(models)} models, one per quarter from {models[0].trained_to}; the"
        f" newest on {newest.terms} terms that fell due from {newest.trained_from} to"
        f" {newest.trained_to}, {newest.renewed} renewed:"
    )
    for name, value in zip(newest.features, newest.coefficients, strict=True):
        console.print(f"  {name:24} {value:+.3f}", markup=False, highlight=False)
    console.print(
        f"Kept in {display_path(file)}. Build again to use them; how good they are:"
        " marts.forecast_backtest."
    )

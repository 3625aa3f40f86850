"""The models of the renewal forecast: how they are fitted, kept and used."""

from __future__ import annotations

import math
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest

from pipeline.forecast import Model, Term, as_rows, fit, fit_models, quarters
from pipeline.history.file import HistoryError
from pipeline.history.renewal_model import (
    FILE,
    ModelRows,
    copy_models_to_raw,
    write_models,
)
from tests.oracle.compare import MARTS, compare
from tests.oracle.entities import context
from tests.oracle.rows import accept, read_csv_folder
from tests.python.conftest import ROOT, dbt, pipeline
from tests.python.test_oracle import DEMO_AS_OF, renewal_models

HORIZONS = (30, 60, 90)
OF_FORECASTS = [
    *("renewal_forecast", "forecast_backtest"),
    *("mrr_outlook", "mrr_outlook_backtest"),
]


def random_terms(number: int, seed: int, first: date = date(2023, 1, 5)) -> list[Term]:
    """Terms a day apart, seen three times; a red band and less use lose more."""
    dice = random.Random(seed)
    terms = []
    for n in range(number):
        is_red = dice.random() < 0.3
        trend = dice.uniform(-1, 1)
        logit = 1.5 - 2 * is_red + 1.2 * trend
        is_renewed = dice.random() < 1 / (1 + math.exp(-logit))
        features = {
            "intercept": 1.0,
            "band=red" if is_red else "band=green": 1.0,
            "plan=pro" if n % 2 else "plan=rare" if n < 9 else "plan=team": 1.0,
            "tenure_years": n / 365,
            "usage_trend": trend,
        }
        key = (f"A{n}", f"S{n}", first + timedelta(n))
        terms += [Term(key, is_renewed, features) for _ in HORIZONS]
    return terms


def coefficients(model: Model) -> dict[str, float]:
    return dict(zip(model.features, model.coefficients, strict=True))


def test_coefficients_are_found_again() -> None:
    found = coefficients(fit(random_terms(4000, seed=7), date(2040, 1, 1)))
    assert found["band=red"] == pytest.approx(-2, abs=0.3)
    assert found["usage_trend"] == pytest.approx(1.2, abs=0.25)
    assert "band=green" not in found, "the reference has no coefficient"
    assert "plan=rare" not in found, "fewer than ten terms have none either"


def test_the_covariance_is_the_inverse_curvature_of_what_is_minimised() -> None:
    terms = random_terms(120, seed=3)
    model = fit(terms, date(2040, 1, 1))
    values = np.array([[t.features.get(f, 0.0) for f in model.features] for t in terms])
    renewed = np.array([t.is_renewed for t in terms], dtype=float)

    def gradient(at: np.ndarray) -> np.ndarray:
        probability = 1 / (1 + np.exp(-values @ at))
        penalty = at * np.array([0.0] + [1.0] * (len(at) - 1))
        return np.asarray(values.T @ (probability - renewed) / 3 + penalty)

    at = np.array(model.coefficients)
    assert np.abs(gradient(at)).max() < 1e-6, "the minimum"
    step = 1e-5
    curvature = np.array(
        [
            (gradient(at + step * unit) - gradient(at - step * unit)) / (2 * step)
            for unit in np.eye(len(at))
        ]
    )
    assert np.allclose(np.linalg.inv(curvature), model.covariance, rtol=1e-4)


def test_a_model_knows_only_terms_that_fell_due_before_its_quarter() -> None:
    terms = random_terms(400, seed=11)
    models = fit_models(terms, as_of=date(2024, 2, 15))
    assert [model.trained_to for model in models] == [
        date(2023, 4, 1),
        date(2023, 7, 1),
        date(2023, 10, 1),
        date(2024, 1, 1),
    ]
    for model in models:
        known = {term.key for term in terms if term.due_on < model.trained_to}
        assert model.terms == len(known)
        # what comes later changes nothing: outcomes turned round, same model
        turned = [
            t
            if t.due_on < model.trained_to
            else Term(t.key, not t.is_renewed, t.features)
            for t in terms
        ]
        [same] = [
            other
            for other in fit_models(turned, as_of=date(2024, 2, 15))
            if other.trained_to == model.trained_to
        ]
        assert same.coefficients == model.coefficients


def test_too_few_terms_of_a_kind_make_no_model() -> None:
    terms = random_terms(200, seed=5, first=date(2023, 1, 1))
    lost = {t.key for t in terms if not t.is_renewed}
    assert fit_models([t for t in terms if t.key not in lost], date(2024, 1, 1)) == []
    nine = sorted(lost)[:9]
    few = [t for t in terms if t.is_renewed or t.key in nine]
    assert fit_models(few, date(2024, 1, 1)) == []
    assert fit_models(terms[: 3 * 49], date(2024, 1, 1)) == []
    assert fit_models([], date(2024, 1, 1)) == []


def test_quarters_begin_after_the_first_day() -> None:
    assert quarters(date(2023, 12, 31), date(2024, 7, 1)) == [
        date(2024, 1, 1),
        date(2024, 4, 1),
        date(2024, 7, 1),
    ]
    assert quarters(date(2024, 1, 1), date(2024, 3, 31)) == []


def rows_in(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    [[number]] = connection.execute(f"select count(*) from raw.{table}").fetchall()
    return int(number)


def test_models_are_of_the_place_that_is_built(tmp_path: Path) -> None:
    file = tmp_path / "state" / FILE
    rows = as_rows([fit(random_terms(120, seed=3), date(2023, 7, 1))])
    write_models(file, rows, "here")
    write_models(file, rows, "here")  # again: replaced, not added
    with duckdb.connect() as warehouse:
        copy_models_to_raw(warehouse, file, "here")
        assert rows_in(warehouse, "renewal_coefficients") == len(rows.coefficients)
        assert rows_in(warehouse, "renewal_covariances") == len(rows.covariances)
        copy_models_to_raw(warehouse, file, "elsewhere")
        assert rows_in(warehouse, "renewal_coefficients") == 0
        write_models(file, ModelRows([], []), "here")
        copy_models_to_raw(warehouse, file, "here")
        assert rows_in(warehouse, "renewal_coefficients") == 0
        copy_models_to_raw(warehouse, None, "here")
        assert rows_in(warehouse, "renewal_covariances") == 0


def test_a_broken_file_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text("not a database", "utf-8")
    with (
        duckdb.connect() as warehouse,
        pytest.raises(HistoryError, match="fit-forecast"),
    ):
        copy_models_to_raw(warehouse, file, "here")


def test_without_a_build_it_says_so(tmp_path: Path) -> None:
    missing = {"DUCKDB_PATH": str(tmp_path / "warehouse.duckdb")}
    done = pipeline("fit-forecast", environment=missing)
    assert done.returncode != 0
    assert "make build" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_fitted_models_are_used_and_agree_with_the_definition(
    demo_database: Path, tmp_path: Path
) -> None:
    """From the command to the marts, on a copy of the demo."""
    built = tmp_path / "warehouse.duckdb"
    shutil.copy(demo_database, built)
    environment = {
        "DUCKDB_PATH": str(built),
        "HISTORY_PATH": str(tmp_path / "history.duckdb"),
    }
    done = pipeline("fit-forecast", environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Fitted 2 models" in done.stdout

    changed = [f"stg_renewal_{table}+" for table in ("coefficients", "covariances")]
    done = dbt(tmp_path, "run", "--select", *changed, environment=environment)
    assert done.returncode == 0, done.stdout[-4000:]

    ctx = context(accept(read_csv_folder(ROOT / "demo" / "data")), DEMO_AS_OF)
    ctx.renewal_models = renewal_models(built)
    assert len(ctx.renewal_models) == 2
    for mart in OF_FORECASTS:
        function, keys = MARTS[mart]
        rows = function(ctx)
        assert rows, f"{mart} has nothing to compare"
        assert compare(built, mart, rows, keys) == []

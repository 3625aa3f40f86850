"""The notebook answers its five questions from the published file, headless."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.publish.paths import PublishPaths
from tests.python.conftest import (  # the last two are fixtures
    MAIN_JOB,
    ROOT,
    demo_database,  # noqa: F401
    published_demo,  # noqa: F401
)

PROGRAMS = ROOT / ".venv-notebook" / "bin"
NOTEBOOK = ROOT / "notebooks" / "five_questions.py"

pytestmark = [
    pytest.mark.bi,
    pytest.mark.xdist_group(MAIN_JOB),
    pytest.mark.skipif(
        not PROGRAMS.exists(), reason=".venv-notebook is not installed: make test-bi"
    ),
]

RUN = """
import json
from notebooks.five_questions import app
_, found = app.run()
names = ["as_of", "churn", "movements", "at_risk", "features", "books"]
print("ANSWERS" + json.dumps({name: found[name] for name in names}, default=str))
"""
LATEST = (
    "inner join marts.figures_as_of on date_month = latest_complete_month"
    " order by 3 desc, 1"
)
ANSWERS = {
    "as_of": "select as_of_date, latest_complete_month, note from marts.figures_as_of",
    "churn": (
        "select date_month, churned_customers, churn_rate, churn_rate_lower,"
        " churn_rate_upper, is_small_sample from marts.monthly_churn"
        " where is_complete_month order by date_month desc limit 12"
    ),
    "movements": (
        "select movement_type, accounts, mrr_change"
        f" from marts.mrr_movements_monthly {LATEST}"
    ),
    "at_risk": (
        "select account_id, account_name, csm_owner, current_mrr, health_score,"
        " top_driver, next_renewal_on from marts.customer_360"
        " where health_band in ('red', 'yellow') and current_mrr > 0"
        " order by current_mrr desc, 1 limit 10"
    ),
    "features": (
        "select feature_key, customers_with, retained_share_with, customers_without,"
        " retained_share_without, difference, lower, upper, p_adjusted"
        " from marts.feature_retention where within_days = 30 and not is_small_sample"
        " order by difference desc, 1"
    ),
    "books": (
        "select csm_owner, customers, mrr, nrr_12m, red_mrr, mrr_due_90d"
        f" from marts.csm_book {LATEST}"
    ),
}


def environment(readers: Path, home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PUBLISH_FOLDER": str(readers),
        "PYTHONPATH": str(ROOT),
        "XDG_CONFIG_HOME": str(home),
        "XDG_STATE_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
    }


def run(*arguments: str, readers: Path, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAMS / arguments[0]), *arguments[1:]],
        cwd=ROOT,
        env=environment(readers, home),
        capture_output=True,
        text=True,
        check=False,
    )


def test_its_answers_are_those_of_the_marts(
    published_demo: PublishPaths,  # noqa: F811
    tmp_path: Path,
) -> None:
    done = run("python", "-c", RUN, readers=published_demo.readers, home=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.partition("ANSWERS")[2])
    with duckdb.connect(str(published_demo.published), read_only=True) as connection:
        for name, sql in ANSWERS.items():
            rows = connection.execute(sql)
            columns = [column[0] for column in rows.description or ()]
            expected = [dict(zip(columns, row, strict=True)) for row in rows.fetchall()]
            assert expected, name
            assert found[name] == json.loads(json.dumps(expected, default=str)), name


def test_it_becomes_a_page(
    published_demo: PublishPaths,  # noqa: F811
    tmp_path: Path,
) -> None:
    page = tmp_path / "page.html"
    export = ("marimo", "export", "html", str(NOTEBOOK), "-o", str(page))
    done = run(*export, readers=published_demo.readers, home=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Whose customers stay and grow?" in page.read_text("utf-8")
    checked = run(
        *("marimo", "check", "--strict", str(NOTEBOOK)),
        readers=published_demo.readers,
        home=tmp_path,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_nothing_published_is_said(tmp_path: Path) -> None:
    done = run("python", "-c", RUN, readers=tmp_path / "none", home=tmp_path)
    assert done.returncode != 0
    assert "make publish" in done.stderr

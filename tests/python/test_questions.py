"""docs/questions.md: each query is short, reads marts, and answers on the demo."""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb
import pytest

from pipeline.publish.paths import PublishPaths
from tests.python.conftest import MAIN_JOB, ROOT

pytestmark = pytest.mark.xdist_group(MAIN_JOB)

PAGE = (ROOT / "docs" / "questions.md").read_text("utf-8")
QUESTIONS = dict(re.findall(r"^### (.*?)\n\n```sql\n(.*?)```", PAGE, re.M | re.S))
LONGEST = 8  # lines
# Empty on the demo: nothing was reported otherwise later.
MAY_BE_EMPTY = {"What did we report of a month, and why is it different now?"}


@pytest.fixture(scope="module")
def rows(published_demo: PublishPaths) -> Callable[[str], list[dict[str, object]]]:
    def rows(query: str) -> list[dict[str, object]]:
        with duckdb.connect(
            str(published_demo.published), read_only=True
        ) as connection:
            found = connection.execute(query)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return rows


def test_every_query_is_a_question() -> None:
    assert len(QUESTIONS) == PAGE.count("```sql") == PAGE.count("\n### ") >= 10


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_an_answer(
    rows: Callable[[str], list[dict[str, object]]], question: str
) -> None:
    query = QUESTIONS[question]
    assert query.count("\n") <= LONGEST
    assert {*re.findall(r"(?:from|join) (\w+)\.", query)} == {"marts"}
    found = rows(query)
    if question not in MAY_BE_EMPTY:
        assert found
        filled = {
            name for row in found for name, cell in row.items() if cell is not None
        }
        assert {*found[0]} - filled - {"discount_change"} == set(), "columns all null"


def test_answers_agree_with_other_marts(
    rows: Callable[[str], list[dict[str, object]]],
) -> None:
    # Countries add up to the MRR of the month, and managers' losses to those of all.
    by_country = rows(QUESTIONS["MRR by country, month by month"])
    sums: dict[object, object] = {}
    for row in by_country:
        sums[row["date_month"]] = sums.get(row["date_month"], 0) + row["mrr"]  # type: ignore[operator]
    expected = rows(
        "select date_month, mrr_at_end from marts.monthly_churn"
        " where is_complete_month and mrr_at_end > 0"
    )
    assert sums == {row["date_month"]: row["mrr_at_end"] for row in expected}
    books = rows(QUESTIONS["Churn and retention by customer-success manager"])
    [month] = rows(
        "select churned_mrr from marts.monthly_churn"
        " inner join marts.figures_as_of on date_month = latest_complete_month"
    )
    lost = sum(row["churned_mrr"] for row in books)  # type: ignore[misc]
    assert lost == month["churned_mrr"]

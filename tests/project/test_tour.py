"""docs/tour.md shows what its queries return on the demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project.tour import PAGE, STEP, with_results
from tests.python.conftest import MAIN_JOB


@pytest.mark.xdist_group(MAIN_JOB)
def test_the_results_are_those_of_the_demo(demo_database: Path) -> None:
    page = PAGE.read_text("utf-8")
    assert with_results(page, demo_database) == page, (
        f"run `python -m tests.project.tour {demo_database}`, and read the text again"
    )


def test_every_query_is_a_step_with_a_result() -> None:
    page = PAGE.read_text("utf-8")
    steps = list(STEP.finditer(page))
    assert len(steps) == page.count("```sql\n") > 5
    assert [step["query"] for step in steps if step["table"].count("\n") < 3] == []

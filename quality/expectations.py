"""A check as an expectation of Great Expectations."""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.expectations.core.unexpected_rows_expectation import (
    UnexpectedRowsExpectation,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from quality.checks import Bound, Check


class ExpectMeasure(UnexpectedRowsExpectation):
    """Expect one measure of a table to be within bounds.

    The query returns one row: one column per measure, and `message`, which describes
    them in words. A null measure means too little data and passes. The bounds are not
    part of the query, so it runs once for all checks that share it.
    """

    measure: str
    min_value: float | None = None
    max_value: float | None = None
    below: float | None = None
    above: float | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        (row,) = metrics["unexpected_rows_query.table"]
        value = row[self.measure]
        bound = Bound(
            self.measure, self.min_value, self.max_value, self.below, self.above
        )
        return {
            "success": bound.holds(value),
            "result": {
                "observed_value": row["message"] or "too little data",
                "is_enough": value is not None,
            },
        }


def expectations_of(check: Check, query: str) -> list[Expectation]:
    """A check's expectations: critical beyond `fail`, a warning beyond `warn`."""
    return [
        ExpectMeasure(
            unexpected_rows_query=query,
            measure=bound.measure,
            min_value=bound.min,
            max_value=bound.max,
            below=bound.below,
            above=bound.above,
            severity=severity,
            description=f"{check.name}: {bound.words(check.unit)}",
            meta={
                "check": check.name,
                "expected": bound.words(check.unit),
                "advice": check.advice,
            },
        )
        for severity, bound in (
            (FailureSeverity.CRITICAL, check.fail),
            (FailureSeverity.WARNING, check.warn),
        )
        if bound is not None
    ]

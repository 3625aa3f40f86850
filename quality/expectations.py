"""The few kinds of expectation that the suites are written in.

Each carries its name, what it expects and what to do when it fails, for `gates` to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from great_expectations.core import ExpectationSuite
from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
    ExpectColumnValuesToBeInSet,
)
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.core.expect_table_row_count_to_be_between import (
    ExpectTableRowCountToBeBetween,
)
from great_expectations.expectations.core.unexpected_rows_expectation import (
    UnexpectedRowsExpectation,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

Severity = Literal["critical", "warning"]

# Below this share of good values the delivery as a whole is broken (a wrong column, a
# wrong format). Single bad rows are staging's business, and few of them are normal.
BROKEN_SHARE = 0.5


@dataclass(frozen=True)
class Subject:
    """A table to judge, and all that its suite depends on."""

    name: str
    rows: int
    as_of_date: date
    config: Mapping[str, Any]
    columns: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()

    @property
    def small(self) -> int:
        """Fewer accounts, answers or rows than this say nothing about a share."""
        return int(self.config.get("small_sample_size") or 30)

    @property
    def as_of(self) -> str:
        """The as-of day as SQL."""
        return f"date '{self.as_of_date.isoformat()}'"


class ExpectMeasure(UnexpectedRowsExpectation):
    """Expect one measure of a table to lie within bounds.

    The query gives one row: measures, each in its column, and `said`, which puts them
    in words. A null measure is one that there is too little data to judge: it passes.
    The bounds stand outside the query, which so runs once for warning and failure.
    """

    measure: str
    min_value: float | None = None
    max_value: float | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        (row,) = metrics["unexpected_rows_query.table"]
        value = row[self.measure]
        good = value is None or (
            (self.min_value is None or value >= self.min_value)
            and (self.max_value is None or value <= self.max_value)
        )
        observed = "too little to judge" if value is None else row["said"] or str(value)
        return {"success": good, "result": {"observed_value": observed}}


def suite(subject: Subject, *groups: Sequence[Expectation]) -> ExpectationSuite:
    """A table's suite, under the table's name."""
    return ExpectationSuite(
        name=subject.name,
        expectations=[expectation for group in groups for expectation in group],
    )


def measured(
    check: str,
    query: str,
    measure: str,
    *,
    unit: str,
    advice: str,
    fail: tuple[float | None, float | None] | None = None,
    warn: tuple[float | None, float | None] | None = None,
) -> list[Expectation]:
    """Bounds (least, most) of a measure: beyond `fail` critical, beyond `warn` not."""
    found: list[Expectation] = []
    bounds: list[tuple[Severity, tuple[float | None, float | None] | None]] = [
        ("critical", fail),
        ("warning", warn),
    ]
    for severity, pair in bounds:
        if pair is None:
            continue
        expected = _between(*pair, unit)
        found.append(
            ExpectMeasure(
                unexpected_rows_query=query,
                measure=measure,
                min_value=pair[0],
                max_value=pair[1],
                severity=FailureSeverity(severity),
                description=f"{check}: {expected}",
                meta=_meta(check, expected, advice),
            )
        )
    return found


def volume(subject: Subject, advice: str) -> list[Expectation]:
    """Rows at all. A warning: a header without rows is a legitimate delivery."""
    return [
        ExpectTableRowCountToBeBetween(
            min_value=1,
            severity=FailureSeverity.WARNING,
            description="volume: at least 1 row",
            meta=_meta("volume", "at least 1", advice),
        )
    ]


def shares(
    subject: Subject,
    column: str,
    check: str,
    advice: str,
    values: Sequence[Any] = (),
    only_warn: bool = False,
) -> list[Expectation]:
    """A share of rows with a value, or of values in a list; few rows only warn.

    Any smaller share of bad rows is counted, and limited, by what rejects them.
    """
    severity = (
        "critical" if subject.rows >= subject.small and not only_warn else "warning"
    )
    expected = f"at least {100 * BROKEN_SHARE:g} % of them"
    common: dict[str, Any] = {
        "column": column,
        "mostly": BROKEN_SHARE,
        "severity": FailureSeverity(severity),
        "description": f"{check}: {expected}",
        "meta": _meta(check, expected, advice),
    }
    if values:
        return [ExpectColumnValuesToBeInSet(value_set=list(values), **common)]
    return [ExpectColumnValuesToNotBeNull(**common)]


def _meta(check: str, expected: str, advice: str) -> dict[str, str]:
    return {"check": check, "expected": expected, "advice": advice}


def _between(least: float | None, most: float | None, unit: str) -> str:
    scale = 100 if unit.startswith("%") else 1
    if least is None:
        words = f"at most {scale * (most or 0):g}"
    elif most is None:
        words = f"at least {scale * least:g}"
    else:
        words = f"{scale * least:g} to {scale * most:g}"
    return f"{words} {unit}"

"""Results of a gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Gate = Literal["raw", "marts"]
Outcome = Literal["passed", "too little data", "warning", "failed"]


class GateError(Exception):
    """A gate could not be run; the message says why and what to do next."""


@dataclass(frozen=True)
class CheckResult:
    """Result of one check."""

    check: str
    outcome: Outcome
    observed: str
    expected: str
    advice: str
    query: str = ""

    @property
    def line(self) -> str:
        """One line: what is wrong and what to do."""
        return (
            f"{self.check}: {self.observed}, expected {self.expected} - {self.advice}"
        )


@dataclass(frozen=True)
class SuiteResult:
    """Result of one table's suite."""

    name: str
    table: str
    passed: bool
    failed_critical: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checks: int = 0
    skipped_reason: str | None = None
    results: list[CheckResult] = field(default_factory=list)


@dataclass(frozen=True)
class GateResult:
    """Results of all suites of a gate, and the path of the report."""

    gate: Gate
    suites: list[SuiteResult]
    docs: Path | None
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether no critical expectation failed; warnings do not fail a gate."""
        return all(suite.passed for suite in self.suites)

    def as_dict(self) -> dict[str, Any]:
        """The result as plain values, for JSON."""
        return {
            "gate": self.gate,
            "passed": self.passed,
            "seconds": round(self.seconds, 1),
            "docs": str(self.docs) if self.docs else None,
            "suites": [asdict(suite) for suite in self.suites],
        }

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> GateResult:
        """The result that `as_dict` made these values of."""
        return cls(
            gate=found["gate"],
            suites=[
                SuiteResult(
                    **{
                        **suite,
                        "results": [CheckResult(**one) for one in suite["results"]],
                    }
                )
                for suite in found["suites"]
            ],
            docs=Path(found["docs"]) if found["docs"] else None,
            seconds=found["seconds"],
        )

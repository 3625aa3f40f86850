"""What a gate found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Gate = Literal["raw", "marts"]
Outcome = Literal["passed", "too little data", "warning", "failed"]


class GateError(Exception):
    """A gate could not be run; the message says why and what to do next."""


@dataclass(frozen=True)
class CheckResult:
    """What one check found."""

    check: str
    outcome: Outcome
    observed: str
    expected: str
    advice: str
    query: str = ""

    @property
    def line(self) -> str:
        """What is wrong and what to do, in one line."""
        return (
            f"{self.check}: {self.observed}, expected {self.expected} - {self.advice}"
        )


@dataclass(frozen=True)
class SuiteResult:
    """What one table's suite found."""

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
    """What all suites of a gate found, and where it can be read."""

    gate: Gate
    suites: list[SuiteResult]
    docs: Path | None
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether no critical expectation failed; warnings are shown, but pass."""
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

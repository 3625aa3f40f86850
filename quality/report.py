"""A gate's result as console text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quality.results import GateResult, SuiteResult


def lines(result: GateResult) -> Iterable[str]:
    """One line per suite, followed by one per failure and warning."""
    width = max((len(suite.table) for suite in result.suites), default=0)
    for suite in result.suites:
        yield f"{suite.table:<{width}}  {_verdict(suite)}"
        yield from _findings(suite)


def _verdict(suite: SuiteResult) -> str:
    if suite.skipped_reason:
        return f"skipped    {suite.skipped_reason}"
    checks = f"{suite.checks} check{'' if suite.checks == 1 else 's'}"
    words = []
    if suite.failed_critical:
        words.append(f"{len(suite.failed_critical)} FAILED")
    if suite.warnings:
        n = len(suite.warnings)
        words.append(f"{n} warning{'' if n == 1 else 's'}")
    return f"{checks:<9}  {', '.join(words) or 'ok'}"


def _findings(suite: SuiteResult) -> Iterator[str]:
    for line in suite.failed_critical:
        yield f"    FAILED  {line}"
    for line in suite.warnings:
        yield f"    warning {line}"

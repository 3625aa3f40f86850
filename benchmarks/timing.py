"""Time alternatives in turns, so that each runs under the same machine load."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def measure_command(
    command: list[str], environment: Mapping[str, str]
) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory in MB of a command and its children."""
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed: run it alone to see why")
    seconds = time.monotonic() - started
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure_call(call: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds, user and system, of a call: all threads of this process."""
    started, cpu = time.monotonic(), time.process_time()
    call()
    return time.monotonic() - started, time.process_time() - cpu


def medians(
    parts: Mapping[str, Callable[[], tuple[float, ...]]], runs: int
) -> dict[str, tuple[float, ...]]:
    """The medians of what each part measures, after so many rounds of all of them."""
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in parts}
    for _ in range(runs):
        for name, measure in parts.items():
            found[name].append(measure())
    return {
        name: tuple(statistics.median(column) for column in zip(*values, strict=True))
        for name, values in found.items()
    }


def print_medians(
    found: Mapping[str, tuple[float, ...]], columns: Mapping[str, str], runs: int
) -> None:
    """One line per part under a header; `columns` formats each value."""
    heads = "".join(f"{name:>9}" for name in columns)
    print(f"{'part':<28}{heads}   median of {runs}")
    for name, values in found.items():
        shown = zip(values, columns.values(), strict=True)
        print(f"{name:<28}" + "".join(f"{value:>9{form}}" for value, form in shown))


def compare(
    ways: Mapping[str, Callable[[], object]], runs: int, at_least: float
) -> None:
    """Print the CPU of two approaches; the second should need a multiple.

    Raises:
        SystemExit: It does not.
    """
    found = medians(
        {name: partial(measure_call, way) for name, way in ways.items()}, runs
    )
    print_medians(found, {"seconds": ".2f", "CPU s": ".2f"}, runs)
    ours, theirs = (cpu for _, cpu in found.values())
    print(f"CPU: {theirs / ours:.1f} times; at least {at_least:g} times is expected")
    if theirs < at_least * ours:
        raise SystemExit(
            "The ratio is below the expected one: what made the first approach slower?"
        )

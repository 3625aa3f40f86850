"""Vars and environment variables: are they known, and as expected?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.project import ROOT
from pipeline.raw.findings import Problem
from pipeline.raw.text import did_you_mean, display
from pipeline.settings import Settings, parse_date

# Where vars are read: by dbt's function, and in Python from a mapping named config.
READERS = (
    *("macros", "models", "tests/generic", "tests/singular", "analyses", "profiles"),
    *("quality", "pipeline"),
)
READ = re.compile(r"""\b(?:var\(|config\[|config\.get\()\s*['"](\w+)['"](\s*\))?""")
HEALTH_COMPONENTS = ("usage", "billing", "support", "nps")
ALL_COMPONENTS = (*HEALTH_COMPONENTS, "trend")  # the last one is optional

Check = tuple[Callable[[Any], bool], str]  # whether a value is right; what is expected


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_time_zone(value: Any) -> bool:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, TypeError, KeyError):  # the last: no such zone
        return False
    return True


BOOLEAN: Check = (lambda value: isinstance(value, bool), "true or false, unquoted")
SHARE: Check = (_is_share, "a share from 0 to 1, such as 0.8")
COUNT: Check = (_is_count, "a whole number, 0 or more")
POSITIVE: Check = (
    lambda value: _is_count(value) and value > 0,
    "a whole number, 1 or more",
)
TEXTS: Check = (
    lambda value: (
        isinstance(value, list) and all(isinstance(one, str) for one in value)
    ),
    'a list of texts, such as ["one", "two"]',
)
MAPPING: Check = (lambda value: isinstance(value, Mapping), "a mapping, {name: value}")

CHECKS: dict[str, Check] = {
    "publish_comments": BOOLEAN,
    "ended_on_is_inclusive": BOOLEAN,
    "future_end_is_cancellation": BOOLEAN,
    "publish_owner_addresses": BOOLEAN,
    "unknown_ids": (lambda value: value in ("infer", "reject"), "infer or reject"),
    "reporting_timezone": (_is_time_zone, "an IANA name, such as Europe/Berlin or UTC"),
    "base_currency": (
        lambda value: bool(re.fullmatch("[A-Z]{3}", str(value))),
        "an ISO 4217 code in capitals, such as EUR",
    ),
    "gross_margin": SHARE,
    "max_rejection_rate": SHARE,
    "min_score_coverage": SHARE,
    "annual_discount_rate": (
        lambda value: _is_number(value) and value >= 0,
        "a rate a year of 0 or more, such as 0.1",
    ),
    **dict.fromkeys(
        (
            *("clv_horizon_months", "mau_window_days", "adoption_min_days"),
            *("onboarding_days", "trial_conversion_window_days", "health_window_days"),
            *("renewal_window_days", "keep_builds", "nps_health_window_days"),
        ),
        POSITIVE,
    ),
    **dict.fromkeys(
        (
            *("small_sample_size", "late_arrival_days", "min_rejected_rows"),
            "account_pages",
        ),
        COUNT,
    ),
    **dict.fromkeys(
        ("soft_delete_columns", "placeholder_ids", "gate_exceptions"), TEXTS
    ),
    **dict.fromkeys(
        ("sources", "freshness", "alert_thresholds", "ticket_penalties"), MAPPING
    ),
}


def check_vars(config: Mapping[str, Any], settings: Settings) -> list[Problem]:
    """Problems of the vars themselves; those that name tables: `settings`.

    Args:
        config: The vars of `dbt_project.yml`, or those that dbt was given.
        settings: The environment variables.
    """
    problems = _check_environment(settings) + _check_names(config)
    for name, (is_right, expected) in CHECKS.items():
        if name in config and not is_right(config[name]):
            message = f"it is `{display(config[name])}`; expected {expected}."
            problems.append(Problem(f"var {name}", "bad_value", message))
    problems += check_weights(config.get("health_weights"))
    problems += _check_date(config.get("as_of_date"))
    return problems


@cache
def known_vars() -> dict[str, bool]:
    """The vars that the project's own files read, and whether dbt cannot do without."""
    names: dict[str, bool] = {}
    for folder in READERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".sql", ".yml", ".py"):
                for found in READ.finditer(path.read_text(encoding="utf-8")):
                    # without a default
                    is_required = path.suffix != ".py" and bool(found[2])
                    names[found[1]] = names.get(found[1], False) or is_required
    return names


def _check_names(config: Mapping[str, Any]) -> list[Problem]:
    problems = []
    known = known_vars()
    missing = [name for name, is_required in known.items() if is_required]
    missing = [name for name in missing if name not in config]
    for name in config:
        if name not in known:
            near = did_you_mean(str(name), missing) or did_you_mean(str(name), known)
            message = f"nothing reads a var of that name.{near or ' Remove it.'}"
            where = f"var {display(name)}"
            problems.append(Problem(where, "unknown_var", message))
    if not problems:
        message = "it is not set. Put it back into the vars of dbt_project.yml."
        problems = [Problem(f"var {name}", "missing_var", message) for name in missing]
    return problems


def _check_environment(settings: Settings) -> list[Problem]:
    problems = [
        Problem(name, "bad_value", f"it is {message}")
        for name, message in settings.wrong.items()
    ]
    for name, near in settings.misspelt.items():
        message = f"nothing reads a variable of that name. Did you mean {near}?"
        problems.append(Problem(display(name), "unknown_setting", message))
    return problems


def check_weights(weights: Any) -> list[Problem]:
    """What is wrong with var health_weights; nothing if it is not given."""

    def problem(message: str) -> list[Problem]:
        return [Problem("var health_weights", "bad_value", message)]

    shape = "expected percentages that sum to 100, such as"
    shape += " {usage: 40, billing: 30, support: 20, nps: 10}."
    if weights is None:
        return []
    if not isinstance(weights, Mapping):
        return problem(f"it is `{display(weights)}`; {shape}")
    problems = []
    for name, weight in weights.items():
        if name not in ALL_COMPONENTS:
            near = did_you_mean(str(name), ALL_COMPONENTS)
            known = f" There are {', '.join(ALL_COMPONENTS)}."
            problems += problem(f"no component `{display(name)}`.{near or known}")
        elif not _is_number(weight) or weight < 0:
            problems += problem(
                f"`{name}` is `{display(weight)}`; expected a number, 0 or more."
            )
    if not problems:
        total = sum(weights.values())
        missing = [name for name in HEALTH_COMPONENTS if name not in weights]
        if missing:
            problems += problem(f"`{'`, `'.join(missing)}` is missing; {shape}")
        elif abs(total - 100) > 1e-9:
            problems += problem(f"they sum to {total:g}; {shape}")
    return problems


def _check_date(given: Any) -> list[Problem]:
    if not given:
        return []
    try:
        parse_date(given)
    except ValueError as error:
        message = f"it is '{given}': {error}"
        return [Problem("var as_of_date", "bad_value", message)]
    return []

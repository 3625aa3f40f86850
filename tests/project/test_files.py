"""Files stay small, and a macro's file has its name. The lists only get shorter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.python.conftest import ROOT

# Most lines of a file, by pattern.
LIMITS = {
    "models/**/*.sql": 200,
    "models/**/*.yml": 300,
    "macros/**/*.sql": 120,
    "quality/**/*.yml": 300,
    "demo/**/*.py": 400,
    "pipeline/**/*.py": 400,
    "pipeline/**/*.yml": 300,
    "quality/**/*.py": 400,
    "tests/**/*.py": 800,
}
# Files that are longer, and how long they may be at most. A new line needs a reason; an
# entry is lowered, or removed, once its file is 50 lines shorter, or short enough.
LONGER = {
    "models/staging/sources.yml": 430,  # the contract of all raw tables
    "models/intermediate/health_rules.yml": 350,  # rules that several models follow
    "quality/bounds.yml": 720,  # every bound of the gates, and why a mart has none
    "demo/generate.py": 900,
    "pipeline/publish/compare.py": 620,
    "pipeline/publish/comparison.yml": 400,  # what may change in which mart
    "tests/oracle/core_revenue.py": 1250,
    "tests/oracle/rows.py": 920,
    "tests/python/test_inputs.py": 1540,
    "tests/python/test_publish.py": 1060,
    "tests/python/test_quality.py": 1480,
}
MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\(")


def lines_of(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


@pytest.mark.parametrize("pattern", LIMITS)
def test_no_file_is_too_long(pattern: str) -> None:
    files = [*ROOT.glob(pattern)]
    assert files
    wrong = {
        name: f"{lines} lines, at most {most}"
        for path in files
        if (lines := lines_of(path))
        > (
            most := LONGER.get(
                name := path.relative_to(ROOT).as_posix(), LIMITS[pattern]
            )
        )
    }
    assert wrong == {}


def test_what_may_be_longer_is() -> None:
    limits = {
        path.relative_to(ROOT).as_posix(): limit
        for pattern, limit in LIMITS.items()
        for path in ROOT.glob(pattern)
    }
    assert {*LONGER} - {*limits} == set(), "no such files: remove them from LONGER"
    wrong = {
        name: lines
        for name, most in LONGER.items()
        if (lines := lines_of(ROOT / name)) <= limits[name] or most - lines > 50
    }
    assert wrong == {}, "shorter than LONGER allows: lower or remove their entries"


def macros_of(path: Path) -> list[str]:
    """The macros of a file; duckdb__add_days is one of add_days."""
    names = MACRO.findall(path.read_text("utf-8"))
    return [*dict.fromkeys(name.rpartition("__")[2] for name in names)]


def test_a_file_has_the_macro_of_its_name() -> None:
    files = [*ROOT.glob("macros/**/*.sql")]
    assert len(files) > 80
    wrong = {
        path.relative_to(ROOT).as_posix(): found
        for path in files
        if (found := macros_of(path)) != [path.stem]
    }
    assert wrong == {}, (
        "one macro a file (with its duckdb__ variant), named as the file"
    )


def test_raw_tables_is_in_the_order_of_the_contract() -> None:
    text = (ROOT / "macros" / "staging" / "raw_tables.sql").read_text("utf-8")
    listed = re.findall(r"^\s+'(\w+)',$", text, flags=re.MULTILINE)
    sources = (ROOT / "models" / "staging" / "sources.yml").read_text("utf-8")
    (source,) = yaml.safe_load(sources)["sources"]
    assert [f"raw_{name}" for name in listed] == [t["name"] for t in source["tables"]]
    base = {path.stem for path in ROOT.glob("models/staging/base/*.sql")}
    assert {f"base_{name}" for name in listed} == base

"""The repository uses the field's terms: no words of its own dialect.

docs/glossary.md has the terms. The pages of docs/ are checked in test_docs.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    *("analyses", "benchmarks", "charts", "demo", "deploy", "macros", "models"),
    *("pipeline", "profiles", "quality", "seeds", "tests", ".github"),
)
FILES = ("CHANGELOG.md", "Makefile", "dbt_charts.yml", "dbt_project.yml")
# What is read: comments and docstrings, descriptions and messages.
READ = {".md", ".py", ".service", ".sh", ".sql", ".timer", ".txt", ".yml"}

# They quote the words.
OTHERS = {Path(__file__), Path(__file__).with_name("test_docs.py")}

# What not to write, and what to write instead.
TERMS = {
    r"rulings?": "rule",
    r"anew|afresh": "again, from scratch; regenerate",
    r"mend(?:ed|s|ing)?": "fix",
    r"figures?(?! as of)": "metric, value, number",
    r"feeds?": "source",
    r"in use(?!:)": "in scope",
    r"out of sight": "in isolation",
    r"judg(?:e|ed|es|ing)": "validate, evaluate",
    r"boards?": "dashboard",
    r"stands? (?:as of|on|there|beside|twice|once)": "is; metrics as of",
    r"(?:one|a) rows? in all": "a single row",
    r"(?:goes|go|went|going) on": "continue",
    r"at the edge": "edge case",
    r"the first that fits": "first match wins",
    r"whoever": "the user, the reader",
    r"(?:is|are|be|was) (?:told|said)": "reported",
    r"none at (?:its|the) end": "no longer active at the end",
    r"without a base": "with a zero denominator",
    r"per cent": "percent, or 5%",
    r"lawful": "allowed",
}
SPACED_PERCENT = r"(?<=\d) %(?! ?[\d(={}%])(?=[\s.,;)]|$)"
DIALECT = re.compile(
    rf"(?<![\w/.<-])(?:{'|'.join(TERMS)})(?![\w/])|{SPACED_PERCENT}", re.IGNORECASE
)
# Names that must stay: published values, old names that still work, others' methods.
KEPT = re.compile(
    r"(?:make|pipeline|dashboards) boards|build/boards|--no-boards|\bboards: setup"
    r"|def boards|`boards`|[\"']boards[\"']|<title>Boards|BOARDS_\w+"
)


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in READ and path not in OTHERS:
                yield path
    yield from (ROOT / name for name in FILES)


def dialect(text: str) -> list[str]:
    """The lines of a text with a word that is not one of the field's."""
    return [
        f"{number}: {found[0].strip()}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := DIALECT.search(KEPT.sub("", line)))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "-- one row in all",
        "# the figures stand as of as_of_date",
        "description: Accounts in use.",
        '"""Whoever reads is told."""',
        "the boards, made anew",
        "interval: 95 % of it",
    ],
)
def test_dialect_is_found(text: str) -> None:
    assert dialect(text)


@pytest.mark.parametrize(
    "text",
    [
        "from marts.figures_as_of",
        "found.feed(page)",
        "Figures as of 2024-03-31.",
        "port 8710 is in use: give another",
        "the dashboards; `make boards` still works",
        '"%d rows" % (5 % 2)',
    ],
)
def test_names_and_plain_words_are_not_dialect(text: str) -> None:
    assert dialect(text) == []


@pytest.mark.parametrize("path", [*texts()], ids=label)
def test_plain_words(path: Path) -> None:
    found = dialect(path.read_text("utf-8"))
    assert found == [], "see TERMS for what to write instead"

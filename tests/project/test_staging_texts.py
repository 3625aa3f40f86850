"""raw_columns.md and the README of macros/staging say what their sources say."""

from __future__ import annotations

from pathlib import Path

from tests.project import staging_texts as texts

COMMAND = "run `python -m tests.project.staging_texts`"


def test_the_doc_blocks_are_those_of_sources_yml() -> None:
    assert texts.COLUMNS.read_text("utf-8") == texts.doc_blocks(), COMMAND


def test_the_readme_shows_what_the_model_compiles_to(tmp_path: Path) -> None:
    page = texts.README.read_text("utf-8")
    assert page.count("```sql\n") == 1
    assert page == texts.with_sql(page, texts.compiled_model(tmp_path)), COMMAND


def test_the_readme_names_every_step() -> None:
    page = texts.README.read_text("utf-8")
    steps = texts.SQL.findall(page)[0].count(" as (\n")
    named = [line for line in page.splitlines() if line.startswith("| `")]
    # without `repeated_keys`, which rank_by_key has for itself
    assert len(named) == steps - 1

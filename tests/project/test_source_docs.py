"""The pages of docs/sources say what models/sources reads.

Each setting and each table of a source is on its page, and the table of loaders names
the shapes that can be read.
"""

from __future__ import annotations

import re

import pytest

from pipeline.raw.contract import CANONICAL
from pipeline.raw.sources import known_sources, loaders, setting_names, source_tables
from tests.project.test_docs import ROOT

FOLDER = ROOT / "docs" / "sources"
COMMON = ("loader", "schema", "columns")  # settings that every source has
# They write into a warehouse or bucket themselves.
NO_LOADER = {"segment", "posthog"}


def page(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def words_in_code(text: str) -> set[str]:
    """Names between backticks; `{stripe: {schema: x}}` has three."""
    spans = re.findall(r"`([^`]+)`|```[a-z]*\n(.*?)```", text, re.DOTALL)
    return set(re.findall(r"\w+", " ".join(part for pair in spans for part in pair)))


@pytest.mark.parametrize("source", sorted(known_sources()))
def test_settings_and_tables_of_a_source_are_on_its_page(source: str) -> None:
    words = words_in_code(page(source))
    settings = {*setting_names(source)} - {*COMMON}
    tables = {one.table.name for one in source_tables(source, CANONICAL)}
    assert settings - words == set()
    assert tables - words == set()


@pytest.mark.parametrize("loader", ["airbyte", "dlt"])
def test_what_a_loader_must_land_is_on_its_page(loader: str) -> None:
    words = {word.lower() for word in words_in_code(page(loader))}
    missing = {
        f"{source}.{one.table.name}"
        for source in known_sources()
        if loader in loaders(source)
        for one in source_tables(source, loader)
        # dlt makes tables of lists in a resource: resource__list
        if one.table.name.split("__")[0] not in words
    }
    assert missing == set()


def test_the_table_of_loaders_is_that_of_the_folders() -> None:
    text = page("README")
    table = text[text.index("| source | Fivetran | dlt | Airbyte |") :].split("\n\n")[0]
    said = {}
    for row in table.splitlines()[2:]:
        names, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        for name in names.split(", "):
            said[name.lower()] = [
                loader
                for loader, cell in zip(("dlt", "airbyte"), cells[1:], strict=True)
                if cell.startswith("yes")
            ]
    real = {
        source: sorted({*loaders(source)} - {CANONICAL}, reverse=True)
        for source in known_sources()
    }
    assert {*said} == {*real}
    assert {name: said[name] for name in said if name not in NO_LOADER} == {
        name: real[name] for name in real if name not in NO_LOADER
    }
    assert all(real[name] == [] for name in NO_LOADER)

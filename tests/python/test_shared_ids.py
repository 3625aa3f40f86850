"""An id in two sources of one table stops the build."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from pipeline import build as main_job
from pipeline.exit_codes import INPUTS_FAILED
from pipeline.raw.shared_ids import shared_ids

CONFIG = {"sources": {"subscriptions": ["stripe", "recurly"], "invoices": "stripe"}}


def warehouse(file: Path, stripe: list[str], recurly: list[str]) -> Path:
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema raw")
        for source, ids in (("stripe", stripe), ("recurly", recurly)):
            rows = ", ".join(f"('{one}')" for one in ids)
            connection.execute(
                f"create view raw.{source}__subscriptions as"
                f" from (values {rows}) as t (subscription_id)"
            )
    return file


def test_ids_in_both_are_named(tmp_path: Path) -> None:
    shared = ["s4", "s1 ", "s3", "s2"]
    file = warehouse(
        tmp_path / "w.duckdb", [*shared, "a", ""], ["s1", *shared, "b", ""]
    )
    assert shared_ids(file, CONFIG) == [
        "subscriptions: subscription_id s1, s2, s3 and 1 more in stripe and in recurly."
        " A row belongs to one source: leave it out of the other's tables, or name one"
        " of the two in var sources."
    ]


def test_one_source_has_ids_of_its_own(tmp_path: Path) -> None:
    # a period of one subscription is a row
    file = warehouse(tmp_path / "w.duckdb", ["a", "a"], ["b"])
    assert shared_ids(file, CONFIG) == []
    assert shared_ids(file, {}) == []


def test_the_build_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = warehouse(tmp_path / "w.duckdb", ["s1"], ["s1"])
    steps: list[str] = []

    def run_dbt(_: Console, command: str, *__: str, **___: object) -> bool:
        steps.append(command)
        return True

    monkeypatch.setattr(main_job, "preflight", lambda _: True)
    monkeypatch.setattr(main_job, "run_dbt", run_dbt)
    monkeypatch.setattr(main_job, "project_vars", lambda: CONFIG)
    with Console(quiet=True).capture():
        done = main_job.raw_to_marts(Console(quiet=True), file)
    assert done.failed == INPUTS_FAILED
    assert steps == ["seed", "build"]  # staging, and no mart

"""Var segments: columns of accounts beyond the contract's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.project import project_vars
from pipeline.raw import inspect_inputs, raw_contract
from pipeline.raw.contract import contract_with_segments
from pipeline.raw.settings import check_settings
from tests.python.conftest import ROOT, settings_of


def config_with(**changes: Any) -> dict[str, Any]:
    return {**project_vars(), **changes}


@pytest.mark.parametrize(
    ("config", "rule", "says"),
    [
        ({"segments": "tier"}, "bad_value", "`tier`; expected a list"),
        ({"segments": ["plan"]}, "bad_segment", "`plan` cannot be a segment"),
        ({"segments": ["industry"]}, "bad_segment", "beyond the contract's"),
        ({"segments": ["updated_at"]}, "bad_segment", "`updated_at` cannot be"),
        ({"segments": ["Tier"]}, "bad_segment", "lower-case letters"),
        ({"segments": [3]}, "bad_segment", "`3` cannot be a segment"),
        (
            {"segments": ["tier"], "absent_tables": ["accounts"]},
            *("bad_segment", "left out by var absent_tables"),
        ),
        (
            {"segments": ["tier"], "sources": {"accounts": "hubspot"}},
            *("bad_segment", "accounts are read from hubspot"),
        ),
    ],
)
def test_a_segment_that_cannot_be(config: dict[str, Any], rule: str, says: str) -> None:
    given = config_with(**config)
    (problem,) = check_settings(given, contract_with_segments(given), is_demo=False)
    assert (problem.where, problem.rule) == ("var segments", rule)
    assert says in problem.message


def delivered(folder: Path, header: str) -> Path:
    for file in (ROOT / "demo" / "data").glob("*.csv"):
        if file.stem != "accounts":
            (folder / file.name).symlink_to(file)
    (folder / "accounts.csv").write_text(f"{header}\na1,2024-01-01,gold\n")
    return folder


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    raw = delivered(tmp_path, "account_id,signed_up_on,tiers")
    environment = settings_of({"RAW_LOCATION": str(raw)})
    found = inspect_inputs(config_with(segments=["tier"]), environment)
    (problem,) = found.problems
    assert problem.rule == "missing_column"
    assert "no column `tier`; did you mean `tiers`? Rename it" in problem.message
    assert "raw_columns: {accounts: {tier: tiers}}" in problem.message
    mapped = config_with(segments=["tier"], raw_columns={"accounts": {"tier": "tiers"}})
    assert not inspect_inputs(mapped, environment).problems
    (wrong,) = inspect_inputs(config_with(segments=["region"]), environment).problems
    assert "no column `region` (text, named in var segments)" in wrong.message


def test_without_segments_the_contract_is_as_it_is() -> None:
    assert contract_with_segments(project_vars()) == raw_contract()

"""Other weights of the health score, tried on a copy of a build."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline.project import InputError
from pipeline.what_if import FOLDER, read_weights
from tests.python.conftest import pipeline

USUAL = "usage=40,billing=30,support=20,nps=10"


def test_weights_are_read() -> None:
    assert read_weights("usage=50, billing=20,support=19.5,nps=10.5") == {
        "usage": 50,
        "billing": 20,
        "support": 19.5,
        "nps": 10.5,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not like"),
        ("usage", "`usage` is not like"),
        ("usage=40,billing=30,support=20", "`nps` is missing"),
        ("usage=40,billing=30,support=20,nps=20", "sum to 110"),
        ("usage=110,billing=-10,support=0,nps=0", "0 or more"),
        ("useage=40,billing=30,support=20,nps=10", "usage"),
    ],
)
def test_what_is_no_weights_is_said(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_weights(text)


def bands_changed(output: str) -> int:
    found = re.search(r"(\d+) of \d+ accounts change band", output)
    assert found, output
    return int(found[1])


def test_only_other_weights_change_bands(demo_database: Path, tmp_path: Path) -> None:
    built = tmp_path / "warehouse.duckdb"
    shutil.copy(demo_database, built)
    before = built.read_bytes()
    environment = {"DUCKDB_PATH": str(built)}

    same = pipeline("health-what-if", USUAL, environment=environment)
    assert same.returncode == 0, same.stdout + same.stderr
    assert bands_changed(same.stdout) == 0

    usage = "usage=100,billing=0,support=0,nps=0"
    done = pipeline("health-what-if", usage, environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(str(built), read_only=True) as connection:
        # with usage alone the score is the component, rounded
        [[expected]] = connection.execute(
            "select count(*) from marts.account_health"
            " where date_month = (select max(date_month) from marts.account_health)"
            " and health_band is distinct from case"
            " when usage_score is null then null"
            " when round(usage_score) <= 40 then 'red'"
            " when round(usage_score) <= 70 then 'yellow'"
            " when round(usage_score) <= 100 then 'green' else 'thriving' end"
        ).fetchall()
    assert expected > 0
    assert bands_changed(done.stdout) == expected
    assert built.read_bytes() == before, "the build is as it was"
    assert not (FOLDER / built.name).exists(), "the copy is gone"


def test_without_a_build_it_says_so(tmp_path: Path) -> None:
    missing = {"DUCKDB_PATH": str(tmp_path / "warehouse.duckdb")}
    done = pipeline("health-what-if", USUAL, environment=missing)
    assert done.returncode != 0
    assert "make build" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr

"""Faults in raw data, built and compared as `make publish` does it."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.publish import manifest as manifests
from pipeline.publish.paths import PublishPaths
from tests.python.conftest import ROOT

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("compare raw")]

DEMO = ROOT / "demo" / "data"

Row = dict[str, str]
Change = Callable[[list[Row]], Iterable[Row]]


class Company:
    """The demo's files in a folder of their own, published once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = PublishPaths(folder / "publish", folder / "builds")
        self.tables = {f.stem: f for f in DEMO.glob("*.csv")}

    def deliver(self, **changes: Change) -> None:
        raw = self.folder / "raw"
        raw.mkdir(exist_ok=True)
        for table, source in self.tables.items():
            with source.open(newline="", encoding="utf-8") as given:
                reader = csv.DictReader(given)
                rows = list(reader)
                columns = list(reader.fieldnames or ())
            with (raw / f"{table}.csv").open("w", newline="", encoding="utf-8") as made:
                writer = csv.DictWriter(made, columns)
                writer.writeheader()
                writer.writerows(changes.get(table, list)(rows))

    def publish(self, *arguments: str, day: str = "2026-09-20") -> tuple[int, str]:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pipeline",
                "publish",
                "--no-dashboards",
                *arguments,
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "RAW_LOCATION": str(self.folder / "raw"),
                "AS_OF_DATE": day,
                "PUBLISH_FOLDER": str(self.paths.readers),
                "BUILDS_FOLDER": str(self.paths.private),
                "HISTORY_PATH": str(self.folder / "history.duckdb"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Published as of the day before."""
    company = Company(tmp_path_factory.mktemp("company"))
    company.deliver()
    code, output = company.publish(day="2026-09-19")
    assert code == 0, output
    assert "nothing to compare" in output
    return company


def every(n: int, keep: int) -> Change:
    return lambda rows: [row for i, row in enumerate(rows) if i % n < keep]


def changed(**columns: Callable[[Row], str]) -> Change:
    def change(rows: list[Row]) -> list[Row]:
        return [{**row, **{c: to(row) for c, to in columns.items()}} for row in rows]

    return change


def seven_hours_later(row: Row) -> str:
    try:
        moment = datetime.fromisoformat(row["logged_in_at"].replace("Z", "+00:00"))
    except ValueError:
        return row["logged_in_at"]
    return (moment + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M:%SZ")


def inverted(row: Row) -> str:
    rate = float(row["rate_to_base"] or 0)
    return f"{1 / rate:.4f}" if rate else row["rate_to_base"]


def in_cents(row: Row) -> str:
    if not row["started_on"].startswith("2026-05") or not row["amount"]:
        return row["amount"]
    return f"{float(row['amount']) * 100:.2f}"


def doubled(rows: list[Row]) -> list[Row]:
    return rows + [{**row, "login_id": f"X{row['login_id']}"} for row in rows]


def rates_standing_still(rows: list[Row]) -> list[Row]:
    last = {
        row["currency"]: row["rate_to_base"]
        for row in sorted(rows, key=lambda row: row["rate_date"])
        if row["rate_date"] < "2026-06-15" and float(row["rate_to_base"] or 0)
    }
    return [
        {**row, "rate_to_base": last[row["currency"]]}
        if row["rate_date"] >= "2026-06-15" and row["rate_to_base"] != "0"
        else row
        for row in rows
    ]


FAULTS: dict[str, dict[str, Change]] = {
    "60% of accounts missing": {"accounts": every(5, 2)},
    "half of the subscriptions missing": {"subscriptions": every(2, 1)},
    "logins doubled under new ids": {"logins": doubled},
    "one month's amounts in cents": {"subscriptions": changed(amount=in_cents)},
    "exchange rates inverted": {"exchange_rates": changed(rate_to_base=inverted)},
    "exchange rates stand still": {"exchange_rates": rates_standing_still},
    "a time zone shift": {"logins": changed(logged_in_at=seven_hours_later)},
    "internal flags lost": {"accounts": changed(is_internal=lambda _: "false")},
    "feature keys renamed": {
        "feature_events": changed(feature_key=lambda row: row["feature_key"].upper())
    },
    "no invoice ever paid": {
        "invoices": changed(paid_on=lambda _: "", status=lambda _: "open")
    },
    "cancel reasons all null": {"subscriptions": changed(cancel_reason=lambda _: "")},
    "ended_on all null": {"subscriptions": changed(ended_on=lambda _: "")},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_raw_fault_is_not_published(fault: str, company: Company) -> None:
    before = company.paths.published.stat().st_ino
    company.deliver(**FAULTS[fault])
    code, output = company.publish("--full-refresh")
    print(f"FAULT {fault}: exit {code}")
    print("\n".join(line for line in output.splitlines() if line.startswith("DIFFERS")))
    # A gate (4) or dbt's tests (5) may see it before the comparison (9) does.
    assert code in {4, 5, 9}, output
    assert company.paths.published.stat().st_ino == before


def test_one_more_day_is_published(company: Company) -> None:
    company.deliver()
    code, output = company.publish("--dry-run")
    assert code == 0, output
    assert "Would publish" in output


def test_a_price_rise_is_published(company: Company) -> None:
    def raised(row: Row) -> str:
        if row["started_on"] < "2026-08-15" or not row["amount"]:
            return row["amount"]
        return f"{float(row['amount']) * 1.15:.2f}"

    company.deliver(subscriptions=changed(amount=raised))
    code, output = company.publish("--full-refresh", "--dry-run")
    assert code == 0, output


def test_an_accepted_difference_is_published_once(company: Company) -> None:
    company.deliver(feature_events=FAULTS["feature keys renamed"]["feature_events"])
    published = manifests.read(company.paths.manifest)
    assert published
    code, output = company.publish(
        "--full-refresh", "--accept", "20000101T000000000000Z"
    )
    assert code == 7, output
    assert published["build_id"] in output
    accept = ("--full-refresh", "--accept", published["build_id"])
    code, output = company.publish(*accept)
    assert code == 0, output
    now = manifests.read(company.paths.manifest)
    assert now
    assert now["comparison"]["with"] == published["build_id"]
    assert now["comparison"]["accepted"]
    assert "feature_events" in " ".join(now["comparison"]["stops"])
    code, output = company.publish(*accept)
    assert code == 7, output

"""Faults in raw data, built and compared as `make publish` does it."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import md5
from pathlib import Path

import pytest
from rich.console import Console

from pipeline.build import raw_to_marts
from pipeline.exit_codes import DIFFERS, GATE_FAILED, PUBLISH_FAILED
from pipeline.project import project_vars
from pipeline.publish import manifest as manifests
from pipeline.publish import published_file
from pipeline.publish.compare import compare
from pipeline.publish.paths import DATABASE, PublishPaths
from tests.python.conftest import ROOT

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("compare raw")]

DEMO = ROOT / "demo" / "data"
PUBLISHED_AS_OF = "2026-09-06"
AS_OF = "2026-09-20"

Row = dict[str, str]
Change = Callable[[list[Row]], Iterable[Row]]

# The column that says when a row came into being, and those that were filled later.
FIRST_DATE = {
    "accounts": "signed_up_on",
    "costs": "date_month",
    "exchange_rates": "rate_date",
    "feature_events": "occurred_at",
    "invoices": "issued_on",
    "logins": "logged_in_at",
    "referrals": "referred_on",
    "subscriptions": "started_on",
    "support_tickets": "opened_at",
    "surveys": "sent_at",
    "users": "created_at",
}
FILLED_LATER = {
    "ended_on": ("cancel_reason",),
    "paid_on": (),
    "responded_at": ("score", "comment"),
    "first_response_at": (),
    "closed_at": (),
    "deactivated_at": (),
}


def as_known_on(day: str, table: str, rows: Iterable[Row]) -> list[Row]:
    """The rows of a table as an export of that day would have had them."""
    known = []
    for row in rows:
        if row[FIRST_DATE[table]][:10] > day:
            continue
        row = dict(row)
        for column, others in FILLED_LATER.items():
            if row.get(column, "")[:10] > day:
                row |= dict.fromkeys((column, *others), "")
                if column == "paid_on":
                    row["status"] = "open"
        known.append(row)
    return known


class Company:
    """The demo's files in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables = {f.stem: f for f in DEMO.glob("*.csv")}

    def paths(self, name: str = "publish") -> PublishPaths:
        return PublishPaths(self.folder / name, self.folder / f"{name}-builds")

    def deliver(self, changes: Mapping[str, Change], day: str = AS_OF) -> None:
        """Write all tables as known on a day, some of them changed."""
        raw = self.folder / "raw"
        raw.mkdir(exist_ok=True)
        for table, source in self.tables.items():
            with source.open(newline="", encoding="utf-8") as given:
                reader = csv.DictReader(given)
                rows = as_known_on(day, table, reader)
                columns = list(reader.fieldnames or ())
            with (raw / f"{table}.csv").open("w", newline="", encoding="utf-8") as made:
                writer = csv.DictWriter(made, columns)
                writer.writeheader()
                writer.writerows(changes.get(table, list)(rows))

    def publish(
        self, *arguments: str, day: str = AS_OF, into: str = "publish"
    ) -> tuple[int, str]:
        paths = self.paths(into)
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
                "PUBLISH_FOLDER": str(paths.readers),
                "BUILDS_FOLDER": str(paths.private),
                "HISTORY_PATH": str(paths.readers.with_name(f"{into}.history.duckdb")),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def candidate(
        self, tables: Mapping[str, Change], *, full_refresh: bool = False
    ) -> tuple[str, str]:
        """What `make publish` does with an export, but for most of dbt's tests.

        Returns:
            Which step stopped it (empty where none did), and what was printed.
        """
        self.deliver(tables)
        paths = self.paths()
        last = manifests.read(paths.manifest)
        assert last
        private = self.folder / "candidate" / DATABASE
        private.parent.mkdir(exist_ok=True)
        private.unlink(missing_ok=True)
        if not full_refresh:
            shutil.copyfile(paths.built(last["build_id"]) / DATABASE, private)
        output = io.StringIO()
        artifacts = self.folder / "artifacts"
        set_to = {"RAW_LOCATION": str(self.folder / "raw"), "AS_OF_DATE": AS_OF}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in set_to.items():
                patch.setenv(name, value)
            steps = raw_to_marts(
                Console(file=output, width=10_000),
                private,
                full_refresh=full_refresh,
                options=NO_GENERIC_TESTS,
                artifacts=artifacts,
            )
        if steps.failed:
            return {4: "gate", 5: "dbt"}.get(steps.failed, "inputs"), output.getvalue()
        readers = self.folder / "candidate" / "readers.duckdb"
        readers.unlink(missing_ok=True)
        marts = published_file.marts_of(artifacts / "manifest.json")
        published_file.write(private, readers, marts, with_comments=False)
        found = compare(
            paths.published,
            readers,
            late_arrival_days=int(project_vars()["late_arrival_days"]),
            private=private,
        )
        lines = [f"DIFFERS {one}" for one in found.of("stop")]
        lines += [f"warning {one}" for one in found.of("warning")]
        lines += [f"not compared: {one}" for one in found.skipped]
        stopped_by = "comparison" if found.stops else ""
        return stopped_by, output.getvalue() + "\n".join(lines)


NO_GENERIC_TESTS = (
    *("--exclude-resource-type", "unit_test"),
    *("--exclude", "test_type:generic"),
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Published as of two weeks before, with what was known then."""
    company = Company(tmp_path_factory.mktemp("company"))
    company.deliver({}, PUBLISHED_AS_OF)
    code, output = company.publish(day=PUBLISHED_AS_OF)
    assert code == 0, output
    assert "nothing to compare" in output
    return company


# -- what goes wrong in an export ------------------------------------------------------


def part(*of: str) -> int:
    """A number from 0 to 99 that is a row's own."""
    return int(md5("|".join(of).encode(), usedforsecurity=False).hexdigest(), 16) % 100


def only(keep: Callable[[Row], bool]) -> Change:
    return lambda rows: [row for row in rows if keep(row)]


def changed(**columns: Callable[[Row], str]) -> Change:
    def change(rows: list[Row]) -> list[Row]:
        return [{**row, **{c: to(row) for c, to in columns.items()}} for row in rows]

    return change


def to(value: str) -> Callable[[Row], str]:
    return lambda _: value


def later(hours: int, since: str = "") -> Change:
    """Logins of another time zone, by all rows or by those of late."""

    def moved(row: Row) -> str:
        written = row["logged_in_at"]
        if written < since:
            return written
        try:
            moment = datetime.fromisoformat(written.replace("Z", "+00:00"))
        except ValueError:
            return written
        return (moment + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")

    return changed(logged_in_at=moved)


def times(factor: float, where: Callable[[Row], bool] = lambda _: True) -> Change:
    def amount(row: Row) -> str:
        if not row["amount"] or not where(row):
            return row["amount"]
        return f"{float(row['amount']) * factor:.2f}"

    return changed(amount=amount)


def inverted(row: Row) -> str:
    rate = float(row["rate_to_base"] or 0)
    return f"{1 / rate:.4f}" if rate else row["rate_to_base"]


def doubled(rows: list[Row]) -> list[Row]:
    return rows + [{**row, "login_id": f"X{row['login_id']}"} for row in rows]


def with_a_bot(since: str) -> Change:
    """One user makes as many logins as all others together."""

    def change(rows: list[Row]) -> list[Row]:
        bot = next(row for row in rows if row["user_id"] and row["account_id"])
        own = {key: bot[key] for key in ("user_id", "account_id")}
        return rows + [
            {**row, **own, "login_id": f"B{row['login_id']}"}
            for row in rows
            if row["logged_in_at"] >= since
        ]

    return change


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


@dataclass(frozen=True)
class Fault:
    """Changed tables, and what the output has to say.

    Attributes:
        tables: The change of each table.
        shows: Names that a line about what stops the publish has to have.
        full_refresh: Whether old events are read again; else only the newest days are,
            as `make publish` does it.
    """

    tables: Mapping[str, Change]
    shows: tuple[str, ...] = ()
    full_refresh: bool = False


FAULTS = {
    "60% of accounts missing": Fault(
        {"accounts": only(lambda row: part(row["account_id"]) >= 60)},
        shows=("paying accounts known",),
    ),
    "half of the subscriptions missing": Fault(
        {"subscriptions": only(lambda row: part(row["subscription_id"]) < 50)},
        shows=("customers", "A0001", "rows of input, subscriptions"),
    ),
    "one plan's prices times 100": Fault(
        {"subscriptions": times(100, lambda row: row["plan"] == "team")},
        shows=("amounts as invoiced", "plan team"),
    ),
    "one plan's new prices times 100": Fault(
        {
            "subscriptions": times(
                100,
                lambda row: row["plan"] == "team" and row["started_on"] > "2026-08-01",
            )
        },
        shows=("MRR by plan, team", "A0025"),
    ),
    "logins doubled under new ids": Fault(
        {"logins": doubled}, shows=("repeated rows",)
    ),
    "logins doubled under new ids, all read again": Fault(
        {"logins": doubled}, shows=("repeated rows",), full_refresh=True
    ),
    "all amounts in cents": Fault(
        {"subscriptions": times(100), "invoices": times(100), "costs": times(100)},
        shows=("MRR at month end", "invoices paid to date"),
    ),
    "amounts of subscriptions in cents": Fault({"subscriptions": times(100)}),
    "one month's amounts in cents": Fault(
        {
            "subscriptions": times(
                100, lambda row: row["started_on"].startswith("2026-05")
            )
        },
    ),
    "one month's invoices in cents": Fault(
        {"invoices": times(100, lambda row: row["issued_on"].startswith("2026-05"))},
    ),
    "a bot makes half of all logins": Fault(
        {"logins": with_a_bot("2024")}, full_refresh=True
    ),
    "a bot makes half of all new logins": Fault(
        {"logins": with_a_bot("2026-09-07")}, shows=("busiest user", "U00001")
    ),
    "exchange rates end three months ago": Fault(
        {"exchange_rates": only(lambda row: row["rate_date"] < "2026-06-15")},
    ),
    "exchange rates stand still for three months": Fault(
        {"exchange_rates": rates_standing_still}
    ),
    "exchange rates inverted": Fault(
        {"exchange_rates": changed(rate_to_base=inverted)}
    ),
    "no invoice ever paid": Fault(
        {"invoices": changed(paid_on=to(""), status=to("open"))}
    ),
    "half of the logins missing at random": Fault(
        {"logins": only(lambda row: part(row["login_id"]) < 50)},
        shows=("events of final days", "logins"),
    ),
    "cancel reasons all null": Fault(
        {"subscriptions": changed(cancel_reason=to(""))},
        shows=("churned customers by reason, unknown",),
    ),
    "ended_on all null": Fault({"subscriptions": changed(ended_on=to(""))}),
    "internal flags lost": Fault(
        {"accounts": changed(is_internal=to("false"))},
        shows=("signed up more than 30 days before", "A0007"),
    ),
    "plan names in capitals": Fault(
        {"subscriptions": changed(plan=lambda row: row["plan"].upper())}
    ),
    "feature keys renamed": Fault(
        {"feature_events": changed(feature_key=lambda row: row["feature_key"].upper())},
        full_refresh=True,
    ),
    "feature keys renamed, new events read": Fault(
        {"feature_events": changed(feature_key=lambda row: row["feature_key"].upper())},
    ),
    "a time zone shift of seven hours": Fault({"logins": later(7)}, full_refresh=True),
    "a time zone shift of seven hours, new events read": Fault(
        {"logins": later(7)}, shows=("hours of day", "moved by 7 hours")
    ),
    "a time zone shift of minus seven hours since last week": Fault(
        {"logins": later(-7, "2026-09-14")}
    ),
}


# -- what is right ---------------------------------------------------------------------

NEW_ACCOUNTS = 30


def with_new_accounts(rows: list[Row]) -> list[Row]:
    """Thirty new accounts, three on each of ten days: as many as in half a year."""
    return rows + [
        {
            **rows[-1],
            "account_id": f"N{n:02}",
            "account_name": f"New {n}",
            "signed_up_on": f"2026-09-{8 + n // 3:02}",
            "is_internal": "false",
            "updated_at": "",
        }
        for n in range(NEW_ACCOUNTS)
    ]


def with_their_users(rows: list[Row]) -> list[Row]:
    return rows + [
        {
            **rows[-1],
            "user_id": f"NU{n:02}-{user}",
            "account_id": f"N{n:02}",
            "email": "",
            "created_at": f"2026-09-{8 + n // 3:02}T08:00:00Z",
            "deactivated_at": "",
        }
        for n in range(NEW_ACCOUNTS)
        for user in range(3)
    ]


def with_their_subscriptions(rows: list[Row]) -> list[Row]:
    usual = next(
        row
        for row in reversed(rows)
        if row["plan"] == "team"
        and row["billing_interval"] == "month"
        and row["currency"] == "USD"
        and float(row["amount"] or 0)
        and row["is_trial"] == "false"
    )
    return rows + [
        {
            **usual,
            "subscription_id": f"NS{n:02}",
            "account_id": f"N{n:02}",
            "started_on": f"2026-09-{8 + n // 3:02}",
            "ended_on": "",
            "cancel_reason": "",
        }
        for n in range(NEW_ACCOUNTS)
    ]


def with_their_logins(rows: list[Row]) -> list[Row]:
    return rows + [
        {
            "login_id": f"N{n:02}-{user}-{day}",
            "user_id": f"NU{n:02}-{user}",
            "account_id": f"N{n:02}",
            "logged_in_at": f"2026-09-{day:02}T{9 + part(f'{n}{user}{day}') % 8:02}"
            f":{part(f'{day}{n}') % 60:02}:{user:02}Z",
            "session_minutes": "12",
        }
        for n in range(NEW_ACCOUNTS)
        for user in range(3)
        for day in range(8 + n // 3, 21)
    ]


def raised_from_one_day_on(rows: list[Row]) -> list[Row]:
    """A price rise of 15% for all running monthly plans: each has a new term."""
    last: dict[str, Row] = {}
    for row in rows:
        key = row["subscription_id"]
        if key not in last or row["started_on"] > last[key]["started_on"]:
            last[key] = row
    found = []
    for row in rows:
        is_running = row is last[row["subscription_id"]] and not row["ended_on"]
        is_paid = row["is_trial"] == "false" and row["amount"] not in ("", "0", "0.00")
        if is_running and is_paid and row["billing_interval"] == "month":
            if row["started_on"] < "2026-09-10":
                found.append({**row, "ended_on": "2026-09-10", "cancel_reason": ""})
                row = {**row, "started_on": "2026-09-10"}
            row = {**row, "amount": f"{float(row['amount']) * 1.15:.2f}"}
        found.append(row)
    return found


def without_the_biggest(day: str) -> Change:
    """The customer with the largest amount a month leaves."""

    def change(rows: list[Row]) -> list[Row]:
        running = [
            row
            for row in rows
            if not row["ended_on"]
            and row["started_on"] < day
            and row["billing_interval"] == "month"
        ]
        biggest = max(running, key=lambda row: float(row["amount"] or 0))["account_id"]
        return [
            {**row, "ended_on": day, "cancel_reason": "competitor"}
            if row["account_id"] == biggest and row in running
            else row
            for row in rows
        ]

    return change


def on_holiday(column: str, key: str) -> Change:
    """Two weeks with a seventh of the usual activity."""
    return only(lambda row: row[column] < "2026-09-07" or part(row[key]) < 15)


CLEAN: dict[str, Mapping[str, Change]] = {
    "clean growth": {
        "accounts": with_new_accounts,
        "users": with_their_users,
        "subscriptions": with_their_subscriptions,
        "logins": with_their_logins,
    },
    "price rises": {"subscriptions": raised_from_one_day_on},
    "a big customer leaves": {"subscriptions": without_the_biggest("2026-09-12")},
    "a big customer left two months ago": {
        "subscriptions": without_the_biggest("2026-07-10")
    },
    "a holiday": {
        "logins": on_holiday("logged_in_at", "login_id"),
        "feature_events": on_holiday("occurred_at", "event_id"),
    },
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_raw_fault_is_not_published(fault: str, company: Company) -> None:
    planted = FAULTS[fault]
    stopped_by, output = company.candidate(
        planted.tables, full_refresh=planted.full_refresh
    )
    stops = [
        line.strip()
        for line in output.splitlines()
        if line.startswith("DIFFERS") or " FAILED " in line
    ]
    print(f"{fault}: stopped by {stopped_by or 'nothing'}", *stops, sep="\n")
    assert stopped_by in {"gate", "dbt", "comparison"}, output
    for shown in planted.shows:
        assert any(shown in line for line in stops), (shown, stops)


@pytest.mark.parametrize("change", CLEAN)
def test_clean_raw_data_is_published(change: str, company: Company) -> None:
    stopped_by, output = company.candidate(CLEAN[change])
    print(f"{change}: {stopped_by or 'published'}")
    assert stopped_by == "", output
    assert "not compared" not in output


def test_two_more_weeks_are_published(company: Company) -> None:
    company.deliver({})
    code, output = company.publish("--dry-run")
    assert code == 0, output
    assert "Would publish" in output
    assert "DIFFERS" not in output


def test_the_first_publish_has_the_raw_gate(company: Company) -> None:
    """Those that the raw gate stops need no build before: here one is published."""
    company.deliver(FAULTS["exchange rates inverted"].tables)
    code, output = company.publish(into="first")
    assert code == GATE_FAILED, output
    assert "direction of rates" in output
    assert not company.paths("first").published.exists()


def test_an_accepted_difference_is_published_once(company: Company) -> None:
    paths = company.paths()
    before = manifests.read(paths.manifest)
    assert before
    company.deliver(FAULTS["half of the subscriptions missing"].tables)
    code, output = company.publish()
    assert code == DIFFERS, output
    assert f"make publish ACCEPT={before['build_id']}" in output
    assert manifests.read(paths.manifest) == before
    code, output = company.publish("--accept", "20000101T000000000000Z")
    assert code == PUBLISH_FAILED, output
    code, output = company.publish("--accept", before["build_id"])
    assert code == 0, output
    after = manifests.read(paths.manifest)
    assert after
    assert after["comparison"]["with"] == before["build_id"]
    assert after["comparison"]["accepted"]
    assert "subscriptions" in " ".join(after["comparison"]["stops"])

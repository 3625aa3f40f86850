"""A forgotten user or account is in no file any more, and counts are as before."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from rich.console import Console

from pipeline.build_lock import build_lock
from pipeline.hashes import hash_of
from pipeline.history.snapshots import snapshot
from pipeline.publish import alerts_sent, forget, published_file, rollback
from pipeline.publish import manifest as manifests
from pipeline.publish.erase import ACCOUNT, PERSON, SEGMENTS
from pipeline.publish.lock import publisher_lock
from pipeline.publish.paths import DATABASE, MANIFEST, PublishPaths
from pipeline.publish.published_file import Mart, PublishError
from pipeline.publish.swap import swap
from pipeline.raw.contract import CONTRACT, raw_contract

# What is known of a user and of an account; long texts, so that DuckDB stores them as
# they are.
OF_USER = {
    "email": "ada.the.forgotten@mail.example",
    "email_hash": "hash-of-the-forgotten-address",
    "role": "role-of-the-forgotten-user",
    "comment": "comment-of-the-forgotten-user",
}
OF_ACCOUNT = {
    "account_name": "name-of-the-forgotten-account",
    "industry": "industry-of-the-forgotten-account",
    "country": "country-of-the-forgotten-account",
    "acquisition_channel": "channel-of-the-forgotten-account",
    "csm_owner": "owner-of-the-forgotten-account",
    "tier": "tier-of-the-forgotten-account",
}
OF_OTHERS = {
    "role": "role-of-somebody-else-entirely",
    "account_name": "name-of-somebody-else-entirely",
}
USER, ACCOUNT_ID = "user-to-be-forgotten", "account-to-be-forgotten"
MARTS = [
    Mart("dim_accounts", ["account_id"], "Accounts.", {"account_id": "Its id."}),
    Mart("dim_users", ["user_id"], "Users.", {}),
    Mart("nps_segments", ["response_id"], "Answers.", {}),
    Mart("rejected_rows", ["row_key"], "Rejected rows.", {}),
    Mart("account_alerts", ["alert_id"], "Alerts.", {}),
    Mart("churn_by_segment", ["segment_value"], "Churn.", {}),
]


def text(value: object) -> str:
    return "null" if value is None else f"'{value}'"


def write_warehouse(file: Path) -> None:
    """All layers of a build, as far as they hold something of a person."""
    file.parent.mkdir(parents=True, exist_ok=True)
    u, a, o = (
        {name: text(value) for name, value in given.items()}
        for given in (OF_USER, OF_ACCOUNT, OF_OTHERS)
    )
    users = f"""
        select '{USER}' as user_id, '{ACCOUNT_ID}' as account_id, {u["role"]} as role
        union all select 'other', 'other', {o["role"]}
    """
    accounts = f"""
        select '{ACCOUNT_ID}' as account_id, {a["account_name"]} as account_name,
            {a["industry"]} as industry, {a["country"]} as country,
            {a["acquisition_channel"]} as acquisition_channel,
            {a["csm_owner"]} as csm_owner
        union all select 'other', {o["account_name"]}, 'media', 'DE', 'ads', 'jo'
    """
    of_user = json.dumps(
        {"user_id": USER, "account_id": ACCOUNT_ID, "role": OF_USER["role"]}
    )
    of_account = json.dumps({"account_id": ACCOUNT_ID, **OF_ACCOUNT})
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"""
            set force_compression = 'uncompressed';
            create schema raw; create schema stripe; create schema staging;
            create schema intermediate; create schema marts;
            create table raw.raw_origin as select 'exports' as origin;
            create table stripe.customer as select {u["email"]} as email, 'x' as id;
            create view raw.raw_users as select * from stripe.customer;
            create table raw.account_history as
                select account_id, industry, date '2024-01-31' as valid_from
                from ({accounts});
            create view staging.stg_account_history as
                select * from warehouse.raw.account_history;
            create table staging.base_users as
                select *, cast(null as varchar) as raw_row,
                    case when user_id = '{USER}' then {u["email"]} end as email
                from ({users});
            create view staging.stg_users as
                select * from warehouse.staging.base_users;
            create table staging.base_accounts as
                select *, 10 as employees, cast(null as varchar) as raw_row,
                    case when account_id = '{ACCOUNT_ID}' then {a["tier"]} end as tier
                from ({accounts});
            create table intermediate.int_account_attributes as
                select account_id, tier as segment_tier from staging.base_accounts;
            create table marts.account_months as
                select account_id, tier as segments from staging.base_accounts;
            create table staging.base_account_aliases as
                select '{ACCOUNT_ID}' as account_id,
                    'alias-to-be-forgotten' as alias_id,
                    'stripe|alias-to-be-forgotten' as row_key;
            create table intermediate.int_referrals as
                select 'other' as referrer_account_id,
                    '{ACCOUNT_ID}' as referred_account_id;
            create table marts.dim_accounts as
                select *, '1-10' as employee_band from ({accounts});
            create table marts.dim_users as
                select *, case when user_id = '{USER}' then {u["email_hash"]} end
                    as email_hash
                from ({users});
            create table marts.nps_segments as
                select 'r1' as response_id, '{USER}' as user_id,
                    '{ACCOUNT_ID}' as account_id, {u["comment"]} as comment
                union all select 'r2', null, '{ACCOUNT_ID}', 'anonymous-comment-of-it'
                union all select 'r3', 'other', 'other', 'comment-of-somebody-else';
            create table marts.rejected_rows as
                select 'users' as source_table, '{USER}' as row_key,
                    '{of_user}' as raw_row
                union all select 'accounts', '{ACCOUNT_ID}', '{of_account}'
                union all select 'logins', 'l', '{{"user_id":"other"}}'
                union all select 'logins', 'm', null;
            create table marts.account_alerts as
                select '{ACCOUNT_ID}|inactive|2024-01-31' as alert_id,
                    '{ACCOUNT_ID}' as account_id, 'No login.' as detail;
            create table marts.churn_by_segment as
                select 'media' as segment_value, 2 as customers_at_start;
        """)


@dataclass(frozen=True)
class Company:
    folder: Path
    paths: PublishPaths
    development: Path
    history: Path

    @property
    def private(self) -> list[Path]:
        return [
            self.development,
            *(self.paths.built(one) / DATABASE for one in self.paths.kept_ids()),
        ]

    @property
    def readers(self) -> list[Path]:
        kept = [self.paths.kept(one) / DATABASE for one in self.paths.kept_ids()]
        return [*kept, self.paths.published]

    @property
    def files(self) -> list[Path]:
        return [*self.private, *self.readers, self.history]


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """Two builds, the later one published, a development build and a history."""
    paths = PublishPaths(tmp_path / "publish", tmp_path / "builds")
    company = Company(
        tmp_path,
        paths,
        tmp_path / "dev" / "warehouse.duckdb",
        tmp_path / "state" / "history.duckdb",
    )
    for name, value in {
        "PUBLISH_FOLDER": paths.readers,
        "BUILDS_FOLDER": paths.private,
        "DUCKDB_PATH": company.development,
        "HISTORY_PATH": company.history,
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(published_file, "marts_of", lambda _: MARTS)
    paths.make()
    write_warehouse(company.development)
    for number, build_id in enumerate(("2001", "2002")):
        write_warehouse(paths.built(build_id) / DATABASE)
        kept = paths.kept(build_id) / DATABASE
        kept.parent.mkdir()
        published_file.write(
            paths.built(build_id) / DATABASE, kept, MARTS, with_comments=True
        )
        manifests.write(
            {
                "build_id": build_id,
                "publish_number": number,
                "file_sha256": hash_of(kept),
                "marts": published_file.contents(kept, MARTS),
                "comparison": {"stops": [f"Changed most: {ACCOUNT_ID} (1, now 2)."]},
            },
            kept.parent / MANIFEST,
        )
    swap(paths, "2002", 0o640)
    write_history(company)
    return company


def write_history(company: Company) -> None:
    staged = company.folder / "staged.duckdb"
    with duckdb.connect(str(staged)) as connection:
        connection.execute(f"""
            attach '{company.development}' as warehouse (read_only);
            create schema staging;
            create table staging.stg_accounts as
                select * exclude (raw_row), date '2024-01-01' as signed_up_on,
                    false as is_internal, cast(null as varchar) as segments
                from warehouse.staging.base_accounts;
            create table staging.stg_accounts_set_aside as
                select *, false as is_filtered from staging.stg_accounts where false;
            create table staging.stg_users as
                select user_id, account_id, role, timestamp '2024-01-02' as created_at,
                    cast(null as timestamp) as deactivated_at,
                    date '2024-01-02' as created_on
                from warehouse.staging.base_users;
            create table staging.stg_subscriptions as
                select 's' as subscription_id, '' as subscription_item_id,
                    'pro' as plan, 'month' as billing_interval, 5 as seats,
                    cast(50 as decimal(18, 4)) as amount, 'USD' as currency,
                    date '2024-01-01' as started_on, cast(null as date) as ended_on;
        """)
    with snapshot(company.history, staged, date(2024, 1, 31), "exports"):
        pass
    staged.unlink()


def run(**given: Any) -> int:
    return forget(Console(width=1000), **given)


def holding(company: Company, words: list[str]) -> dict[str, list[str]]:
    """Which files, by their bytes, hold which of the words."""
    found = {}
    for file in company.folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            if held := [word for word in words if word.encode() in content]:
                found[file.relative_to(company.folder).as_posix()] = held
    return found


def counts(file: Path) -> dict[str, int]:
    """Rows of the tables that are not copies of raw data."""
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where schema_name not in ('stripe')"
            " and table_name not in ('raw_origin')"
        ).fetchall()
        return {
            name: connection.execute(f"select count(*) from {name}").fetchall()[0][0]
            for (name,) in tables
        }


def one(file: Path, query: str) -> Any:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_user_is_in_no_file(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*OF_USER.values()]
    before = {file: counts(file) for file in company.files}
    assert len(holding(company, words)) == 7, "the test plants nothing in some file"
    assert run(user=USER) == 0
    assert holding(company, words) == {}
    assert {file: counts(file) for file in company.files} == before
    # The id, the account and others are as they were.
    assert len(holding(company, [USER])) == 7
    assert len(holding(company, [OF_ACCOUNT["account_name"]])) == 7
    assert len(holding(company, [OF_OTHERS["role"]])) == 7
    output = capsys.readouterr().out
    assert "publish/warehouse.duckdb\n  marts.dim_users: 1 row\n" in output
    assert "state/history.duckdb\n  users_history: 1 row\n" in output
    assert "copies of raw tables" in output
    assert "docs/erasure.md" in output


def test_an_account_is_in_no_file_nor_are_its_people(company: Company) -> None:
    words = [*OF_ACCOUNT.values(), *OF_USER.values(), "anonymous-comment-of-it"]
    before = {file: counts(file) for file in company.files}
    assert run(account=ACCOUNT_ID) == 0
    assert holding(company, words) == {}
    assert {file: counts(file) for file in company.files} == before
    assert len(holding(company, [OF_OTHERS["account_name"]])) == 7
    # A segment that is not known is `unknown` in marts, null in the history.
    query = (
        "select industry, employee_band from marts.dim_accounts"
        f" where account_id = '{ACCOUNT_ID}'"
    )
    assert one(company.paths.published, query) == [("unknown", "unknown")]
    query = (
        "select segment_tier from intermediate.int_account_attributes"
        f" where account_id = '{ACCOUNT_ID}'"
    )
    assert one(company.development, query) == [("unknown",)]
    query = "select account_id, industry, employees from accounts_history order by 1"
    assert one(company.history, query) == [
        (ACCOUNT_ID, None, None),
        ("other", "media", 10),
    ]
    query = "select comment from marts.nps_segments where comment is not null"
    assert one(company.paths.published, query) == [("comment-of-somebody-else",)]


@pytest.mark.parametrize("kind", ["user", "account"])
def test_the_id_is_replaced_where_it_is_asked_for(
    company: Company, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    subject = USER if kind == "user" else ACCOUNT_ID
    alert = f"{ACCOUNT_ID}|inactive|2024-01-31"
    alerts_sent.write(company.paths.alerts_sent, {alert: "then"})
    before = {file: counts(file) for file in company.files}
    assert run(**{kind: subject}, remove_id=True) == 0
    assert holding(company, [subject]) == {}
    assert {file: counts(file) for file in company.files} == before
    (token,) = {
        word
        for word in capsys.readouterr().out.split()
        if word.startswith("forgotten-")
    }
    token = token.rstrip(".")
    # One id everywhere, so that its rows still belong together.
    assert len(holding(company, [token])) >= len(set(company.files)) - 1
    if kind == "user":
        assert alerts_sent.read(company.paths.alerts_sent) == {alert: "then"}
    if kind == "account":
        new = f"{token}|inactive|2024-01-31"
        assert alerts_sent.read(company.paths.alerts_sent) == {new: "then"}
        assert holding(company, ["alias-to-be-forgotten"]) == {}
        query = "select alert_id from marts.account_alerts"
        assert one(company.paths.published, query) == [
            (f"{token}|inactive|2024-01-31",)
        ]
        query = "select referred_account_id from intermediate.int_referrals"
        assert one(company.development, query) == [(token,)]


def test_files_stay_whole(company: Company) -> None:
    first, second = company.paths.kept_ids()
    reader = duckdb.connect(str(company.paths.published), read_only=True)
    inode = company.paths.published.stat().st_ino
    assert run(user=USER) == 0
    # Who has the old file open reads on; who opens it again gets the new one.
    assert reader.execute("select count(*) from marts.dim_users").fetchone() == (2,)
    reader.close()
    assert company.paths.published.stat().st_ino != inode
    assert company.paths.published.stat().st_mode & 0o777 == 0o640
    assert company.history.stat().st_mode & 0o777 == 0o600
    comments = "select comment from duckdb_columns() where column_name = 'account_id'"
    assert ("Its id.",) in one(company.paths.published, comments)
    # What staging reads is there, what the next build makes is not.
    names = "select table_schema || '.' || table_name from information_schema.tables"
    found = {name for (name,) in one(company.development, names)}
    assert {"staging.stg_account_history", "raw.account_history"} <= found
    assert not found & {"raw.raw_origin", "raw.raw_users", "stripe.customer"}
    assert one(company.development, "select count(*) from staging.stg_users") == [(2,)]
    manifest = manifests.read(company.paths.manifest)
    assert manifest
    assert manifest["file_sha256"] == hash_of(company.paths.published)
    assert manifest["marts"] == published_file.contents(company.paths.published, MARTS)
    assert manifest["erasures"][0]["rows"]["marts.dim_users"] == 1
    assert USER not in json.dumps(manifest["erasures"])
    assert company.paths.kept_ids() == [first, second]
    assert rollback(Console(quiet=True)) == 0
    assert holding(company, [*OF_USER.values()]) == {}


def test_a_second_run_has_nothing_to_do(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(user=USER) == 0
    before = {file: hash_of(file) for file in company.files}
    assert run(user=USER) == 0
    assert "Nothing is left to erase" in capsys.readouterr().out
    assert {file: hash_of(file) for file in company.files} == before


def test_a_run_that_was_stopped_is_finished_by_the_next(
    company: Company,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(*_: object) -> None:
        raise PublishError("Stopped.")

    for file in company.files:  # as of a killed one
        left = file.parent / ".candidate-forget-left"
        left.mkdir(exist_ok=True)
        (left / "work.duckdb").write_text(OF_USER["email"])
    with monkeypatch.context() as patched:
        # the function of that name hides the module
        patched.setattr(sys.modules["pipeline.publish.forget"], "swap", broken)
        assert run(user=USER) == 7
    assert "run the command again" in capsys.readouterr().out
    assert holding(company, [*OF_USER.values()]), "nothing was stopped"
    assert run(user=USER) == 0
    assert holding(company, [*OF_USER.values()]) == {}
    assert company.paths.kept_ids() == ["2001", "2002"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"user": "nobody"}, "No row is of user nobody"),
        ({"account": USER}, "No row is of account"),
        ({}, "Give one of --user ID and --account ID"),
        ({"user": USER, "account": ACCOUNT_ID}, "Give one of"),
    ],
)
def test_an_unknown_id_changes_nothing(
    company: Company,
    capsys: pytest.CaptureFixture[str],
    given: dict[str, str],
    message: str,
) -> None:
    before = {file: hash_of(file) for file in company.files}
    assert run(**given) == 3
    assert message in capsys.readouterr().out
    assert {file: hash_of(file) for file in company.files} == before


def test_it_is_refused_while_files_are_in_use(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {file: hash_of(file) for file in company.files}
    with publisher_lock(company.paths.readers):
        assert run(user=USER) == 6
    assert "Another publish is running" in capsys.readouterr().out
    with build_lock(company.development):
        assert run(user=USER) == 6
    assert "Another build of" in capsys.readouterr().out
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]);"
        "print('open', flush=True); sys.stdin.read()"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, company.paths.published],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdout
    writer.stdout.readline()
    assert run(user=USER) == 7
    writer.communicate()
    assert "open for writing elsewhere" in capsys.readouterr().out
    assert {file: hash_of(file) for file in company.files} == before


def test_nothing_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("PUBLISH_FOLDER", "BUILDS_FOLDER", "DUCKDB_PATH", "HISTORY_PATH"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    assert run(user=USER) == 3
    assert "no file: nothing was built" in capsys.readouterr().out


# Columns of accounts and users that stay: ids, dates and flags, which counts rest on.
STAY = {
    *("user_id", "account_id", "created_at", "deactivated_at", "signed_up_on"),
    *("is_internal", "updated_at"),
}


def test_every_personal_column_of_the_contract_is_erased() -> None:
    erased = {*PERSON, *ACCOUNT, *SEGMENTS}
    for name in ("accounts", "users"):
        assert {*raw_contract()[name].names} - erased - STAY == set(), name
    (source,) = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["sources"]
    redacted = {
        column["name"]
        for table in source["tables"]
        for column in table["columns"]
        if column["config"]["meta"].get("redacted")
    }
    assert redacted
    assert redacted <= erased

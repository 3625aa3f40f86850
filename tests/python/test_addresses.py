"""No e-mail address reaches readers, unless a var lets it through."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.addresses import ADDRESS, has_address
from pipeline.project import project_vars
from pipeline.publish import published_file
from pipeline.publish.address_gate import addresses, refusal
from pipeline.raw import check_inputs
from tests.python.conftest import ROOT, dbt, settings_of

SALT = "Pepper-4711-never-written"
AS_OF = "2024-03-31"
JANE, SAM = "Jane.Doe@Example.com", "sam@mail.example.co.uk"
# What an address looks like in the bytes of a file. Mart descriptions hold an @, too.
IN_BYTES = re.compile(rb"[\w.+-]+@[\w-]+\.[\w.-]+|jane\.doe@|sam@mail", re.IGNORECASE)

RAW: dict[str, list[dict[str, str]]] = {
    "subscriptions": [
        {
            **{"subscription_id": subscription, "account_id": account, "plan": "team"},
            **{"billing_interval": "month", "amount": amount, "currency": "USD"},
            **{"started_on": "2024-01-01"},
        }
        for subscription, account, amount in (
            ("S1", "A1", "100"),
            ("S2", "owner@acme.example", "50"),
            ("S3", "A1", "ask jane.doe@example.com"),  # unparseable_amount
        )
    ],
    "logins": [
        {"login_id": login, "user_id": user, "account_id": account, "logged_in_at": at}
        for login, user, account, at in (
            ("L1", JANE, "A1", "2024-02-01 08:00:00"),
            ("L2", JANE.lower(), "A1", "2024-02-01 09:00:00"),
            ("L3", f" {SAM} ", "Owner@Acme.example", "2024-03-02 09:00:00"),
            ("L4", "U9", "A1", "2024-03-02 09:00:00"),
            ("sam@mail.example.co.uk/5", SAM, "A1", "soon"),  # unparseable_logged_in_at
        )
    ],
    "surveys": [
        {
            **{"response_id": response, "survey_type": "nps", "question": question},
            **{"account_id": "A1", "user_id": user, "score": "9"},
            **{"comment": f"write to {SAM}", "sent_at": "2024-03-01"},
        }
        for response, question, user in (
            ("R1", "recommend", JANE),
            ("R2", "recommend", "nobody@acme.example"),  # listed as a placeholder
            ("R3", f"asked by {SAM}", SAM),  # invalid_question
        )
    ],
    "account_notes": [
        {
            **{"note_id": note, "account_id": "A1", "noted_on": "2024-03-01"},
            **{"author": "carla.csm@vendor.example", "csm_pulse": pulse},
            **{"risk_reason": f"{SAM} left", "next_step": "call"},
        }
        for note, pulse in (("N1", "4"), ("N2", "9"))  # invalid_csm_pulse
    ],
    "accounts": [
        {
            **{"account_id": account, "account_name": name, "csm_owner": owner},
            **{"signed_up_on": "2024-01-01"},
        }
        for account, name, owner in (
            ("A1", "Acme", "carla.csm@vendor.example"),
            ("owner@acme.example", "Caf\u00e9 @ Home", "Max Csm <max@vendor.example>"),
        )
    ],
    "users": [
        {
            **{"user_id": user, "account_id": account, "email": user},
            **{"role": "admin", "created_at": "2024-01-15"},
        }
        for user, account in ((JANE, "A1"), (SAM, "owner@acme.example"), ("U9", "A1"))
    ],
    "account_aliases": [
        {"source": "", "alias_id": "old@acme.example", "account_id": "A1"}
    ],
    "support_tickets": [
        {
            **{"ticket_id": "T1", "account_id": "old@acme.example", "user_id": JANE},
            **{"priority": "low", "opened_at": "2024-03-05 08:00:00"},
        }
    ],
}
CONFIG = {"placeholder_ids": ["none", "Nobody@acme.example"]}


def write_raw(folder: Path, tables: Mapping[str, Sequence[Mapping[str, str]]]) -> Path:
    folder.mkdir(exist_ok=True)
    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as made:
            writer = csv.DictWriter(made, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def environment(raw: Path, salt: str = SALT) -> dict[str, str]:
    return {
        **{"RAW_LOCATION": str(raw), "AS_OF_DATE": AS_OF, "EMAIL_HASH_SALT": salt},
        "DBT_LOG_LEVEL_FILE": "debug",  # the salt must not be in it
    }


def hashed(address: str) -> str:
    return sha256((SALT + address.strip().lower()).encode()).hexdigest()


def build_marts(folder: Path, config: Mapping[str, Any], *options: str) -> Path:
    """Seeds, models, and whatever else the options leave in."""
    done = dbt(
        folder,
        "build",
        *("--exclude-resource-type", "unit_test", *options),
        environment=environment(write_raw(folder / "raw", RAW)),
        config={**CONFIG, **config},
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return folder / "warehouse.duckdb"


def publish_file(folder: Path) -> Path:
    """The file for readers, as a publish writes it."""
    marts = published_file.marts_of(folder / "target" / "manifest.json")
    file = folder / "published.duckdb"
    file.unlink(missing_ok=True)
    built = folder / "warehouse.duckdb"
    published_file.write(built, file, marts, with_comments=False)
    return file


def texts(file: Path) -> Iterator[tuple[str, str, str]]:
    """Every text in the marts of a file, with its mart and column."""
    with duckdb.connect(str(file), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns()"
            " where schema_name = 'marts' and data_type = 'VARCHAR'"
        ).fetchall()
        for mart, column in columns:
            query = f'select distinct "{column}" from marts."{mart}"'
            for (text,) in connection.execute(query).fetchall():
                if text is not None:
                    yield mart, column, text


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


# -- what an address is ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jane@example.com", True),
        ("Jane <j.d+x@mail.ex-ample.co.uk>", True),
        ("mailto:jane%40example.de", True),
        ("jane\uff20example.de", True),
        ("иван@пример.рф", True),
        ("https://user:secret@host.example/path", True),
        ("@handle", False),
        ("@jane.doe", False),
        ("a@b", False),
        ("react@18.2.0", False),
        ("Team @ work.com", False),
        ("", False),
    ],
)
def test_what_counts_as_an_address(text: str, expected: bool) -> None:
    query = f"select {has_address('$1')}"
    assert duckdb.execute(query, [text]).fetchone() == (expected,)


def test_sql_and_python_have_one_pattern() -> None:
    macro = (ROOT / "macros" / "engine" / "address_pattern.sql").read_text("utf-8")
    assert f"\n    {ADDRESS}\n" in macro


# -- the preflight ---------------------------------------------------------------------


def test_the_preflight_refuses_addresses_in_ids(tmp_path: Path) -> None:
    place = environment(write_raw(tmp_path, RAW))
    found = check_inputs({**project_vars(), **CONFIG}, settings_of(place))
    assert {(one.table, one.column) for one in found} == {
        ("subscriptions", "account_id"),
        *(("logins", "login_id"), ("logins", "user_id"), ("logins", "account_id")),
        ("surveys", "user_id"),
        *(("accounts", "account_id"), ("users", "user_id"), ("users", "account_id")),
        *(("account_aliases", "alias_id"), ("support_tickets", "account_id")),
        ("support_tickets", "user_id"),
    }
    assert {one.rule for one in found} == {"address_ids"}
    (surveys,) = (one.message for one in found if one.table == "surveys")
    assert "(2 of 3 rows)" in surveys  # the third is a placeholder
    for choice in ("refuse", "hash", "publish"):
        assert f"`{choice}`" in surveys or f"{choice}`" in surveys
    assert "@" not in " ".join(one.message for one in found)


@pytest.mark.parametrize("choice", ["hash", "publish"])
def test_a_choice_lets_them_through(tmp_path: Path, choice: str) -> None:
    place = environment(write_raw(tmp_path, RAW))
    config = {**project_vars(), **CONFIG, "address_ids": choice}
    assert check_inputs(config, settings_of(place)) == []


def test_hashes_need_a_salt_and_a_choice_is_known(tmp_path: Path) -> None:
    place = environment(write_raw(tmp_path, RAW), salt="")
    (found,) = check_inputs(
        {**project_vars(), "address_ids": "hash"}, settings_of(place)
    )
    assert "EMAIL_HASH_SALT is not set" in found.message
    found = check_inputs({**project_vars(), "address_ids": "keep"}, settings_of(place))[
        0
    ]
    assert "it is `keep`; expected refuse, hash or publish" in found.message


def test_filtered_rows_are_not_refused(tmp_path: Path) -> None:
    tables = {name: RAW[name] for name in ("subscriptions", "logins", "surveys")}
    place = environment(write_raw(tmp_path, tables))
    filters = dict.fromkeys(("subscriptions", "logins"), "account_id not like '%@%'")
    filters["logins"] = "login_id = 'L4'"
    filters["surveys"] = "user_id not like '%@%'"
    config = {**project_vars(), "raw_filters": filters}
    assert check_inputs(config, settings_of(place)) == []


def test_events_are_looked_at_in_part(tmp_path: Path) -> None:
    tables = {name: RAW[name] for name in ("subscriptions", "logins", "surveys")}
    tables["subscriptions"], tables["surveys"] = (
        RAW["subscriptions"][:1],
        [{**RAW["surveys"][0], "user_id": "U1"}],
    )
    place = environment(write_raw(tmp_path, tables))
    (tmp_path / "logins.csv").unlink()
    duckdb.execute(
        "copy (select format('L{}', n) as login_id, 'A1' as account_id,"
        " case when n % 2 = 0 then 'jane@example.com' else 'U1' end as user_id,"
        f" now() as logged_in_at from range(200000) as r (n)) to"
        f" '{tmp_path / 'logins.parquet'}'"
    )
    (found,) = check_inputs(project_vars(), settings_of(place))
    assert "(50,000 of the first 100,000 rows)" in found.message


def test_dbt_stops_at_addresses(tmp_path: Path) -> None:
    place = environment(write_raw(tmp_path / "raw", RAW))
    done = dbt(tmp_path, "run", "--select", "base_users", environment=place)
    assert done.returncode != 0
    assert "the id `user_id` holds e-mail addresses (2 of 3 rows)" in done.stdout


# -- hash ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hash_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with all data tests."""
    folder = tmp_path_factory.mktemp("hashed")
    build_marts(folder, {"address_ids": "hash"})
    return folder


def test_one_hash_in_every_table(hash_build: Path) -> None:
    file = hash_build / "warehouse.duckdb"
    jane, sam = hashed(JANE), hashed(SAM)
    owner = hashed("owner@acme.example")
    assert rows(
        file,
        "select user_id, account_id, email_hash, is_inferred from marts.dim_users"
        " order by user_id = 'U9', account_id",
    ) == [
        *sorted(
            [(jane, "A1", jane, False), (sam, owner, sam, False)], key=lambda r: r[1]
        ),
        ("U9", "A1", rows(file, f"select sha256('{SALT}u9')")[0][0], False),
    ]
    assert {r[0] for r in rows(file, "select account_id from marts.dim_accounts")} == {
        "A1",
        owner,
    }
    # both spellings of an address are one user, of one day
    assert rows(
        file, "select user_id, account_id, logins from marts.fct_user_days order by all"
    ) == sorted([(jane, "A1", 2), (sam, owner, 1), ("U9", "A1", 1)])
    assert rows(
        file, "select response_id, user_id from marts.nps_segments order by all"
    ) == [("R1", jane), ("R2", None)]
    # an alias joins to what it stands for
    assert rows(
        file, "select account_id, user_id from staging.stg_support_tickets"
    ) == [("A1", jane)]


def test_rejected_rows_hold_no_address(hash_build: Path) -> None:
    file = hash_build / "warehouse.duckdb"
    found = rows(
        file,
        "select source_table, reason, row_key, raw_row from marts.rejected_rows"
        " order by source_table",
    )
    assert [row[:3] for row in found] == [
        ("account_notes", "invalid_csm_pulse", "N2"),
        ("logins", "unparseable_logged_in_at", hashed("sam@mail.example.co.uk/5")),
        ("subscriptions", "unparseable_amount", "S3||2024-01-01"),
        ("surveys", "invalid_question", "R3|[redacted]"),
    ]
    raw_rows = {row[0]: row[3] for row in found}
    assert '"amount":"[redacted]"' in raw_rows["subscriptions"]
    assert '"question":"[redacted]"' in raw_rows["surveys"]
    assert '"risk_reason":"[redacted]"' in raw_rows["account_notes"]
    assert f'"user_id":"{hashed(SAM)}"' in raw_rows["logins"]


def test_owners_are_published_without_their_domain(hash_build: Path) -> None:
    file = hash_build / "warehouse.duckdb"
    for mart in ("dim_accounts", "customer_360"):
        assert rows(file, f"select csm_owner from marts.{mart} order by all") == [
            ("Max Csm <max>",),
            ("carla.csm",),
        ]


def test_the_published_file_holds_no_address(hash_build: Path) -> None:
    file = publish_file(hash_build)
    config = {**project_vars(), **CONFIG, "address_ids": "hash"}
    assert addresses(file, config) == []
    assert not IN_BYTES.findall(file.read_bytes())
    assert [one for one in texts(file) if IN_BYTES.search(one[2].encode())] == []


def test_the_salt_is_nowhere(hash_build: Path) -> None:
    for path in hash_build.rglob("*"):
        if path.is_file():
            assert SALT.encode() not in path.read_bytes(), path


def test_another_salt_starts_from_scratch(hash_build: Path) -> None:
    # the last test of this build: it changes base_logins
    file = hash_build / "warehouse.duckdb"
    for salt, is_full in ((SALT, False), ("another", True)):
        done = dbt(
            hash_build,
            *("run", "--select", "base_logins"),
            environment=environment(hash_build / "raw", salt=salt),
            config={**CONFIG, "address_ids": "hash"},
        )
        assert done.returncode == 0, done.stdout[-6000:]
        read = "select user_id from staging.base_logins where rejection_reason is null"
        assert {user for (user,) in rows(file, read)} == {
            "U9",
            *(
                sha256(salt.encode() + user.lower().encode()).hexdigest()
                for user in (JANE, SAM)
            ),
        }
        # the rejected row has no day, so each build reads it: incrementally or not
        read = "select is_from_full_build from staging.base_logins where row_key <> ''"
        assert rows(file, read) == [(is_full,)]


# -- publish ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def open_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("open")
    config = {"address_ids": "publish", "publish_owner_addresses": True}
    build_marts(folder, config, "--exclude-resource-type", "test")
    return folder


def test_published_as_delivered(open_build: Path) -> None:
    file = publish_file(open_build)
    users = {row[0] for row in rows(file, "select user_id from marts.dim_users")}
    # as delivered: another spelling is another id
    assert users == {JANE, JANE.lower(), SAM, "U9"}
    owners = {row[0] for row in rows(file, "select csm_owner from marts.dim_accounts")}
    assert "carla.csm@vendor.example" in owners
    found = dict(rows(file, "select row_key, raw_row from marts.rejected_rows"))
    assert set(found) == {
        *("sam@mail.example.co.uk/5", "S3||2024-01-01", "R3|[redacted]", "N2")
    }
    # a raw row is for a look at what is wrong: nobody needs an address for that
    assert not [row for row in found.values() if IN_BYTES.search(row.encode())]


def test_free_text_of_notes_is_published_by_choice(open_build: Path) -> None:
    notes = (
        "select last_note_on, csm_pulse, risk_reason, next_step"
        " from marts.customer_360 where account_id = 'A1'"
    )
    assert rows(publish_file(open_build), notes) == [(date(2024, 3, 1), 4, None, None)]
    with_text = open_build / "with_text.duckdb"
    marts = published_file.marts_of(open_build / "target" / "manifest.json")
    with_text.unlink(missing_ok=True)
    published_file.write(
        open_build / "warehouse.duckdb", with_text, marts, with_comments=True
    )
    assert rows(with_text, notes) == [(date(2024, 3, 1), 4, f"{SAM} left", "call")]
    [[rejected]] = rows(
        with_text, "select raw_row from marts.rejected_rows where row_key = 'N2'"
    )
    assert "left" not in rejected, "the free text of a rejected note is in no mart"


def test_the_gate_lets_through_what_vars_allow_and_no_more(open_build: Path) -> None:
    file = publish_file(open_build)
    config = {**project_vars(), **CONFIG}
    allowed = {"address_ids": "publish", "publish_owner_addresses": True}
    assert addresses(file, {**config, **allowed}) == []

    ids = addresses(file, {**config, **allowed, "address_ids": "refuse"})
    columns = {(one.mart, one.column) for one in ids}
    assert columns >= {
        ("dim_users", "user_id"),
        ("dim_accounts", "account_id"),
        ("rejected_rows", "row_key"),
    }
    owners = addresses(file, {**config, **allowed, "publish_owner_addresses": False})
    assert {(one.mart, one.column) for one in owners} == {
        ("account_events", "note_author"),
        ("account_months", "csm_owner"),
        ("csm_book", "csm_owner"),
        ("customer_360", "csm_owner"),
        ("customer_360", "note_author"),
        ("dim_accounts", "csm_owner"),
        ("retention_by_segment", "segment_value"),
    }


def test_the_gate_looks_at_every_other_text(open_build: Path) -> None:
    file = publish_file(open_build)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "update marts.dim_accounts set account_name = 'Bob <bob@acme.example>'"
            " where account_id = 'A1'"
        )
        connection.execute(f"update marts.nps_segments set comment = '{SAM}'")
    config = {**project_vars(), **CONFIG, "address_ids": "publish"}
    config |= {"publish_owner_addresses": True, "publish_comments": True}
    found = addresses(file, config)
    assert [str(one) for one in found] == ["dim_accounts.account_name: 1 row"]
    message = refusal(found)
    assert "dim_accounts.account_name: 1 row" in message
    assert "bob@" not in message
    waived = {"gate_exceptions": ["publish: addresses in account_name"]}
    assert addresses(file, {**config, **waived}) == []
    assert len(addresses(file, {**config, "publish_comments": False})) == 2

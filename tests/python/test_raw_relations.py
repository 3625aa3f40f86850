"""Schema `raw`: columns under the contract's names, with the types they came with."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.project import InputError, project_vars
from pipeline.raw import inspect_inputs, raw_contract, report
from pipeline.raw.connection import reach
from pipeline.raw.locate import raw_origin
from pipeline.raw.relations import create_relations, raw_relations
from tests.python.conftest import settings_of

SUBSCRIPTIONS = """\
subscription_id,account_id,plan,billing_interval,amount,currency,started_on
S1,A1,team,month,10.00,USD,2024-01-01
"""
SURVEYS = """response_id,survey_type,question,account_id,score,sent_at
R1,nps,recommend,A1,9,2024-01-05
"""
TYPED = """
    select 1::bigint as "Login_ID", uuid() as user_id, 'A1' as account_id,
        timestamptz '2024-01-01 08:00:00+02' as logged_in_at,
        0.0000621::double as session_minutes, encode('é') as note,
        timestamp_ns '2024-01-01 00:00:00' as updated_at, true as _fivetran_deleted
"""


def fill(
    connection: duckdb.DuckDBPyConnection,
    environment: Mapping[str, str],
    config: Mapping[str, Any] | None = None,
) -> None:
    """What the plugin does, on a connection of the test's."""
    changed = {**project_vars(), **(config or {})}
    given = settings_of(environment)
    inspection = inspect_inputs(changed, given, reads_values=False)
    assert not inspection.problems, report(inspection)
    reach(connection, given, changed)
    relations = raw_relations(inspection, changed)
    create_relations(connection, relations, raw_origin(changed, given))


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    found = connection.execute(f"describe raw.raw_{table}").fetchall()
    return {row[0]: row[1] for row in found}


def kind(connection: duckdb.DuckDBPyConnection, table: str) -> object:
    query = "select table_type from information_schema.tables where table_name = ?"
    row = connection.execute(query, [f"raw_{table}"]).fetchone()
    return row and row[0]


def folder_with(place: Path, logins: str = "") -> dict[str, str]:
    place.mkdir(exist_ok=True)
    (place / "subscriptions.csv").write_text(SUBSCRIPTIONS, "utf-8")
    (place / "surveys.csv").write_text(SURVEYS, "utf-8")
    if logins:
        file = place / "logins.parquet"
        duckdb.execute(f"copy ({logins}) to '{file}'")
    return {"RAW_LOCATION": str(place)}


def test_types_are_as_delivered(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        fill(connection, folder_with(tmp_path, TYPED))
        assert kind(connection, "logins") == "VIEW"
        # in the contract's order, and what marks deleted rows last
        assert columns(connection, "logins") == {
            "login_id": "BIGINT",
            "user_id": "UUID",
            "account_id": "VARCHAR",
            "logged_in_at": "TIMESTAMP WITH TIME ZONE",
            "session_minutes": "DOUBLE",
            "updated_at": "TIMESTAMP_NS",
            "_fivetran_deleted": "BOOLEAN",
        }
        assert kind(connection, "surveys") == "BASE TABLE"
        assert set(columns(connection, "surveys").values()) == {"VARCHAR"}
        assert "comment" not in columns(connection, "surveys")


def test_mapped_names_and_a_blob(tmp_path: Path) -> None:
    query = "select * replace (encode('é 1') as user_id)"
    query = f"select * rename (account_id as theirs) from ({query} from ({TYPED}))"
    mapping = {"logins": {"account_id": "Theirs"}}
    config = {"raw_columns": mapping, "soft_delete_columns": ["note", "absent"]}
    with duckdb.connect() as connection:
        fill(connection, folder_with(tmp_path, query), config)
        found = columns(connection, "logins")
        assert found["account_id"] == found["user_id"] == found["note"] == "VARCHAR"
        assert "_fivetran_deleted" not in found
        read = "select account_id, user_id, note from raw.raw_logins"
        assert connection.execute(read).fetchall() == [("A1", "é 1", "é")]


def test_a_table_that_is_absent_has_the_contracts_types(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        fill(connection, folder_with(tmp_path, TYPED))
        assert columns(connection, "invoices") == {
            "invoice_id": "VARCHAR",
            "account_id": "VARCHAR",
            "amount": "DECIMAL(18,4)",
            "currency": "VARCHAR",
            "issued_on": "DATE",
            "due_on": "DATE",
            "paid_on": "DATE",
            "status": "VARCHAR",
        }
        assert columns(connection, "exchange_rates")["rate_to_base"] == "DECIMAL(22,8)"
        for table in raw_contract().values():
            found = connection.execute(f"select count(*) from raw.raw_{table.name}")
            is_there = table.name in ("subscriptions", "logins", "surveys")
            assert found.fetchone() == (int(is_there),)


def test_large_text_stays_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder_with(tmp_path)
    line = '{"login_id": 1, "user_id": "U", "account_id": 2, "logged_in_at": "x"}\n'
    (tmp_path / "logins.jsonl").write_text(line, "utf-8")
    packed = tmp_path / "costs.csv.gz"
    packed.write_bytes(gzip.compress(b"date_month,cost_type,amount,currency\n"))
    with duckdb.connect() as connection:
        fill(connection, place)
        assert kind(connection, "logins") == kind(connection, "costs") == "BASE TABLE"
        monkeypatch.setattr("pipeline.raw.file_versions.COPIED_BYTES", 90)
        monkeypatch.setattr("pipeline.raw.file_versions.COPIED_PACKED_BYTES", 10)
        fill(connection, place)
        assert kind(connection, "logins") == "BASE TABLE"  # 70 bytes
        assert kind(connection, "costs") == kind(connection, "surveys") == "VIEW"
        found = connection.execute("from raw.raw_logins").fetchall()
        assert found == [("1", "U", "2", "x")]


def test_numbers_of_json_have_no_exponent(tmp_path: Path) -> None:
    place = folder_with(tmp_path)
    lines = "".join(
        f'{{"login_id": "1e5", "user_id": {2**70}, "account_id": "A",'
        f' "logged_in_at": "2024-01-01", "session_minutes": {minutes}}}\n'
        for minutes in ("6.2E-05", "1e+20", "0.5", "7", "null")
    )
    (tmp_path / "logins.jsonl").write_text(lines, "utf-8")
    with duckdb.connect() as connection:
        fill(connection, place)
        found = connection.execute(
            "select distinct login_id, user_id from raw.raw_logins"
        ).fetchall()
        assert found == [("1e5", str(2**70))]
        read = "select session_minutes from raw.raw_logins order by all nulls last"
        minutes = [row[0] for row in connection.execute(read).fetchall()]
    assert minutes == ["0.000062", "0.5", "100000000000000000000", "7", None]


def test_relations_are_made_again_only_when_something_changed(tmp_path: Path) -> None:
    environment = folder_with(tmp_path / "raw", TYPED)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:

        def made() -> object:
            query = "select table_oid from duckdb_tables() where table_name = ?"
            return connection.execute(query, ["raw_surveys"]).fetchone()

        fill(connection, environment)
        first = made()
        fill(connection, environment)
        assert made() == first
        # a row more, as a table; a table more, as a view
        with (tmp_path / "raw" / "surveys.csv").open("a", encoding="utf-8") as file:
            file.write("R2,nps,recommend,A1,9,2024-01-05\n")
        fill(connection, environment)
        count = "select count(*) from raw.raw_surveys"
        assert connection.execute(count).fetchone() == (2,)
        second = made()
        assert second != first
        connection.execute("drop view raw.raw_users")
        fill(connection, environment)
        assert kind(connection, "users") == "VIEW"
        # other types in a file of the same name
        text = f"select * replace (login_id::text as login_id) from ({TYPED})"
        folder_with(tmp_path / "raw", text)
        fill(connection, environment)
        assert columns(connection, "logins")["login_id"] == "VARCHAR"
        # what was a table becomes a view, and the other way round
        (tmp_path / "raw" / "surveys.csv").unlink()
        target = tmp_path / "raw" / "surveys.parquet"
        duckdb.execute(
            f"copy (from read_csv('{write_surveys(tmp_path)}')) to '{target}'"
        )
        fill(connection, environment)
        assert kind(connection, "surveys") == "VIEW"
        fill(connection, {})
        assert kind(connection, "surveys") == "BASE TABLE"
        assert connection.execute("select origin from raw.raw_origin").fetchall() == [
            ("demo/data",)
        ]
    # and others open the file read only
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as reader:
        assert reader.execute("select count(*) > 0 from raw.raw_logins").fetchone() == (
            True,
        )


def write_surveys(folder: Path) -> Path:
    file = folder / "theirs.csv"
    file.write_text(SURVEYS, "utf-8")
    return file


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("R2,nps,recommend", "line 20002: it has 3 values, the header 6"),
        ("R2,nps,recommend,A1,9,2024-01-05,1", "line 20002: it has 7 values"),
        ('R2,nps,"recommend" x,A1,9,2024-01-05', "text follows a closing"),
    ],
)
def test_a_fault_behind_what_the_preflight_reads(
    line: str, says: str, tmp_path: Path
) -> None:
    environment = folder_with(tmp_path, TYPED)
    rows = "R1,nps,recommend,A1,9,2024-01-05\n" * 20000
    header = SURVEYS.splitlines()[0]
    text = f"{header}\n{rows}{line}\n"
    with duckdb.connect() as connection:
        fill(connection, environment)
        (tmp_path / "surveys.csv").write_text(text, "utf-8")
        with pytest.raises(InputError) as raised:
            fill(connection, environment)
        assert says in str(raised.value)
        assert "surveys.csv" in str(raised.value)
        # schema raw is as it was
        count = "select count(*) from raw.raw_surveys"
        assert connection.execute(count).fetchone() == (1,)


def test_sqlite_is_read_as_text_without_exponent(tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(file)) as lite:
        for name, text in (("subscriptions", SUBSCRIPTIONS), ("surveys", SURVEYS)):
            header, row = (line.split(",") for line in text.splitlines())
            lite.execute(f"create table {name} ({', '.join(header)})")
            lite.execute(f"insert into {name} values ({'?,' * (len(row) - 1)}?)", row)
        lite.execute(
            "create table Logins (login_id text, user_id integer, account_id,"
            " logged_in_at timestamp, session_minutes numeric, __deleted text)"
        )
        lite.execute(
            "insert into Logins values ('1e5', 7, 'A1', '2024-01-01', 0.0000621, 'f')"
        )
        lite.commit()
    with duckdb.connect() as connection:
        fill(connection, {"RAW_DATABASE": str(file)})
        assert set(columns(connection, "logins").values()) == {"VARCHAR"}
        assert connection.execute("from raw.raw_logins").fetchall() == [
            ("1e5", "7", "A1", "2024-01-01", "0.0000621", "f")
        ]


def test_the_origin_has_no_password() -> None:
    secret = "hunter7f3a"
    for given in (
        f"postgresql://boss:{secret}@db.example:5432/crm",
        f"postgres:host=db.example port=5432 dbname=crm user=boss password={secret}",
    ):
        origin = raw_origin(project_vars(), settings_of({"RAW_DATABASE": given}))
        assert secret not in origin
        assert "boss" not in origin
        assert "db.example" in origin
        assert "crm" in origin
    assert raw_origin({"raw_location": "s3://exports/daily/"}, settings_of({})) == (
        "s3://exports/daily"
    )
    assert raw_origin({}, settings_of({})) == "demo/data"
    assert (
        raw_origin({}, settings_of({"RAW_LOCATION": f"{Path.cwd()}/"})) != "demo/data"
    )


def test_what_models_made_of_sources_stays() -> None:
    inspection = inspect_inputs(project_vars(), settings_of({}), reads_values=False)
    relations = raw_relations(inspection, project_vars())
    others = [one for one in relations if one.table != "subscriptions"]
    made = {"raw_subscriptions", "account_aliases_of_sources"}
    with duckdb.connect() as connection:
        for origin in ("here", "here", "moved"):  # a second dbt command, other data
            create_relations(connection, others, origin, ["subscriptions"])
            for name in made:
                if origin == "here":
                    connection.execute(
                        f"create view if not exists raw.{name} as select 1"
                    )
        rows = connection.execute("select view_name from duckdb_views()").fetchall()
        assert made <= {name for (name,) in rows}
        create_relations(connection, relations, "here")
        assert "subscription_id" in columns(connection, "subscriptions")

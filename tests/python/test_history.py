"""What snapshots keep, when they keep nothing, and what marts make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console

from pipeline import build as main_job
from pipeline.build_lock import lock_of
from pipeline.finished_build import difference, file_version, fingerprint
from pipeline.history import file as history_file
from pipeline.history.file import HistoryError, history_path, read_last_snapshot
from pipeline.history.relations import about_history, create_history_relations
from pipeline.history.snapshots import Snapshot, snapshot
from pipeline.project import project_vars
from pipeline.publish import publish, published_file, take_snapshot
from pipeline.publish import run as run_module
from pipeline.publish import snapshot as snapshot_module
from pipeline.publish.lock import publisher_lock
from pipeline.publish.paths import PublishPaths
from pipeline.publish.published_file import Mart, PublishError
from pipeline.raw.locate import raw_origin
from pipeline.raw.sources import history_origin
from pipeline.settings import read_settings
from quality.results import GateResult
from tests.oracle.compare import MARTS, compare
from tests.oracle.entities import History, context
from tests.oracle.rows import accept, read_csv_folder
from tests.python.conftest import ROOT, dbt, make_reported_marts, settings_of

JANUARY, FEBRUARY = date(2024, 1, 31), date(2024, 2, 29)
Staged = Mapping[str, list[str]]
ACCOUNT = "'{0}', 'Name', {1}, 'DE', 10, 'ads', 'jo', date '2024-01-01', false, null"
COMPANY: Staged = {
    "accounts": [ACCOUNT.format("a", "'media'"), ACCOUNT.format("b", "null")],
    "users": ["'u', 'a', 'u@a.example', 'admin', timestamp '2024-01-02', null"],
    "subscriptions": ["'s', '', 'a', 'pro', 5, 50.0, date '2024-01-01', null"],
    "deleted": [],
}


def stage(file: Path, staged: Staged) -> Path:
    """A warehouse with the staging tables that a snapshot reads."""
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    account = (
        "account_id varchar, account_name varchar, industry varchar, country varchar,"
        " employees bigint, acquisition_channel varchar, csm_owner varchar,"
        " signed_up_on date, is_internal boolean, segments varchar"
    )
    columns = {
        "stg_accounts": account,
        "stg_accounts_set_aside": f"{account}, is_filtered boolean",
        "stg_users": "user_id varchar, account_id varchar, email varchar, role varchar,"
        " created_at timestamp, deactivated_at timestamp, created_on date",
        "stg_subscriptions": "subscription_id varchar, subscription_item_id varchar,"
        " account_id varchar, plan varchar, seats bigint, amount decimal(18, 4),"
        " started_on date, ended_on date, billing_interval varchar, currency varchar",
    }
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema staging")
        for name, definition in columns.items():
            connection.execute(f"create table staging.{name}_rows ({definition})")
            # views, as dbt makes them: they name the database
            connection.execute(
                f"create view staging.{name} as"
                f" select * from {file.stem}.staging.{name}_rows"
            )
        for row in staged["accounts"]:
            connection.execute(f"insert into staging.stg_accounts_rows values ({row})")
        for row in staged["deleted"]:
            connection.execute(
                f"insert into staging.stg_accounts_set_aside_rows values ({row}, false)"
            )
        for row in staged["users"]:
            connection.execute(
                "insert into staging.stg_users_rows"
                f" select *, cast(col4 as date) from (values ({row}))"
            )
        for row in staged["subscriptions"]:
            connection.execute(
                "insert into staging.stg_subscriptions_rows"
                f" select *, 'month', 'USD' from (values ({row}))"
            )
    return file


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.duckdb"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "built" / "warehouse.duckdb"


def take(
    history: Path,
    warehouse: Path,
    as_of: date,
    staged: Staged = COMPANY,
    origin: str = "exports",
    **given: bool,
) -> Snapshot:
    stage(warehouse, staged)
    with snapshot(history, warehouse, as_of, origin, **given) as taken:
        pass
    return taken


def rows(history: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(history), read_only=True) as connection:
        return connection.execute(query).fetchall()


def everything(history: Path) -> dict[str, list[tuple[Any, ...]]]:
    names = ["snapshots", *(table.name for table in history_file.TABLES)]
    return {name: rows(history, f"select * from {name} order by all") for name in names}


def versions(history: Path) -> list[tuple[Any, ...]]:
    return rows(
        history,
        "select account_id, industry, is_deleted, cast(valid_from as varchar)"
        " from accounts_history order by account_id, snapshot_number",
    )


def test_the_first_snapshot_keeps_everything_but_addresses(
    history: Path, warehouse: Path
) -> None:
    taken = take(history, warehouse, JANUARY)
    assert taken.added == {
        "accounts_history": 2,
        "users_history": 1,
        "subscription_items_history": 1,
    }
    found = everything(history)
    assert found["accounts_history"][0][:8] == (
        *("a", "Name", "media", "DE", 10, "ads", "jo"),
        date(2024, 1, 1),
    )
    assert found["subscription_items_history"][0][:7] == (
        *("s", "", "pro", "month", 5, 50),
        "USD",
    )
    assert "u@a.example" not in str(found)
    assert history.stat().st_mode & 0o777 == 0o600
    assert history.parent.stat().st_mode & 0o077 == 0


def test_the_same_state_adds_nothing(history: Path, warehouse: Path) -> None:
    take(history, warehouse, JANUARY)
    before = everything(history)
    taken = take(history, warehouse, JANUARY)
    assert sum(taken.added.values()) == 0
    assert everything(history) == before
    assert "nothing changed" in taken.lines(history)[0]
    # On a later day only that it was looked at: no earlier one may follow.
    take(history, warehouse, FEBRUARY)
    after = everything(history)
    assert [row[1] for row in after.pop("snapshots")] == [JANUARY, FEBRUARY]
    assert after == {name: before[name] for name in after}


def test_what_changed_is_added(history: Path, warehouse: Path) -> None:
    take(history, warehouse, JANUARY)
    changed = {
        **COMPANY,
        "accounts": [ACCOUNT.format("b", "'retail'"), ACCOUNT.format("c", "null")],
        "subscriptions": ["'s', '', 'a', 'pro', 5, 60.0, date '2024-01-01', null"],
    }
    taken = take(history, warehouse, FEBRUARY, changed)
    assert list(taken.added.values()) == [3, 0, 1]
    assert versions(history) == [
        ("a", "media", False, "2024-01-31"),
        ("a", "media", True, "2024-02-29"),  # it keeps what it had
        ("b", None, False, "2024-01-31"),
        ("b", "retail", False, "2024-02-29"),
        ("c", None, False, "2024-02-29"),
    ]
    # Who is gone is not gone again; who comes back is there.
    assert list(take(history, warehouse, FEBRUARY, changed).added.values()) == [0, 0, 0]
    take(history, warehouse, date(2024, 3, 1), COMPANY)
    assert versions(history)[2] == ("a", "media", False, "2024-03-01")


def test_an_account_marked_as_deleted_keeps_its_attributes(
    history: Path, warehouse: Path
) -> None:
    take(history, warehouse, JANUARY)
    deleted = {
        **COMPANY,
        "accounts": [ACCOUNT.format("b", "null")],
        "deleted": [ACCOUNT.format("a", "'film'")],
    }
    take(history, warehouse, FEBRUARY, deleted)
    assert versions(history)[1] == ("a", "film", True, "2024-02-29")


def test_rows_of_later_dates_and_ended_periods_are_not_kept(
    history: Path, warehouse: Path
) -> None:
    later = COMPANY["accounts"][0].replace("2024-01-01", "2024-02-01")
    take(
        history,
        warehouse,
        JANUARY,
        {
            "accounts": [later, COMPANY["accounts"][1]],
            "deleted": [],
            "users": [COMPANY["users"][0].replace("2024-01-02", "2024-02-01")],
            "subscriptions": [
                "'on', '', 'a', 'pro', 5, 50.0, date '2024-01-31', date '2024-02-01'",
                "'off', '', 'a', 'pro', 5, 50.0, date '2024-01-01', date '2024-01-31'",
                "'new', '', 'a', 'pro', 5, 50.0, date '2024-02-01', null",
            ],
        },
    )
    found = everything(history)
    assert [row[0] for row in found["accounts_history"]] == ["b"]
    assert found["users_history"] == []
    assert [row[0] for row in found["subscription_items_history"]] == ["on"]


def test_a_table_without_rows_is_not_taken_for_deleted(
    history: Path, warehouse: Path
) -> None:
    take(history, warehouse, JANUARY)
    taken = take(history, warehouse, FEBRUARY, {**COMPANY, "accounts": []})
    assert taken.without_rows == ["accounts"]
    assert "accounts: no rows in this build" in "\n".join(taken.lines(history))
    assert [is_deleted for *_, is_deleted, _ in versions(history)] == [False, False]


def test_history_grows_forward_alone(history: Path, warehouse: Path) -> None:
    take(history, warehouse, FEBRUARY)
    before = everything(history)
    with pytest.raises(HistoryError, match=r"as of 2024-02-29, and this build.*01-31"):
        take(history, warehouse, JANUARY)
    assert everything(history) == before


def test_data_from_elsewhere_is_refused_unless_accepted(
    history: Path, warehouse: Path
) -> None:
    take(history, warehouse, JANUARY)
    before = everything(history)
    with pytest.raises(
        HistoryError, match=r"is of exports, but .* from demo.*--accept"
    ):
        take(history, warehouse, FEBRUARY, origin="demo")
    assert everything(history) == before
    take(history, warehouse, FEBRUARY, origin="demo", accept_new_origin=True)
    last = read_last_snapshot(history)
    assert last
    assert last.origin == "demo"


def test_a_change_of_sources_is_another_origin() -> None:
    config = {"sources": {"accounts": ["hubspot", "stripe"], "logins": "segment"}}
    assert history_origin("exports", config) == (
        "exports, accounts from hubspot and stripe"
    )
    assert history_origin("exports", {"sources": {}}) == "exports"


@pytest.mark.parametrize("is_new", [True, False])
def test_what_fails_leaves_history_as_it_was(
    history: Path, warehouse: Path, is_new: bool
) -> None:
    if not is_new:
        take(history, warehouse, JANUARY)
    before = None if is_new else everything(history)
    changed = {**COMPANY, "accounts": [ACCOUNT.format("a", "'film'")]}
    stage(warehouse, changed)
    with (
        pytest.raises(PublishError),
        snapshot(history, warehouse, FEBRUARY, "exports") as taken,
    ):
        assert sum(taken.added.values())
        raise PublishError
    assert history.exists() is not is_new
    assert is_new or everything(history) == before


def test_another_file_is_no_history(
    history: Path, warehouse: Path, tmp_path: Path
) -> None:
    history.parent.mkdir()
    history.write_text("not a database")
    with pytest.raises(HistoryError, match="no history that this version can read"):
        take(history, warehouse, JANUARY)
    assert history.read_text() == "not a database"
    other = stage(tmp_path / "other.duckdb", COMPANY)
    with pytest.raises(HistoryError, match="no history that this version can read"):
        read_last_snapshot(other)


def test_a_file_that_stays_open_elsewhere_is_reported(
    history: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(history, warehouse, JANUARY)
    monkeypatch.setattr(history_file, "SECONDS_TO_WAIT", 0.5)

    class Locked:
        def execute(self, statement: str) -> None:
            raise duckdb.IOException("Could not set lock on file: PID 7")

    with (
        pytest.raises(HistoryError, match=r"is open in another program.*PID 7"),
        history_file.attached(Locked(), history, read_only=True),  # type: ignore[arg-type]
    ):
        pass


def test_the_file_is_a_var_and_a_variable(tmp_path: Path) -> None:
    config = {"history_path": "state/history.duckdb"}
    assert history_path(config, settings_of({})) == ROOT / "state" / "history.duckdb"
    assert (
        history_path(config, settings_of({"HISTORY_PATH": str(tmp_path)})) == tmp_path
    )
    assert history_path({"history_path": None}, settings_of({})) is None


# -- what models read ------------------------------------------------------------------


def relations(
    file: Path | None, origin: str = "exports"
) -> tuple[list[Any], list[Any]]:
    with duckdb.connect() as connection:
        create_history_relations(connection, file, origin)
        return (
            connection.execute(
                "select account_id, industry, cast(valid_from as varchar)"
                " from raw.account_history order by all"
            ).fetchall(),
            connection.execute(
                "select * from raw.history_starts order by 1"
            ).fetchall(),
        )


def test_the_last_version_of_a_day_is_read(history: Path, warehouse: Path) -> None:
    take(history, warehouse, JANUARY)
    for industry in ("'film'", "'press'"):
        changed = [ACCOUNT.format("a", industry), COMPANY["accounts"][1]]
        take(history, warehouse, FEBRUARY, {**COMPANY, "accounts": changed})
    assert relations(history) == (
        [
            ("a", "media", "2024-01-31"),
            ("a", "press", "2024-02-29"),
            ("b", None, "2024-01-31"),
        ],
        [("accounts", JANUARY), ("users", JANUARY)],
    )


def test_history_of_other_data_or_none_is_not_read(
    history: Path, warehouse: Path, tmp_path: Path
) -> None:
    assert relations(None) == relations(history) == ([], [])
    assert about_history(history, "exports") == []
    take(history, warehouse, JANUARY)
    assert relations(history, "demo") == ([], [])
    assert relations(history) != ([], [])
    assert "not used" in about_history(history, "demo")[0]
    assert "last snapshot as of 2024-01-31" in about_history(history, "exports")[0]


def test_relations_follow_the_file(history: Path, warehouse: Path) -> None:
    def count(connection: duckdb.DuckDBPyConnection) -> int:
        create_history_relations(connection, history, "exports")
        found = connection.execute("select count(*) from raw.account_history")
        return int(found.fetchall()[0][0])

    with duckdb.connect() as connection:
        assert count(connection) == 0
        take(history, warehouse, JANUARY)
        assert count(connection) == 2
        connection.execute("delete from raw.account_history")
        assert count(connection) == 0  # it is not made again without a reason
        take(history, warehouse, FEBRUARY, {**COMPANY, "users": []})
        assert count(connection) == 2
        history.unlink()
        assert count(connection) == 0


def test_a_file_of_an_earlier_version_gets_the_column_of_segments(
    history: Path, warehouse: Path
) -> None:
    take(history, warehouse, JANUARY)
    with duckdb.connect(str(history)) as connection:
        connection.execute("alter table accounts_history drop column segments")
    query = "select account_id, segments from raw.account_history order by all"
    with duckdb.connect() as connection:
        create_history_relations(connection, history, "exports")
        assert connection.execute(query).fetchall() == [("a", None), ("b", None)]
    gold = ACCOUNT.format("a", "'media'").removesuffix("null") + """'{"tier":"gold"}'"""
    changed = {**COMPANY, "accounts": [gold, COMPANY["accounts"][1]]}
    assert take(history, warehouse, FEBRUARY, changed).added["accounts_history"] == 1
    with duckdb.connect() as connection:
        create_history_relations(connection, history, "exports")
        assert connection.execute(query).fetchall() == [
            ("a", '{"tier":"gold"}'),
            ("a", None),
            ("b", None),
        ]


# -- publishing ------------------------------------------------------------------------


class OwnData:
    """A publish of your own data with a fast main job, that stages what is given."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.staged = COMPANY
        self.is_built = True
        self.monkeypatch = monkeypatch
        self.history = folder / "state" / "history.duckdb"
        self.paths = PublishPaths(folder / "publish", folder / "builds")
        for name, value in {
            "RAW_LOCATION": folder / "raw",
            "PUBLISH_FOLDER": self.paths.readers,
            "BUILDS_FOLDER": self.paths.private,
            "HISTORY_PATH": self.history,
            "DUCKDB_PATH": folder / "dev" / "warehouse.duckdb",
        }.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setattr(main_job, "preflight", lambda console: True)
        monkeypatch.setattr(main_job, "run_dbt", self.run_dbt)
        monkeypatch.setattr(
            main_job, "run_gate", lambda gate, *_, **__: GateResult(gate, [], None, 0)
        )
        monkeypatch.setattr("pipeline.publish.run.headlines", lambda _: {})
        marts = [
            Mart("monthly_churn", ["date_month"], "", {}),
            Mart("data_quality_summary", ["source_table"], "", {}),
        ]
        monkeypatch.setattr(published_file, "marts_of", lambda _: marts)

    def run_dbt(self, console: Console, command: str, *_: str, **given: Any) -> bool:
        if command == "build":
            stage(given["database"], self.staged)
            with duckdb.connect(str(given["database"])) as connection:
                make_reported_marts(connection)
                connection.execute("""
                    create table marts.monthly_churn as
                        select date '2024-01-01' as date_month;
                    create table marts.data_quality_summary as
                        select 'logins' as source_table, 5 as rows_in;
                """)
        return command == "seed" or self.is_built

    def publish(self, as_of: date, **given: Any) -> int:
        self.monkeypatch.setenv("AS_OF_DATE", str(as_of))
        return publish(Console(width=1000), **given)

    def publishes(self) -> int:
        return len(self.paths.kept_ids())


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OwnData:
    return OwnData(tmp_path, monkeypatch)


CHANGED = {**COMPANY, "accounts": [ACCOUNT.format("a", "'film'")]}


def test_a_publish_of_your_own_data_takes_a_snapshot(
    own_data: OwnData, capsys: pytest.CaptureFixture[str]
) -> None:
    assert own_data.publish(JANUARY) == 0
    assert "accounts_history 2" in capsys.readouterr().out
    own_data.staged = CHANGED
    assert own_data.publish(FEBRUARY) == 0
    assert len(versions(own_data.history)) == 4


def test_a_publish_of_the_demo_takes_none(
    own_data: OwnData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAW_LOCATION")
    assert own_data.publish(JANUARY) == 0
    assert not own_data.history.exists()


@pytest.mark.parametrize("fault", ["build", "swap", "dry run"])
def test_a_publish_that_does_not_publish_keeps_no_snapshot(
    own_data: OwnData, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    assert own_data.publish(JANUARY) == 0
    before = everything(own_data.history)
    own_data.staged = CHANGED
    if fault == "build":
        own_data.is_built = False
        assert own_data.publish(FEBRUARY) == 5
    elif fault == "swap":

        def broken(*_: object) -> None:
            raise OSError("disk full.")

        monkeypatch.setattr(run_module, "swap", broken)
        assert own_data.publish(FEBRUARY) == 7
    else:
        assert own_data.publish(FEBRUARY, dry_run=True) == 0
    assert everything(own_data.history) == before


def test_a_publish_as_of_an_earlier_date_takes_none(
    own_data: OwnData, capsys: pytest.CaptureFixture[str]
) -> None:
    assert own_data.publish(FEBRUARY) == 0
    before = everything(own_data.history)
    assert own_data.publish(JANUARY) == 0
    assert "No snapshot: the last one is as of 2024-02-29" in capsys.readouterr().out
    assert everything(own_data.history) == before
    assert own_data.publishes() == 2


def test_a_publish_of_other_data_takes_none_unless_it_only_moved(
    own_data: OwnData,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert own_data.publish(JANUARY) == 0
    before = everything(own_data.history)
    monkeypatch.setenv("RAW_LOCATION", str(tmp_path / "elsewhere"))
    own_data.staged = CHANGED
    assert own_data.publish(FEBRUARY) == 0
    output = capsys.readouterr().out
    assert "No snapshot: the history in" in output
    assert "--accept-new-origin" in output
    assert everything(own_data.history) == before
    assert own_data.publish(FEBRUARY, accept_new_origin=True) == 0
    assert len(versions(own_data.history)) == 4


def test_a_snapshot_that_is_lost_is_reported(
    own_data: OwnData,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    @contextmanager
    def full_disk(*_: object, **__: object) -> Iterator[Snapshot]:
        yield Snapshot(JANUARY)
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(snapshot_module, "snapshot", full_disk)
    assert own_data.publish(JANUARY) == 7
    output = capsys.readouterr().out
    assert "The build is published, but its snapshot could not be kept" in output
    assert "Nothing was published." not in output
    assert own_data.publishes() == 1


def test_a_build_from_before_a_snapshot_is_built_again(
    own_data: OwnData, warehouse: Path
) -> None:
    (own_data.paths.readers.parent / "raw").mkdir()
    config, settings = project_vars(), read_settings()
    before = fingerprint(JANUARY, config, settings)
    salt = bytes.fromhex(before.environment.partition(":")[0])
    again = fingerprint(JANUARY, config, settings, salt=salt)
    assert difference(before, again) == ""
    take(own_data.history, warehouse, JANUARY)
    after = fingerprint(JANUARY, config, settings, salt=salt)
    assert difference(before, after) == "a snapshot was taken since"
    assert after.events == before.events  # which it has nothing to do with


def build_here(own_data: OwnData, as_of: date, origin: str) -> Path:
    """What `make build` leaves, as far as a snapshot reads it."""
    file = own_data.paths.readers.parent / "dev" / "warehouse.duckdb"
    stage(file, own_data.staged)
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"""
            create schema marts;
            create schema raw;
            create table marts.figures_as_of as select date '{as_of}' as as_of_date;
            create table raw.raw_origin as select '{origin}' as origin;
        """)
    return file


def test_the_command_takes_a_snapshot_of_the_last_build(
    own_data: OwnData, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(width=1000)
    assert take_snapshot(console) == 3
    assert "is not there: run `make build`" in capsys.readouterr().out
    file = build_here(own_data, JANUARY, raw_origin(project_vars(), read_settings()))
    version = file_version(file)
    assert take_snapshot(console) == 0
    assert file_version(file) == version, "a publish would build it again"
    assert "accounts_history 2" in capsys.readouterr().out
    build_here(own_data, FEBRUARY, "elsewhere")
    assert take_snapshot(console) == 3
    assert "was built from elsewhere, but" in capsys.readouterr().out
    with publisher_lock(own_data.paths.readers):
        assert take_snapshot(console) == 6
    with lock_of(file):
        assert take_snapshot(console) == 6
    assert "is being built" in capsys.readouterr().out


# -- from dbt to marts -----------------------------------------------------------------

HISTORY = (  # account, industry, employees, owner; valid from
    ("A", "media", 10, "jo", JANUARY),
    ("A", "retail", 60, "kim", date(2024, 2, 29)),
    ("B", None, 0, "jo", date(2024, 3, 15)),
)
RAW = {
    "subscriptions": "subscription_id,account_id,plan,billing_interval,amount,currency,"
    "started_on,ended_on\n"
    "1,A,pro,month,100,USD,2024-01-05,\n"
    "2,B,pro,month,60,USD,2024-01-05,2024-03-20\n"
    "3,C,pro,month,10,USD,2024-01-05,\n",
    "logins": "login_id,user_id,account_id,logged_in_at\nl,u,A,2024-04-10T10:00:00\n",
    "surveys": "response_id,survey_type,question,account_id,sent_at\n"
    "r,nps,recommend,A,2024-04-10T10:00:00\n",
    "accounts": "account_id,industry,employees,csm_owner,signed_up_on\n"
    "A,press,70,lee,2024-01-05\nB,film,11,lee,2024-01-05\nC,,5,,2024-01-05\n",
    "users": "user_id,account_id,created_at\nu,A,2024-01-05T00:00:00\n",
}


def test_marts_use_the_attributes_of_the_months_start(
    history: Path, tmp_path: Path
) -> None:
    # Snapshots of 31 January, 29 February and 15 March, a build as of 12 April.
    raw = tmp_path / "raw"
    raw.mkdir()
    for name, text in RAW.items():
        (raw / f"{name}.csv").write_text(text, encoding="utf-8")
    environment = {
        "RAW_LOCATION": str(raw),
        "HISTORY_PATH": str(history),
        "AS_OF_DATE": "2024-04-12",
    }
    origin = history_origin(raw_origin({}, settings_of(environment)), {})
    known: dict[str, str] = {}
    for day in sorted({valid_from for *_, valid_from in HISTORY}):
        for account, industry, employees, owner, valid_from in HISTORY:
            if valid_from == day:
                text = f"'{industry}'" if industry else "null"
                row = ACCOUNT.format(account, text).replace("10", str(employees))
                row = row.replace("'jo'", f"'{owner}'")
                known[account] = row.replace(", 'ads'", ", null").replace(
                    "'DE'", "null"
                )
        staged = {**COMPANY, "accounts": [*known.values()]}
        take(history, tmp_path / "warehouse.duckdb", day, staged, origin)
    place = tmp_path / "place"
    place.mkdir()
    done = dbt(
        place,
        *("build", "--select", "+churn_by_segment", "+data_quality_summary"),
        *("+csm_book", "+retention_by_segment"),
        *("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"),
        environment=environment,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    database = place / "warehouse.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "select cast(date_month as varchar), string_agg(segment_value, ' '"
            " order by segment_value) from marts.churn_by_segment"
            " where segment_type = 'industry' group by date_month order by date_month"
        ).fetchall()
    assert found == [
        ("2024-02-01", "film media unknown"),  # B: today's, before its first snapshot
        ("2024-03-01", "film retail unknown"),
        ("2024-04-01", "retail unknown"),  # B has left; A is still retail, not press
    ]
    names = ("account_id", "industry", "employees", "csm_owner", "valid_from")
    kept = tuple(
        {
            **dict(zip(names, row, strict=True)),
            "country": None,
            "acquisition_channel": None,
        }
        for row in HISTORY
    )
    ctx = context(
        accept(read_csv_folder(raw)),
        date(2024, 4, 12),
        history=History(kept, {"accounts": JANUARY, "users": JANUARY}),
    )
    for mart in (
        *("churn_by_segment", "retention_by_segment", "account_months", "csm_book"),
        "data_quality_summary",
    ):
        function, keys = MARTS[mart]
        assert compare(database, mart, function(ctx), keys) == []

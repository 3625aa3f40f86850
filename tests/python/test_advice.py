"""What the preflight advises: unused columns, versions, spoilt ids, settings."""

from __future__ import annotations

import gzip
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.project import project_vars
from pipeline.raw import check_inputs, inspect_inputs, report
from pipeline.raw.connection import redacted
from pipeline.raw.contract import raw_contract
from pipeline.raw.ignored_columns import nearest
from pipeline.raw.locate import raw_origin
from pipeline.raw.relations import create_relations, raw_relations
from pipeline.raw.var_values import CHECKS, check_vars, known_vars
from tests.python.conftest import ROOT, dbt, pipeline, settings_of
from tests.python.test_inputs import (
    CLEAN,
    LOGIN_LINE,
    LOGINS,
    NO_CSV,
    ROW,
    SUBSCRIPTIONS,
    SURVEYS,
    Content,
    Fault,
    Sql,
    assert_told,
    database_of,
    folder_of,
)

REAL_EXPORTS = ROOT / "tests" / "data" / "real_exports"
VARS = project_vars()
VERSIONS = {"subscriptions": {"started_on": "valid_from", "ended_on": "valid_to"}}


def real_export(number: str) -> dict[str, str]:
    (folder,) = REAL_EXPORTS.glob(f"{number}-*")
    return {"RAW_LOCATION": str(folder), "AS_OF_DATE": "2024-12-31"}


def printed(
    files: Mapping[str, Content], place: Path, config: Mapping[str, Any] | None = None
) -> str:
    """What the preflight prints of tables that have no problems."""
    changed = {**VARS, **(config or {})}
    inspection = inspect_inputs(changed, settings_of(folder_of(place, files)))
    assert not inspection.problems, report(inspection)
    return "\n".join(report(inspection))


# -- exports as they come --------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "rule", "says"),
    [
        ("10", "float_id", ("surveys", "`account_id`", "1 value ", "`10001.0`")),
        (
            "12",
            "versions",
            *(("subscriptions", "valid_from", "valid_to", "started_on", "ended_on"),),
        ),
        ("12", "versions", ("raw_columns: {subscriptions: {started_on: valid_from",)),
        ("19", "other_format", ("`surveys.xlsx`", "Excel workbook", "CSV", "Parquet")),
    ],
)
def test_a_real_export_is_refused(
    number: str, rule: str, says: tuple[str, ...]
) -> None:
    inspection = inspect_inputs(VARS, settings_of(real_export(number)))
    assert [one.rule for one in inspection.problems] == [rule]
    told = "\n".join(report(inspection))
    assert all(part in told for part in says), told
    assert "Rename" not in told


def test_versions_that_are_mapped_are_read() -> None:
    changed = {**VARS, "raw_columns": VERSIONS}
    inspection = inspect_inputs(changed, settings_of(real_export("12")))
    assert not inspection.problems
    assert "ignored columns: started_on, ended_on" in "\n".join(report(inspection))
    with duckdb.connect() as connection:
        create_relations(connection, raw_relations(inspection, changed), "here")
        query = "select started_on, ended_on from raw.raw_subscriptions order by all"
        assert connection.execute(query).fetchall() == [
            ("2024-01-01 00:00:00", "2024-06-01 00:00:00"),
            ("2024-06-01 00:00:00", None),
        ]


def test_rows_deleted_at_the_source_are_reported() -> None:
    told = "\n".join(report(inspect_inputs(VARS, settings_of(real_export("04")))))
    assert "`_fivetran_deleted` is used: var soft_delete_columns" in told
    assert "WARNING" not in told
    told = "\n".join(
        report(
            inspect_inputs(
                {**VARS, "soft_delete_columns": []}, settings_of(real_export("04"))
            )
        )
    )
    assert "`_fivetran_deleted` is ignored, and may say" in told
    assert "false 1, true 1" in told
    assert "add _fivetran_deleted to soft_delete_columns" in told


# -- columns that are not read ---------------------------------------------------------

ENDED = SUBSCRIPTIONS.replace(b"started_on", b"started_on,end_date,status,livemode,x1")
ENDED_ROWS = b"".join(
    b"S%d,A1,team,month,10.00,USD,2024-01-01,,%s,%s,7\n" % row
    for row in [(1, b"active", b"t"), (2, b"active", b"t"), (3, b"unpaid", b"f")]
)


def test_columns_that_are_not_read_are_named(tmp_path: Path) -> None:
    told = printed({"subscriptions.csv": ENDED + ENDED_ROWS}, tmp_path)
    assert (
        "  WARNING  no `ended_on` (optional): did you mean `end_date`? map it:"
        " raw_columns: {subscriptions: {ended_on: end_date}}" in told
    )
    assert "  WARNING  `status` is ignored" in told
    assert "active 2, unpaid 1. If so, set raw_filters" in told
    assert "raw_filters: {subscriptions: \"status = 'active'\"}" in told
    assert "t 2, f 1" in told
    assert "raw_filters: {subscriptions: \"livemode = 't'\"}" in told
    assert "  ignored columns: x1\n" in told
    assert "optional columns not there: subscription_item_id, seats, list_am" in told
    # and there is no line for tables without a remark
    assert told.count("ignored columns") == 1


def test_columns_that_are_set_are_not_warned_of(tmp_path: Path) -> None:
    config = {
        "raw_columns": {"subscriptions": {"ended_on": "end_date"}},
        "raw_filters": {"subscriptions": "status = 'active' and livemode = 't'"},
    }
    told = printed({"subscriptions.csv": ENDED + ENDED_ROWS}, tmp_path, config)
    assert "WARNING" not in told
    assert "`status` is used: var raw_filters" in told
    assert "raw_filters keeps 2 of 3 rows" in told


def test_a_filter_that_keeps_nothing_is_warned_of(tmp_path: Path) -> None:
    config = {"raw_filters": {"subscriptions": "status = 'Active'"}}
    told = printed({"subscriptions.csv": ENDED + ENDED_ROWS}, tmp_path, config)
    assert "WARNING  raw_filters keeps 0 of 3 rows" in told


@pytest.mark.parametrize(
    ("column", "advice"),
    [
        ("isDeleted", "isdeleted is distinct from 'true'"),
        ("deletedAt", "deletedat is null"),
        ("deletion_date", "deletion_date is null"),
        ("_peerdb_is_deleted", "_peerdb_is_deleted is distinct from 'true'"),
        ("__op", "__op is distinct from 'd'"),
        ("_change_type", "_change_type is distinct from 'd'"),
        ("isActive", "isactive = 'true'"),
        ("inactive", "inactive is distinct from 'true'"),
        ("is_current", "is_current = 'true'"),
        ("subscriptionState", "subscriptionstate = 'true'"),
        ("state", "state = 'true'"),
    ],
)
def test_marks_of_other_loaders(column: str, advice: str, tmp_path: Path) -> None:
    header, row = CLEAN["subscriptions"].splitlines()[:2]
    file = header + b"," + column.encode() + b"\n" + row + b",true\n"
    told = printed({"subscriptions.csv": file}, tmp_path)
    assert f"WARNING  `{column.lower()}` is ignored, and may say" in told
    assert f'raw_filters: {{subscriptions: "{advice}"}}' in told


def test_a_state_of_a_country_is_no_mark(tmp_path: Path) -> None:
    told = printed({"accounts.csv": b"account_id,signed_up_on,state\n"}, tmp_path)
    assert "ignored columns: state" in told
    assert "WARNING" not in told


def test_a_mark_of_many_values_is_counted(tmp_path: Path) -> None:
    rows = b"".join(
        b"L%d,U1,A1,2024-01-01,4,%s\n" % (number, b"2024-02-%02d" % number)
        for number in range(1, 10)
    )
    head = LOGINS.replace(b"\n", b",deleted_at\n")
    told = printed({"logins.csv": head + rows + b"L0,U1,A1,2024-01-01,4,\n"}, tmp_path)
    assert "9 of 10 rows have a value (2024-02-01 1" in told
    assert 'raw_filters: {logins: "deleted_at is null"}' in told


@pytest.mark.parametrize(
    ("table", "column", "theirs"),
    [
        ("subscriptions", "ended_on", "end_date"),
        ("subscriptions", "ended_on", "subscription_ends_at"),
        ("subscriptions", "ended_on", "canceled_at"),
        ("subscriptions", "started_on", "start_date"),
        ("subscriptions", "seats", "quantity"),
        ("accounts", "account_name", "company"),
        ("users", "deactivated_at", "deactivation_at"),
        ("surveys", "responded_at", "answered_at"),
        ("subscriptions", "ended_on", None),
        ("subscriptions", "seats", None),
    ],
)
def test_the_nearest_column(table: str, column: str, theirs: str | None) -> None:
    others = ["id", "created_at", "plan_code", "amount_due", "trial_day", "next_seat"]
    others += [theirs] if theirs else []
    assert nearest(raw_contract()[table], column, others) == theirs


# -- tables of versions, ids, text -----------------------------------------------------

ACCOUNTS = b"account_id,signed_up_on,_fivetran_start,_fivetran_end"
SPOILT = [
    Fault(
        "Fivetran's history mode",
        {"accounts.csv": ACCOUNTS + b",_fivetran_active\nA1,2024-01-01,,,true\n"},
        "versions",
        "accounts.csv",
        "raw_filters: {accounts: \"_fivetran_active = 'true'\"}",
    ),
    Fault(
        "Fivetran's history mode without its flag",
        {"accounts.csv": ACCOUNTS + b"\nA1,2024-01-01,,\n"},
        "versions",
        "accounts.csv",
        "_fivetran_end >= '9999-01-01'",
    ),
    Fault(
        "a dbt snapshot",
        {"accounts.csv": b"account_id,signed_up_on,dbt_valid_from,DBT_valid_to\n"},
        "versions",
        "accounts.csv",
        'raw_filters: {accounts: "dbt_valid_to is null"}',
    ),
    *(
        Fault(
            f"versions by {start} and {end}",
            {
                "subscriptions.csv": SUBSCRIPTIONS.replace(
                    b"\n", f",{start},{end}\n".encode()
                )
            },
            "versions",
            "subscriptions.csv",
            f"{{started_on: {start.lower()}, ended_on: {end.lower()}}}",
        )
        for start, end in (
            ("ValidFrom", "ValidTo"),
            ("_dlt_valid_from", "_dlt_valid_to"),
            ("__START_AT", "__END_AT"),
            ("effectiveFrom", "effectiveTo"),
        )
    ),
    Fault(
        "versions of which one column is mapped",
        {"subscriptions.csv": SUBSCRIPTIONS.replace(b"\n", b",valid_from,valid_to\n")},
        "versions",
        "subscriptions.csv",
        "ended_on: valid_to",
        {"raw_columns": {"subscriptions": {"started_on": "valid_from"}}},
    ),
    Fault(
        "ids with a decimal zero, beside a table of events",
        {
            "logins.csv": LOGINS + b"L1,17,A1,2024-01-01,4\n",
            "users.csv": b"user_id,account_id,created_at\n17.0,A1,2024-01-01\n",
        },
        "float_id",
        "users.csv",
        "`user_id` has 1 value like `17.0`, and logins.user_id has the same ids",
    ),
    Fault(
        "ids that a spreadsheet rounded",
        {"surveys.csv": SURVEYS + b"1.00235E+15,nps,recommend,A1,9,2024-01-05\n"},
        "rounded_id",
        "surveys.csv",
        "`response_id` has 1 value like `1.00235E+15`",
    ),
    Fault(
        "ids that a German spreadsheet rounded",
        {"surveys.csv": SURVEYS + b'"1,00235E+15",nps,recommend,A1,9,2024-01-05\n'},
        "rounded_id",
        "surveys.csv",
        "`response_id` has 1 value like `1,00235E+15`",
    ),
    Fault(
        "a binary id in Parquet",
        {
            "surveys.csv": None,
            "surveys.parquet": Sql(
                "select 'R1' response_id, 'nps' survey_type, 'recommend' as question,"
                r" '\xFFA1'::blob account_id, 9 score, '2024-01-05' sent_at"
            ),
        },
        "not_text",
        "surveys.parquet",
        "`account_id` is binary, and 1 of its values are not UTF-8 text (one is 0xFF",
    ),
    Fault(
        "a binary id in a table of events",
        {
            **NO_CSV,
            "logins.parquet": Sql(
                r"select 'L1' login_id, '\xFFA1'::blob user_id, 'A1' account_id,"
                " now() logged_in_at"
            ),
        },
        "not_text",
        "logins.parquet",
        "`user_id` is binary",
    ),
    Fault(
        "a row that is broken far down",
        {"surveys.csv": CLEAN["surveys"] + CLEAN["surveys"][58:] * 9000 + b"R,nps\n"},
        "unreadable",
        "surveys.csv",
        "line 9003: it has 2 values, the header 6",
    ),
    Fault(
        "Excel's first line",
        {"logins.csv": b"sep=,\r\n" + LOGINS + ROW},
        "sep_line",
        "logins.csv",
        "the first line is `sep=,`",
    ),
    *(
        Fault(
            f"logins{end}",
            {**NO_CSV, f"logins{end}": b"PK\x03\x04"},
            "other_format",
            "logins",
            says,
        )
        for end, says in {
            ".xlsx": "an Excel workbook, which is not read. Save it as CSV",
            ".XLS": "an Excel workbook",
            ".numbers": "a Numbers spreadsheet",
            ".ods": "an OpenDocument spreadsheet",
            ".json": "Save it as JSON lines",
            ".ndjson": "Name it `logins.jsonl`",
            ".tsv": "tab-separated text",
            ".sqlite": "Set RAW_DATABASE",
        }.items()
    ),
    Fault(
        "an optional table in a workbook",
        {"accounts.xlsx": b"PK\x03\x04"},
        "other_format",
        "accounts",
        "an Excel workbook",
    ),
]


@pytest.mark.parametrize("fault", SPOILT, ids=lambda fault: fault.name)
def test_what_is_spoilt_is_refused(fault: Fault, tmp_path: Path) -> None:
    assert_told(fault, folder_of(tmp_path / "raw", fault.files))


FIT: dict[str, dict[str, Content]] = {
    "ids with a decimal zero everywhere": {
        "subscriptions.csv": CLEAN["subscriptions"].replace(b"A1", b"7.0"),
        "surveys.csv": CLEAN["surveys"].replace(b"A1", b"7.0"),
        "logins.csv": CLEAN["logins"].replace(b"A1", b"7.0"),
    },
    "versions of software as ids": {
        "surveys.csv": CLEAN["surveys"].replace(b",A1,", b",7.1,")
        + b"R2,nps,recommend,7.0,9,2024-01-05\n",
        "logins.csv": CLEAN["logins"].replace(b"A1", b"7"),
    },
    "hexadecimal ids": {"surveys.csv": CLEAN["surveys"].replace(b"R1", b"1e15")},
    "JSON lines": {**NO_CSV, "logins.jsonl": LOGIN_LINE},
    "packed with gzip": {**NO_CSV, "logins.csv.gz": gzip.compress(LOGINS + ROW)},
    "a workbook of another name": {"forecast.xlsx": b"PK\x03\x04"},
    "one column of a pair": {"logins.csv": LOGINS.replace(b"\n", b",valid_from\n")},
}


@pytest.mark.parametrize("name", FIT)
def test_what_is_not_spoilt_passes(name: str, tmp_path: Path) -> None:
    assert "WARNING" not in printed(FIT[name], tmp_path)


def test_versions_with_a_filter_pass(tmp_path: Path) -> None:
    head = ACCOUNTS + b"\nA1,2024-01-01,2024-01-01,9999-12-31\n"
    filters = {"raw_filters": {"accounts": "_fivetran_end >= '9999-01-01'"}}
    told = printed({"accounts.csv": head}, tmp_path, filters)
    assert "raw_filters keeps 1 of 1 rows" in told


def test_text_in_sqlite_that_is_none(tmp_path: Path) -> None:
    environment = database_of(tmp_path / "theirs.db", "sqlite")
    with closing(sqlite3.connect(tmp_path / "theirs.db")) as lite:
        lite.execute("insert into surveys select * from surveys")
        lite.execute(
            "update surveys set account_id = cast(x'4dfc' as text) where rowid = 2"
        )
        lite.commit()
    (problem,) = check_inputs(VARS, settings_of(environment))
    assert problem.rule == "encoding"
    assert "surveys" in problem.where
    assert "`account_id` of row 2 is not UTF-8" in problem.message


def test_a_mark_in_a_database(tmp_path: Path) -> None:
    for kind in ("duckdb", "sqlite"):
        more = "create table raw.accounts as select 'A1' account_id,"
        more += " '2024-01-01' signed_up_on, 'x' as is_deleted"
        environment = database_of(tmp_path / f"{kind}.db", kind, more)
        told = "\n".join(report(inspect_inputs(VARS, settings_of(environment))))
        assert "WARNING  `is_deleted` is ignored" in told, kind


# -- settings --------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """A setting that is wrong, and the message it must get."""

    where: str
    says: str
    config: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


SETTINGS = [
    Setting(
        "AS_OF_DATE",
        "'31.12.2024': expected a date like 2026-09-20. Write 2024-12-31.",
        environment={"AS_OF_DATE": "31.12.2024"},
    ),
    Setting("AS_OF_DATE", "expected a date", environment={"AS_OF_DATE": "12/31/2024"}),
    Setting("AS_OF_DATE", "expected a date", environment={"AS_OF_DATE": "20241231"}),
    Setting("var as_of_date", "expected a date", {"as_of_date": "today"}),
    Setting("RAW_LOCATON", "mean RAW_LOCATION?", environment={"RAW_LOCATON": "x"}),
    Setting("as_of_date", "mean AS_OF_DATE?", environment={"as_of_date": "x"}),
    Setting("var max_rejection_rat", "`max_rejection_rate`", {"max_rejection_rat": 1}),
    Setting("var zzz", "Remove it", {"zzz": 1}),
    Setting(
        "var health_weights",
        "they sum to 110",
        {"health_weights": {"usage": 50, "billing": 30, "support": 20, "nps": 10}},
    ),
    Setting(
        "var health_weights",
        "`support`, `nps` is missing",
        {"health_weights": {"usage": 50, "billing": 50}},
    ),
    Setting(
        "var health_weights",
        "`nps` is `-10`; expected a number, 0 or more",
        {"health_weights": {"usage": 60, "billing": 30, "support": 20, "nps": -10}},
    ),
    Setting(
        "var health_weights",
        "no component `suport`. Did you mean `support`?",
        {"health_weights": {"usage": 40, "billing": 30, "suport": 20, "nps": 10}},
    ),
    Setting("var unknown_ids", "`ignore`; expected infer", {"unknown_ids": "ignore"}),
    Setting(
        "var ended_on_is_inclusive",
        "expected true or false, unquoted",
        {"ended_on_is_inclusive": "false"},
    ),
    Setting("var publish_comments", "true or false", {"publish_comments": 1}),
    Setting("var placeholder_ids", "a list of texts", {"placeholder_ids": "none"}),
    Setting("var soft_delete_columns", "list", {"soft_delete_columns": "deleted"}),
    Setting("var reporting_timezone", "an IANA name", {"reporting_timezone": "CETT"}),
    Setting("var base_currency", "ISO 4217", {"base_currency": "euro"}),
    Setting("var gross_margin", "a share from 0 to 1", {"gross_margin": 80}),
    Setting("var keep_builds", "1 or more", {"keep_builds": 0}),
]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: f"{one.where} {one.says}")
def test_a_setting_that_is_wrong(setting: Setting) -> None:
    (problem,) = check_vars(
        {**VARS, **setting.config}, settings_of(setting.environment)
    )
    assert problem.where == setting.where
    assert setting.says in problem.message


def test_a_var_that_is_misspelt_is_named_once() -> None:
    changed = dict(VARS)
    changed["helth_weights"] = changed.pop("health_weights")
    (problem,) = check_vars(changed, settings_of({}))
    assert problem.where == "var helth_weights"
    assert "Did you mean `health_weights`?" in problem.message


def test_a_var_that_was_removed() -> None:
    without = {name: value for name, value in VARS.items() if name != "gross_margin"}
    (problem,) = check_vars(without, settings_of({}))
    assert (problem.where, problem.rule) == ("var gross_margin", "missing_var")


def test_the_projects_own_vars_are_right() -> None:
    assert not check_vars(VARS, settings_of({}))
    assert set(VARS) <= set(known_vars())
    # of vars that are still to come, the check comes with them
    assert len(set(CHECKS) & set(VARS)) >= 25


BAD_FILTERS = {
    "status = 'active'": "`subscriptions`: `status = 'active'` is not a condition",
    "started_on >": "is not a condition",
    "plan + 1": "is not a condition",
}


@pytest.mark.parametrize("condition", BAD_FILTERS)
def test_a_filter_that_cannot_be_evaluated(condition: str, tmp_path: Path) -> None:
    fault = Fault(
        condition,
        {},
        "bad_filter",
        "var raw_filters",
        BAD_FILTERS[condition],
        {"raw_filters": {"subscriptions": condition}},
    )
    assert_told(fault, folder_of(tmp_path, {}))


def test_plain_dbt_refuses_a_misspelt_var(tmp_path: Path) -> None:
    done = dbt(tmp_path, "run", "-s", "stg_costs", config={"max_rejection_rat": 0.1})
    assert done.returncode != 0
    assert "var max_rejection_rat" in done.stdout
    assert "Did you mean `max_rejection_rate`?" in done.stdout


# -- passwords -------------------------------------------------------------------------

SECRET = "s3cr3t"
URLS = [
    f"mysql://user:{SECRET}@host/db",
    f"mysql+pymysql://user:p@{SECRET}@host:3306/db?ssl=1",
    f"snowflake://user:{SECRET}@account/db?warehouse=w&password={SECRET}",
    f"jdbc:postgresql://host/db?user=me&password={SECRET}",
    f"postgresql+psycopg2://user:{SECRET}@host/db",
    f"Server=host;Database=db;Uid=me;Pwd={SECRET};",
    f"mssql://host/db;password={SECRET}",
    f"here.duckdb?password={SECRET}",
]


@pytest.mark.parametrize("given", URLS)
def test_no_password_of_a_database_is_shown(given: str) -> None:
    inspection = inspect_inputs(VARS, settings_of({"RAW_DATABASE": given}))
    told = "\n".join(report(inspection))
    assert len(inspection.problems) == 1
    assert SECRET not in told + raw_origin(VARS, settings_of({"RAW_DATABASE": given}))
    assert SECRET not in redacted(f"cannot open {given}", given)


def test_another_database_is_called_by_its_name() -> None:
    (problem,) = check_inputs(VARS, settings_of({"RAW_DATABASE": URLS[0]}))
    assert problem.where == "RAW_DATABASE mysql://host/db"
    assert problem.message.startswith("mysql cannot be read. Only DuckDB and")
    (problem,) = check_inputs(VARS, settings_of({"RAW_DATABASE": "duckdb:///x.duckdb"}))
    assert "by its file's path alone" in problem.message


@pytest.mark.parametrize(
    "given",
    [f"https://me:{SECRET}@host/raw", f"s3://key:{SECRET}@bucket/raw", *URLS[:3]],
)
def test_no_password_of_a_location_is_shown(given: str) -> None:
    environment = {"RAW_LOCATION": given, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    told = "\n".join(report(inspect_inputs(VARS, settings_of(environment))))
    assert SECRET not in told + raw_origin(VARS, settings_of(environment))


def test_the_command_reports_all_of_it() -> None:
    environment = {**real_export("10"), "AS_OF_DATE": "31.12.2024"}
    done = pipeline("check-inputs", environment=environment)
    assert done.returncode == 3
    assert "2 problems" in done.stdout
    assert "Write 2024-12-31" in done.stdout
    assert "`10001.0`" in done.stdout
    assert not done.stderr
    assert os.fspath(ROOT) not in done.stdout

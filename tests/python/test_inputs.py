"""The preflight reports every fault that can be planted, and passes good inputs."""

from __future__ import annotations

import codecs
import gzip
import os
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from pipeline.build import preflight
from pipeline.project import InputError, project_vars
from pipeline.raw import (
    Field,
    Finding,
    RawTable,
    check_inputs,
    inspect_inputs,
    raw_contract,
    report,
)
from pipeline.raw.csv_files import csv_relation
from pipeline.raw.csv_rows import CsvError, check_rows, header_of
from pipeline.raw.databases import display_postgres
from pipeline.raw.relations import create_relations, raw_relations
from pipeline.sql import glob_text
from tests.python.conftest import pipeline, settings_of

LOGINS = b"login_id,user_id,account_id,logged_in_at,session_minutes\n"
SUBSCRIPTIONS = (
    b"subscription_id,account_id,plan,billing_interval,amount,currency,started_on\n"
)
SURVEYS = b"response_id,survey_type,question,account_id,score,sent_at\n"
ROW = b"L1,U1,A1,2024-01-01T08:00:00Z,4\n"
ROWS = b"".join(
    b"L%d,U1,A1,2024-01-01T08:00:00Z,4\n" % number for number in range(2000)
)
VARS = project_vars()
CLEAN: dict[str, bytes] = {
    "subscriptions": SUBSCRIPTIONS + b"S1,A1,team,month,10.00,USD,2024-01-01\n",
    "logins": LOGINS + ROW,
    "surveys": SURVEYS + b"R1,nps,recommend,A1,9,2024-01-05\n",
}
ACCOUNTS = b"account_id,signed_up_on\nA1,2024-01-01\n"


@dataclass(frozen=True)
class Sql:
    """Becomes a Parquet file, or a table of a database."""

    query: str


@dataclass(frozen=True)
class Link:
    """Becomes a symbolic link."""

    target: str


@dataclass(frozen=True)
class Cut:
    """Becomes a Parquet file without its last bytes, or with others in between."""

    end: bytes = b""


Content = bytes | Sql | Link | Cut | None  # None: the file is not there
LOGIN = "select 'L1' login_id, 'U1' user_id, 'A1' account_id, now() logged_in_at"
PART = "logins/1.parquet"
NO_CSV: dict[str, Content] = {"logins.csv": None}


LOGIN_LINE = (
    b'{"login_id": "L1", "user_id": "U1", "account_id": "A1",'
    b' "logged_in_at": "2024-01-01T08:00:00Z"}\n'
)


def in_json(content: bytes) -> dict[str, Content]:
    return {**NO_CSV, "logins.jsonl": content}


def logins(query: str, file: str = "logins.parquet") -> dict[str, Content]:
    return {**NO_CSV, file: Sql(query)}


def archive() -> bytes:
    with BytesIO() as file:
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("logins.csv", LOGINS)
        return file.getvalue()


@dataclass(frozen=True)
class Fault:
    """What is put over clean tables, and the one problem that must be reported."""

    name: str
    files: Mapping[str, Content]
    rule: str
    where: str  # a part of the problem's `where`
    says: str  # a part of its message
    config: Mapping[str, Any] = field(default_factory=dict)


def header(old: bytes, new: bytes) -> dict[str, Content]:
    return {"logins.csv": LOGINS.replace(old, new) + ROW}


IN_FOLDER = [
    # -- which files are there
    Fault("no file", NO_CSV, "missing_table", "logins", "expected `logins.csv`"),
    Fault(
        "singular",
        {"subscriptions.csv": None, "subscription.csv": CLEAN["subscriptions"]},
        "missing_table",
        "subscriptions",
        "Did you mean `subscription.csv`?",
    ),
    Fault(
        "other case",
        {**NO_CSV, "Logins.CSV": CLEAN["logins"]},
        "missing_table",
        "logins",
        "Did you mean `Logins.CSV`?",
    ),
    Fault(
        "still packed",
        {**NO_CSV, "logins.csv.zip": archive()},
        "other_format",
        "logins",
        "Unpack it to `logins.csv`",
    ),
    Fault(
        "the demo's name",
        {**NO_CSV, "raw_logins.csv": LOGINS},
        "missing_table",
        "logins",
        "Did you mean `raw_logins.csv`?",
    ),
    Fault(
        "optional, misnamed",
        {"account.csv": ACCOUNTS},
        "missing_table",
        "accounts",
        "`account.csv` is there and would not be read",
    ),
    Fault(
        "CSV and Parquet",
        {"logins.parquet": Sql(LOGIN)},
        "two_sources",
        "logins",
        "both `logins.csv` and `logins.parquet`",
    ),
    Fault(
        "packed and not",
        {"logins.csv.gz": gzip.compress(LOGINS), "logins.jsonl": LOGIN_LINE},
        "two_sources",
        "logins",
        "all of `logins.csv` and `logins.csv.gz` and `logins.jsonl`",
    ),
    Fault(
        "file and folder",
        {"logins/1.parquet": Sql(LOGIN)},
        "two_sources",
        "logins",
        "both `logins.csv` and `logins`",
    ),
    Fault(
        "folder of CSV files",
        {**NO_CSV, "logins/1.csv": LOGINS},
        "missing_table",
        "logins",
        "has no Parquet file",
    ),
    Fault(
        "folder named .csv",
        {**NO_CSV, "logins.csv/1.csv": LOGINS},
        "not_a_file",
        "logins.csv",
        "it is a folder",
    ),
    Fault(
        "folder named .parquet, as Spark writes",
        {**NO_CSV, "logins.parquet/1.parquet": Sql(LOGIN)},
        "not_a_file",
        "logins.parquet",
        "name it `logins`",
    ),
    Fault(
        "link to nowhere",
        {"logins.csv": Link("gone.csv")},
        "missing_file",
        "logins.csv",
        "a broken link",
    ),
    Fault(
        "linked partition, which DuckDB would leave out",
        {
            **logins(LOGIN, "logins/month=1/1.parquet"),
            "elsewhere/2.parquet": Sql(LOGIN),
            "logins/month=2": Link("../elsewhere"),
        },
        "linked_folder",
        "logins",
        "month=2 is a link",
    ),
    # -- bytes
    Fault(
        "no bytes",
        {"logins.csv": b""},
        "empty_file",
        "logins.csv",
        "no bytes",
    ),
    Fault(
        "gzip",
        {"logins.csv": gzip.compress(LOGINS + ROW)},
        "compressed",
        "logins.csv",
        "it is gzip. Name it `logins.csv.gz`",
    ),
    Fault(
        "not gzip",
        {**NO_CSV, "logins.csv.gz": LOGINS + ROW},
        "not_gzip",
        "logins.csv.gz",
        "Name it `logins.csv`",
    ),
    Fault(
        "gzip, cut off",
        {**NO_CSV, "logins.csv.gz": gzip.compress(LOGINS + ROWS)[:-20]},
        "not_gzip",
        "logins.csv.gz",
        "cut off",
    ),
    Fault(
        "nothing within gzip",
        {**NO_CSV, "logins.csv.gz": gzip.compress(b"")},
        "empty_file",
        "logins.csv.gz",
        "nothing in",
    ),
    Fault(
        "a misnamed column within gzip",
        {**NO_CSV, "logins.csv.gz": gzip.compress(LOGINS.replace(b"user", b"usr"))},
        "missing_column",
        "logins.csv.gz",
        "did you mean `usr_id`?",
    ),
    Fault("zip", {"logins.csv": archive()}, "compressed", "logins.csv", "zip"),
    Fault(
        "zstd",
        {"logins.csv": b"\x28\xb5\x2f\xfd\x24\x00"},
        "compressed",
        "logins.csv",
        "zstd",
    ),
    Fault(
        "Parquet named .csv",
        {"logins.csv": Sql(LOGIN)},
        "not_csv",
        "logins.csv",
        "Name it `logins.parquet`",
    ),
    Fault(
        "a login page",
        {"logins.csv": b"<!DOCTYPE html><html>"},
        "not_csv",
        "logins.csv",
        "login page",
    ),
    Fault(
        "JSON", {"logins.csv": b'[{"login_id": 1}]'}, "not_csv", "logins.csv", "JSON"
    ),
    Fault(
        "UTF-16 with a mark",
        {"logins.csv": (LOGINS + ROW).decode().encode("utf-16")},
        "encoding",
        "logins.csv",
        "UTF-16",
    ),
    Fault(
        "UTF-16 without one",
        {"logins.csv": (LOGINS + ROW).decode().encode("utf-16-be")},
        "encoding",
        "logins.csv",
        "UTF-16",
    ),
    Fault(
        "Latin-1 in the first rows",
        {"logins.csv": LOGINS + ROW + "Lé,U1,A1,2024-01-01,4\n".encode("latin-1")},
        "encoding",
        "logins.csv",
        "line 3 has the byte 0xE9 (`é` in Latin-1",
    ),
    Fault(
        "Latin-1 after 68 kB",
        {"logins.csv": LOGINS + ROWS + "Lé,U1,A1,2024-01-01,4\n".encode("latin-1")},
        "encoding",
        "logins.csv",
        "line 2002 has",
    ),
    Fault(
        "UTF-8, broken off",
        {"logins.csv": LOGINS + "é".encode()[:1]},
        "encoding",
        "logins.csv",
        "line 2",
    ),
    Fault(
        "NUL bytes",
        {"logins.csv": LOGINS + ROW + b"L2,U1,\x00\x00,2024-01-01,4\n"},
        "nul_bytes",
        "logins.csv",
        "line 3",
    ),
    # -- header
    Fault("empty first line", {"logins.csv": b"\n" + LOGINS}, "no_header", "", "empty"),
    Fault(
        "no header",
        {"logins.csv": ROW},
        "no_header",
        "logins.csv",
        "looks like data (`L1, U1, A1, 2024-01-01T08:00:00Z, 4`)",
    ),
    *(
        Fault(
            f"separated by {what}",
            {"logins.csv": (LOGINS + ROW).replace(b",", delimiter)},
            "delimiter",
            "logins.csv",
            f"separated by {what}; expected commas",
        )
        for delimiter, what in [(b";", "semicolons"), (b"\t", "tabs"), (b"|", "bars")]
    ),
    Fault(
        "Excel's sep=",
        {"logins.csv": b"sep=;\n" + LOGINS.replace(b",", b";")},
        "delimiter",
        "logins.csv",
        "semicolons",
    ),
    Fault(
        "semicolons, a comma in a name",
        {"logins.csv": (LOGINS + ROW).replace(b",", b";").replace(b"session", b"a,b")},
        "delimiter",
        "logins.csv",
        "semicolons",
    ),
    Fault(
        "SQL in the header",
        header(b"session_minutes", b"x text); drop table y; --"),
        "bad_header",
        "logins.csv",
        "column 5 is named `x text); drop table y; --`; expected a plain name",
    ),
    Fault(
        "a space in the header",
        header(b"session_minutes", b"session minutes"),
        "bad_header",
        "logins.csv",
        "`session minutes`",
    ),
    Fault(
        "a digit first",
        header(b"session_minutes", b"1st"),
        "bad_header",
        "logins.csv",
        "`1st`",
    ),
    Fault(
        "a letter that is not plain",
        header(b"session_minutes", "größe".encode()),
        "bad_header",
        "logins.csv",
        "`größe`",
    ),
    Fault(
        "a line break within a name",
        header(b"session_minutes", b'"session\nminutes"'),
        "bad_header",
        "logins.csv",
        r"`session\nminutes`",
    ),
    Fault(
        "a comma within a name",
        {"logins.csv": LOGINS.replace(b"session_minutes", b'"a,b"')},
        "bad_header",
        "logins.csv",
        "`a,b`",
    ),
    Fault(
        "a comma at the header's end",
        {"logins.csv": LOGINS.replace(b"\n", b",\n")},
        "bad_header",
        "logins.csv",
        "column 6 has no name",
    ),
    Fault(
        "twice the same name, but for case",
        header(b"session_minutes", b"User_ID"),
        "duplicate_column",
        "logins.csv",
        "`user_id` stands 2 times",
    ),
    Fault(
        "a column misnamed",
        header(b"account_id", b"acct_id"),
        "missing_column",
        "logins.csv",
        "no column `account_id`; did you mean `acct_id`? Rename it, or map it:"
        " raw_columns: {logins: {account_id: acct_id}}.",
    ),
    Fault(
        "a column that is not there",
        {"logins.csv": b"login_id,user_id,account_id,x\nL1,U1,A1,1\n"},
        "missing_column",
        "logins.csv",
        "no column `logged_in_at` (timestamp, required). It has x.",
    ),
    Fault(
        "of an optional table, too",
        {"accounts.csv": b"account_id,industry\nA1,IT\n"},
        "missing_column",
        "accounts.csv",
        "no column `signed_up_on`",
    ),
    # -- rows
    Fault(
        "a comma not in quotes",
        {"logins.csv": LOGINS + ROW + b"L2,U1,A1,2024-01-01,4,5\n"},
        "ragged_rows",
        "logins.csv",
        "line 3 has 6 values, the header 5",
    ),
    Fault(
        "a value too few, after a value of two lines",
        {"logins.csv": LOGINS + b'L1,"U\n1",A1,2024-01-01,4\nL2,U1,A1,2024-01-01\n'},
        "ragged_rows",
        "logins.csv",
        "line 4 has 4 values",
    ),
    Fault(
        "a quote that is not closed",
        {"logins.csv": LOGINS + b'L1,"U1,A1,2024-01-01,4\n' + ROW},
        "quotes",
        "logins.csv",
        "line 2 is not closed",
    ),
    Fault(
        "nor within a large file",
        {"logins.csv": LOGINS + b'L1,"U1,A1,2024-01-01,4\n' + ROWS * 5},
        "quotes",
        "logins.csv",
        "line 2 is not closed",
    ),
    Fault(
        "quotes escaped by backslash",
        {"logins.csv": LOGINS + b'L1,"U\\"1",A1,2024-01-01,4\n'},
        "quotes",
        "logins.csv",
        "on line 2 text follows a closing quote",
    ),
    Fault(
        "line ends mixed",
        {"logins.csv": LOGINS + ROW + ROW.replace(b"\n", b"\r\n") + ROW},
        "line_ends",
        "logins.csv",
        "line 3 ends in CRLF, the header in LF",
    ),
    # -- JSON lines
    Fault(
        "an array of objects",
        in_json(b"[" + LOGIN_LINE.strip() + b"]"),
        "not_json_lines",
        "logins.jsonl",
        "one object a line, not an array",
    ),
    Fault(
        "an array on a later line",
        in_json(LOGIN_LINE + b"[1]\n"),
        "not_json_lines",
        "logins.jsonl",
        "a line is not a JSON object",
    ),
    Fault(
        "an object that is not closed",
        in_json(LOGIN_LINE + b'{"login_id": \n' + LOGIN_LINE),
        "not_json_lines",
        "logins.jsonl",
        "line 2 cannot be read",
    ),
    Fault(
        "Latin-1 in JSON",
        in_json(LOGIN_LINE.replace(b"L1", b"L\xe9")),
        "not_json_lines",
        "logins.jsonl",
        "line 1 cannot be read (invalid UTF-8",
    ),
    Fault(
        "UTF-16 in JSON",
        in_json(LOGIN_LINE.decode().encode("utf-16")),
        "encoding",
        "logins.jsonl",
        "UTF-16",
    ),
    Fault(
        "a mark at the start of JSON",
        in_json(codecs.BOM_UTF8 + LOGIN_LINE),
        "encoding",
        "logins.jsonl",
        "byte order mark",
    ),
    Fault("JSON of no bytes", in_json(b""), "empty_file", "logins.jsonl", "no bytes"),
    Fault("JSON without keys", in_json(b"{}\n"), "empty_file", "logins.jsonl", "a key"),
    Fault(
        "a key misnamed",
        in_json(LOGIN_LINE.replace(b"user_id", b"userid")),
        "missing_column",
        "logins.jsonl",
        "did you mean `userid`?",
    ),
    Fault(
        "a key twice, but for case",
        in_json(LOGIN_LINE + LOGIN_LINE.replace(b"user_id", b"User_ID")),
        "duplicate_column",
        "logins.jsonl",
        "`user_id` stands 2 times",
    ),
    Fault(
        "SQL in a key",
        in_json(LOGIN_LINE.replace(b"}", b', "x\'; drop table y": 1}')),
        "bad_header",
        "logins.jsonl",
        "`x'; drop table y`",
    ),
    Fault(
        "an id with a fraction in JSON",
        in_json(LOGIN_LINE.replace(b'"U1"', b"17.0")),
        "float_id",
        "logins.jsonl",
        "`user_id` is DOUBLE",
    ),
    Fault(
        "an object within",
        in_json(LOGIN_LINE.replace(b'"U1"', b'{"id": 1}')),
        "nested_type",
        "logins.jsonl",
        "`user_id` is nested",
    ),
    # -- Parquet
    Fault(
        "CSV named .parquet",
        {**NO_CSV, "logins.parquet": LOGINS},
        "not_parquet",
        "logins.parquet",
        "not Parquet",
    ),
    Fault(
        "Parquet of no bytes",
        {**NO_CSV, "logins.parquet": b""},
        "empty_file",
        "logins.parquet",
        "no bytes",
    ),
    Fault(
        "Parquet, cut off",
        {**NO_CSV, "logins.parquet": Cut()},
        "not_parquet",
        "logins.parquet",
        "cut off",
    ),
    Fault(
        "Parquet, damaged within",
        {**NO_CSV, "logins.parquet": Cut(b"\xff\xff\xff\x7fPAR1")},
        "not_parquet",
        "logins.parquet",
        "damaged",
    ),
    Fault(
        "one part cut off",
        {**logins(LOGIN, "logins/1.parquet"), "logins/2.parquet": Cut()},
        "not_parquet",
        "2.parquet",
        "cut off",
    ),
    Fault(
        "one part a link to nowhere",
        {**logins(LOGIN, "logins/1.parquet"), "logins/2.parquet": Link("gone")},
        "missing_file",
        "2.parquet",
        "a broken link",
    ),
    Fault(
        "one part without a column",
        {
            **logins(LOGIN, "logins/1.parquet"),
            "logins/2.parquet": Sql(f"select * exclude user_id from ({LOGIN})"),
        },
        "missing_column",
        "2.parquet",
        "no column `user_id`, which other files of the table have",
    ),
    Fault(
        "a part that is a folder",
        {
            **logins(LOGIN, "logins/1.parquet"),
            "logins/2.parquet/3.parquet": Sql(LOGIN),
        },
        "not_a_file",
        "logins",
        "2.parquet is a folder",
    ),
    Fault(
        "a column misnamed in Parquet",
        logins(f"select * rename (login_id as loginid) from ({LOGIN})"),
        "missing_column",
        "logins.parquet",
        "did you mean `loginid`?",
    ),
    Fault(
        "SQL in Parquet's names",
        logins(f'select *, 1 as "x; drop table y" from ({LOGIN})'),
        "bad_header",
        "logins.parquet",
        "`x; drop table y`",
    ),
    Fault(
        "an id as double",
        logins(f"select * replace (17.0::double as user_id) from ({LOGIN})"),
        "float_id",
        "logins.parquet",
        "the id `user_id` is DOUBLE: 17 would be read as 17.0",
    ),
    Fault(
        "an id as decimal",
        logins(f"select * replace (17::decimal(9, 2) as user_id) from ({LOGIN})"),
        "float_id",
        "logins.parquet",
        "DECIMAL(9,2)",
    ),
    Fault(
        "a key that is not named _id, as float",
        {
            "exchange_rates.parquet": Sql(
                "select 1::float as currency, today() rate_date, 1 rate_to_base"
            )
        },
        "float_id",
        "exchange_rates.parquet",
        "`currency` is FLOAT",
    ),
    Fault(
        "an id as double in one part only",
        {
            **logins(LOGIN, "logins/1.parquet"),
            "logins/2.parquet": Sql(
                f"select * replace (1::double as user_id) from ({LOGIN})"
            ),
        },
        "float_id",
        "2.parquet",
        "`user_id` is DOUBLE",
    ),
    Fault(
        "a UUID in one part, text in another",
        {
            **logins(f"select * replace (uuid() as user_id) from ({LOGIN})", PART),
            "logins/2.parquet": Sql(LOGIN),
        },
        "mixed_types",
        "2.parquet",
        "`user_id` is text, and UUID in other files",
    ),
    Fault(
        "a list",
        logins(f"select * replace ([1, 2] as user_id) from ({LOGIN})"),
        "nested_type",
        "logins.parquet",
        "`user_id` is nested (INTEGER[])",
    ),
    Fault(
        "a structure",
        logins(f"select *, {{'minutes': 4}} as session_minutes from ({LOGIN})"),
        "nested_type",
        "logins.parquet",
        "STRUCT",
    ),
    Fault(
        "a moment as seconds",
        logins(f"select * replace (1704096000 as logged_in_at) from ({LOGIN})"),
        "wrong_type",
        "logins.parquet",
        "`logged_in_at` is INTEGER; expected a timestamp",
    ),
    Fault(
        "a number as moment",
        logins(f"select *, now() as session_minutes from ({LOGIN})"),
        "wrong_type",
        "logins.parquet",
        "expected a number",
    ),
    # -- var raw_columns
    Fault(
        "mapping of no table",
        {},
        "bad_mapping",
        "raw_columns",
        "no raw table `login`. Did you mean `logins`?",
        {"raw_columns": {"login": {"login_id": "id"}}},
    ),
    Fault(
        "mapping of no column",
        {},
        "bad_mapping",
        "raw_columns",
        "`logins` has no column `loged_in_at`. Did you mean `logged_in_at`?",
        {"raw_columns": {"logins": {"loged_in_at": "at"}}},
    ),
    Fault(
        "mapping to no column",
        header(b"logged_in_at", b"login_time"),
        "bad_mapping",
        "logins.csv",
        "no column `login_tyme`, to which var raw_columns maps `logged_in_at`. Did you"
        " mean `login_time`?",
        {"raw_columns": {"logins": {"logged_in_at": "login_tyme"}}},
    ),
    Fault(
        "mapping that is none",
        {},
        "bad_mapping",
        "raw_columns",
        "expected {table: {contract_name: your_name}}",
        {"raw_columns": ["logins"]},
    ),
    Fault(
        "mapping of a table that is none",
        {},
        "bad_mapping",
        "raw_columns",
        "`logins` is `user`",
        {"raw_columns": {"logins": "user"}},
    ),
    Fault(
        "mapping to nothing",
        {},
        "bad_mapping",
        "raw_columns",
        "`logins.user_id` is mapped to `None`",
        {"raw_columns": {"logins": {"user_id": None}}},
    ),
]


def write(path: Path, content: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, Sql):
        target = str(path).replace("'", "''")
        duckdb.execute(f"copy ({content.query}) to '{target}' (format parquet)")
    elif isinstance(content, Link):
        path.unlink(missing_ok=True)
        path.symlink_to(content.target)
    elif isinstance(content, Cut):
        write(path, Sql(LOGIN))
        path.write_bytes(path.read_bytes()[:-8] + content.end)
    else:
        path.unlink()


def folder_of(place: Path, files: Mapping[str, Content]) -> dict[str, str]:
    for table, rows in CLEAN.items():
        write(place / f"{table}.csv", rows)
    for name, content in files.items():
        write(place / name, content)
    return {"RAW_LOCATION": str(place)}


def config_with(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {**VARS, **changes}


def assert_told(
    fault: Fault, environment: Mapping[str, str], *, hidden: str = ""
) -> None:
    inspection = inspect_inputs(config_with(fault.config), settings_of(environment))
    printed = "\n".join(report(inspection))
    assert [one.rule for one in inspection.problems] == [fault.rule], printed
    problem = inspection.problems[0]
    assert fault.where in problem.where
    assert fault.says in problem.message
    assert fault.says in printed
    assert not hidden or hidden not in printed


@pytest.mark.parametrize("fault", IN_FOLDER, ids=lambda fault: fault.name)
def test_fault_in_a_folder(fault: Fault, tmp_path: Path) -> None:
    assert_told(fault, folder_of(tmp_path / "raw", fault.files))


# -- databases -------------------------------------------------------------------------

TABLES = {
    "subscriptions": "select 'S1' subscription_id, 'A1' account_id, 'team' as plan,"
    " 'month' billing_interval, 10 amount, 'USD' currency, '2024-01-01' started_on",
    "logins": "select 'L1' login_id, 'U1' user_id, 'A1' account_id,"
    " '2024-01-01' logged_in_at",
    "surveys": "select 'R1' response_id, 'nps' survey_type, 'recommend' as question,"
    " 'A1' account_id, 9 score, '2024-01-05' sent_at",
}
CLEAN_TABLES = [f"create table raw.{name} as {query}" for name, query in TABLES.items()]

BOTH = ("duckdb", "sqlite")
DUCKDB = ("duckdb",)


@dataclass(frozen=True)
class TableFault:
    """What is done to a database with clean tables, and the problem to report."""

    name: str
    kinds: Sequence[str]
    statement: str
    rule: str
    where: str
    says: str
    config: Mapping[str, Any] = field(default_factory=dict)


IN_DATABASE = [
    TableFault(
        "no table",
        BOTH,
        "drop table raw.logins",
        "missing_table",
        "logins",
        "expected `logins`",
    ),
    TableFault(
        "a table misnamed",
        BOTH,
        "alter table raw.surveys rename to survey",
        "missing_table",
        "surveys",
        "Did you mean `survey`?",
    ),
    TableFault(
        "a column misnamed",
        BOTH,
        "alter table raw.logins rename column logged_in_at to logged_in",
        "missing_column",
        ", raw.logins",
        "did you mean `logged_in`? Rename it, or map it",
    ),
    TableFault(
        "SQL in a name",
        BOTH,
        'alter table raw.logins add column "x; drop table y" text',
        "bad_header",
        ", raw.logins",
        "`x; drop table y`",
    ),
    TableFault(
        "an id as double",
        BOTH,
        "create table raw.users as select cast(17 as double) as user_id,"
        " 'A1' as account_id, '2024-01-01' as created_at",
        "float_id",
        ", raw.users",
        "`user_id` is DOUBLE",
    ),
    TableFault(
        "a day as number",
        BOTH,
        "create table raw.referrals as select 'F1' as referral_id,"
        " 'A1' as referrer_account_id, 45000 as referred_on",
        "wrong_type",
        ", raw.referrals",
        "expected a date",
    ),
    TableFault(
        "a view of nothing",
        BOTH,
        "create table raw.gone as select 1 as x;"
        "create view raw.costs as select * from raw.gone; drop table raw.gone",
        "unreadable",
        ", raw.costs",
        "give a table",
    ),
    TableFault(
        "a list",
        DUCKDB,
        "create or replace table raw.users as select ['U1'] as user_id,"
        " 'A1' as account_id, date '2024-01-01' as created_at",
        "nested_type",
        ", raw.users",
        "`user_id` is nested (VARCHAR[])",
    ),
    TableFault(
        "another schema",
        DUCKDB,
        "create schema crm; create table crm.surveys as from raw.surveys",
        "missing_schema",
        "RAW_DATABASE",
        "Schema `raw` has 3 tables of the contract: set var raw_schema: raw",
        {"raw_schema": "crn"},
    ),
    TableFault(
        "a mapping to no column",
        BOTH,
        "",
        "bad_mapping",
        ", raw.logins",
        "no column `at`",
        {"raw_columns": {"logins": {"logged_in_at": "at"}}},
    ),
]


def database_of(file: Path, kind: str, statement: str = "") -> dict[str, str]:
    tables = [f"create table raw.{name} as {query};" for name, query in TABLES.items()]
    script = f"{''.join(tables)}{statement}"
    if kind == "duckdb":
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"create schema raw; {script}")
    else:
        with closing(sqlite3.connect(file)) as lite:
            lite.executescript(script.replace("raw.", ""))
    return {"RAW_DATABASE": str(file)}


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        pytest.param(kind, fault, id=f"{kind}: {fault.name}")
        for fault in IN_DATABASE
        for kind in fault.kinds
    ],
)
def test_fault_in_a_database(kind: str, fault: TableFault, tmp_path: Path) -> None:
    environment = database_of(tmp_path / "theirs.db", kind, fault.statement)
    where = fault.where if kind == "duckdb" else fault.where.replace("raw.", "")
    told = Fault(fault.name, {}, fault.rule, where, fault.says, fault.config)
    assert_told(told, environment)


# -- what is set -----------------------------------------------------------------------


@dataclass(frozen=True)
class SettingFault:
    """What stands in the environment or in a var; {here} is a folder with files."""

    name: str
    environment: Mapping[str, str]
    rule: str
    where: str
    says: str
    config: Mapping[str, Any] = field(default_factory=dict)


SECRET = "s3cr:e/t"
NOBODY = "host=127.0.0.1 port=9 dbname=crm user=me"
SETTINGS = [
    SettingFault(
        "no folder",
        {"RAW_LOCATION": "{here}/date"},
        "missing_folder",
        "RAW_LOCATION",
        "Did you mean `data`?",
    ),
    SettingFault(
        "a file",
        {"RAW_LOCATION": "{here}/data/logins.csv"},
        "not_a_folder",
        "RAW_LOCATION",
        "Give its folder",
    ),
    SettingFault(
        "two sources",
        {"RAW_LOCATION": "{here}/data", "RAW_DATABASE": "{here}/their.duckdb"},
        "two_sources",
        "RAW_LOCATION, RAW_DATABASE",
        "Unset the other",
    ),
    SettingFault(
        "two sources, one by var",
        {"RAW_DATABASE": "{here}/their.duckdb"},
        "two_sources",
        "RAW_LOCATION, RAW_DATABASE",
        "Unset the other",
        {"raw_location": "{here}/data"},
    ),
    SettingFault(
        "a place that is not S3",
        {"RAW_LOCATION": "https://example.com/raw"},
        "unreachable",
        "https://example.com/raw",
        "only s3://",
    ),
    SettingFault(
        "a bucket that does not answer",
        {
            "RAW_LOCATION": "s3://bucket/raw",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_ACCESS_KEY_ID": "me",
            "AWS_SECRET_ACCESS_KEY": SECRET,
        },
        "unreachable",
        "s3://bucket/raw",
        "it does not answer",
    ),
    SettingFault(
        "no database file",
        {"RAW_DATABASE": "{here}/their.duckdbb"},
        "missing_file",
        "their.duckdbb",
        "Did you mean `their.duckdb`?",
    ),
    SettingFault(
        "a CSV file as database",
        {"RAW_DATABASE": "{here}/data/logins.csv"},
        "not_a_database",
        "logins.csv",
        "neither a DuckDB nor a SQLite file",
    ),
    SettingFault(
        "a folder as database",
        {"RAW_DATABASE": "{here}/data"},
        "not_a_file",
        "data",
        "it is a folder",
    ),
    SettingFault(
        "a database of no bytes",
        {"RAW_DATABASE": "{here}/empty.duckdb"},
        "empty_file",
        "empty.duckdb",
        "no bytes",
    ),
    SettingFault(
        "a DuckDB file, damaged",
        {"RAW_DATABASE": "{here}/damaged.duckdb"},
        "not_a_database",
        "damaged.duckdb",
        "Copy it again",
    ),
    SettingFault(
        "a SQLite file, damaged",
        {"RAW_DATABASE": "{here}/damaged.sqlite"},
        "not_a_database",
        "damaged.sqlite",
        "copy it again",
    ),
    SettingFault(
        "the database that is built",
        {"RAW_DATABASE": "{here}/their.duckdb", "DUCKDB_PATH": "{here}/their.duckdb"},
        "same_database",
        "their.duckdb",
        "the file that is built",
    ),
    SettingFault(
        "Postgres that does not answer, by pairs",
        {"RAW_DATABASE": f"postgres:{NOBODY} password='{SECRET}'"},
        "unreachable",
        "postgres host=127.0.0.1 port=9 dbname=crm",
        "nothing answers there",
    ),
    SettingFault(
        "Postgres that does not answer, by URL",
        {"RAW_DATABASE": "postgresql://me:s3cr%3Ae%2Ft@127.0.0.1:9/crm"},
        "unreachable",
        "postgres 127.0.0.1:9/crm",
        "nothing answers there",
    ),
    SettingFault(
        "a demo table to leave out that there is not",
        {},
        "bad_absent_table",
        "absent_tables",
        "`cost` cannot be left out. Did you mean `costs`?",
        {"absent_tables": ["cost"]},
    ),
    SettingFault(
        "a required table to leave out",
        {},
        "bad_absent_table",
        "absent_tables",
        "`logins` cannot be left out",
        {"absent_tables": ["logins"]},
    ),
    SettingFault(
        "a required table of the user's to leave out",
        {"RAW_LOCATION": "{here}/data"},
        "bad_absent_table",
        "absent_tables",
        "`surveys` cannot be left out",
        {"absent_tables": ["surveys"]},
    ),
    SettingFault(
        "a mapping of the demo",
        {},
        "bad_mapping",
        "raw_columns",
        "the demo data has the contract's names already",
        {"raw_columns": {"logins": {"user_id": "user_id"}}},
    ),
]


@pytest.mark.parametrize("fault", SETTINGS, ids=lambda fault: fault.name)
def test_fault_in_a_setting(fault: SettingFault, tmp_path: Path) -> None:
    folder_of(tmp_path / "data", {})
    database_of(tmp_path / "their.duckdb", "duckdb")
    (tmp_path / "empty.duckdb").touch()
    (tmp_path / "damaged.duckdb").write_bytes(bytes(8) + b"DUCK" + bytes(5000))
    (tmp_path / "damaged.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    here = {"here": str(tmp_path)}
    environment = {
        name: value.format_map(here) for name, value in fault.environment.items()
    }
    config = {
        name: value.format_map(here) if isinstance(value, str) else value
        for name, value in fault.config.items()
    }
    told = Fault(fault.name, {}, fault.rule, fault.where, fault.says, config)
    before = dict(os.environ)
    assert_told(told, environment, hidden=SECRET)
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    "given",
    [
        f"postgres:host=h dbname=d user=u password={SECRET}",
        f"postgres:host=h dbname=d password = '{SECRET} with \\' more'",
        f"postgresql://u:{SECRET}@h:1/d?sslmode=require",
        f"postgres://u:@{SECRET}@h/d",
        f"postgres:password={SECRET}=@x y",
        f"postgresql://h/d?password={SECRET}",
    ],
)
def test_no_password_is_shown(given: str) -> None:
    assert "s3cr" not in display_postgres(given)
    assert "with" not in display_postgres(given)


@contextmanager
def refused(method: str, place: Path) -> Iterator[None]:
    """Root may read everything: let the file system say no all the same."""
    true = getattr(Path, method)

    def refuse(self: Path, *arguments: Any, **options: Any) -> Any:
        if self == place:
            raise PermissionError(13, "Permission denied", str(self))
        return true(self, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, method, refuse)
        yield


@pytest.mark.parametrize("file", ["logins.csv", "logins.parquet"])
def test_a_file_that_may_not_be_read(file: str, tmp_path: Path) -> None:
    place = tmp_path / "raw"
    content = CLEAN["logins"] if file.endswith("csv") else Sql(LOGIN)
    environment = folder_of(place, {**NO_CSV, file: content})
    told = Fault("", {}, "no_permission", file, "Grant read permission")
    with refused("open", place / file):
        assert_told(told, environment)


def test_a_folder_that_may_not_be_listed(tmp_path: Path) -> None:
    environment = folder_of(tmp_path / "raw", {})
    told = Fault("", {}, "no_permission", "RAW_LOCATION", "may not be listed")
    with refused("iterdir", tmp_path / "raw"):
        assert_told(told, environment)


def test_a_database_that_is_open_elsewhere(tmp_path: Path) -> None:
    environment = database_of(tmp_path / "their.duckdb", "duckdb")
    with duckdb.connect(str(tmp_path / "their.duckdb")):
        done = pipeline("check-inputs", environment=environment)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "another program has it open for writing" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


# -- what is fit -----------------------------------------------------------------------

TYPED = (
    "select 1::bigint login_id, uuid() user_id, 'A1' account_id,"
    " timestamptz '2024-01-01 08:00:00Z' logged_in_at, 4.5::double session_minutes,"
    " 1 as extra, [1] as extra_list"
)
FIT: dict[str, tuple[dict[str, Content], dict[str, Any], str]] = {
    "clean CSV": ({}, {}, "5 columns"),
    "a mark at the start": ({"logins.csv": codecs.BOM_UTF8 + LOGINS + ROW}, {}, "5"),
    "header only": ({"logins.csv": LOGINS}, {}, "5 columns"),
    "header only, no line end": ({"logins.csv": LOGINS.strip()}, {}, "5 columns"),
    "quoted header": (
        {"logins.csv": b'"' + LOGINS.strip().replace(b",", b'","') + b'"\n' + ROW},
        {},
        "5 columns",
    ),
    "upper case, spaces": (
        {"logins.csv": LOGINS.upper().replace(b",", b", ") + ROW},
        {},
        "5 columns",
    ),
    "CRLF": ({"logins.csv": (LOGINS + ROW).replace(b"\n", b"\r\n")}, {}, "5 columns"),
    "CR": ({"logins.csv": (LOGINS + ROW).replace(b"\n", b"\r")}, {}, "5 columns"),
    "values of several lines, CRLF around": (
        {"logins.csv": LOGINS.strip() + b'\r\nL1,"U\n""1"",",A1,2024-01-01,4\r\n'},
        {},
        "5 columns",
    ),
    "empty lines, commas at the end": (
        {"logins.csv": LOGINS + b"\n" + ROW.replace(b"4\n", b"4,,\n") + b"\n"},
        {},
        "5 columns",
    ),
    "a quote within a value": (
        {"logins.csv": LOGINS + ROW.replace(b"U1", b'U"1')},
        {},
        "5 columns",
    ),
    "more than is looked at": (
        {"logins.csv": LOGINS + ROWS * 8 + b"\xff"},
        {},
        "5 columns",
    ),
    "a letter across the end of the sample": (
        {"logins.csv": LOGINS + ("é" * 50 + ",U1,A1,2024-01-01,\n").encode() * 3000},
        {},
        "5 columns",
    ),
    "extra columns": (
        {
            "logins.csv": LOGINS.replace(b"\n", b",ip,device\n")
            + ROW.strip()
            + b",1,2\n"
        },
        {},
        "5 columns",
    ),
    "without optional columns": (
        {"logins.csv": b"account_id,logged_in_at,user_id,login_id\n"},
        {},
        "4 columns",
    ),
    "an optional column misnamed": (
        {"logins.csv": LOGINS.replace(b"session_minutes", b"session_minuts")},
        {},
        "4 columns",
    ),
    "mapped columns": (
        {"logins.csv": LOGINS.replace(b"logged_in_at", b"At").replace(b"user", b"u")},
        {"raw_columns": {"logins": {"logged_in_at": "at", "user_id": "U_ID"}}},
        "5 columns, 2 of them mapped",
    ),
    "typed Parquet": (logins(TYPED), {}, "5 columns"),
    "an optional id that is null throughout": (
        {
            "surveys.csv": None,
            "surveys.parquet": Sql(f"{TABLES['surveys']}, null::double user_id"),
        },
        {},
        "5 columns",
    ),
    "parts": (
        {
            **logins(TYPED, "logins/year=2024/month=1/1.parquet"),
            "logins/year=2024/month=2/1.parquet": Sql(TYPED),
            "logins/_SUCCESS": b"",
        },
        {},
        "5 columns",
    ),
    "a part without an optional column, another with text": (
        {
            **logins(f"select * replace (7 as user_id) from ({TYPED})", PART),
            "logins/2.parquet": Sql(LOGIN),
        },
        {},
        "5 columns",
    ),
    "a column in the path": (
        logins(
            f"select * exclude user_id from ({LOGIN})", "logins/user_id=7/1.parquet"
        ),
        {},
        "4 columns",
    ),
    "packed with gzip": (
        {**NO_CSV, "logins.csv.gz": gzip.compress(LOGINS + ROWS * 8)},
        {},
        "5 columns",
    ),
    "JSON lines": (
        in_json(LOGIN_LINE * 3 + LOGIN_LINE.replace(b"}", b', "session_minutes": 4}')),
        {},
        "5 columns",
    ),
    "an id as number and as text in JSON": (
        in_json(LOGIN_LINE + LOGIN_LINE.replace(b'"U1"', b"17")),
        {},
        "4 columns",
    ),
    "other files beside": (
        {"README.md": b"", "logins/notes.txt": b"", ".DS_Store": b""},
        {},
        "5 columns",
    ),
    "a linked file": (
        {**NO_CSV, "elsewhere/x": LOGINS, "logins.csv": Link("elsewhere/x")},
        {},
        "5 columns",
    ),
}


@pytest.mark.parametrize("name", FIT)
def test_fit_to_be_read(name: str, tmp_path: Path) -> None:
    files, changes, says = FIT[name]
    place = tmp_path / 'Müller\'s "raw" [data]*'
    environment = folder_of(place, files)
    inspection = inspect_inputs(config_with(changes), settings_of(environment))
    assert not inspection.problems
    line = next(line for line in report(inspection) if line.startswith("logins"))
    assert says in line
    # and DuckDB reads it
    relations = raw_relations(inspection, config_with(changes))
    with duckdb.connect() as connection:
        if name == "more than is looked at":
            with pytest.raises(InputError, match=r"logins\.csv\n  unreadable: line"):
                create_relations(connection, relations, "here")
            return
        create_relations(connection, relations, "here")
        query = "select count(*) from duckdb_columns() where table_name = 'raw_logins'"
        assert connection.execute(query).fetchone() == (int(says[0]),)
        connection.execute("from raw.raw_logins").fetchall()


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_database_that_is_fit(kind: str, tmp_path: Path) -> None:
    more = (
        "create view raw.Accounts as select 'A1' Account_ID, '2024-01-01' signed_up_on"
    )
    environment = database_of(tmp_path / "it's theirs.db", kind, more)
    inspection = inspect_inputs(VARS, settings_of(environment))
    assert not inspection.problems
    place = ", raw.Accounts" if kind == "duckdb" else ", Accounts"
    assert any(
        line.startswith("accounts") and line.endswith(f"{place}  2 columns")
        for line in report(inspection)
    )


def test_the_demo_is_fit() -> None:
    inspection = inspect_inputs(VARS, settings_of({}))
    assert not inspection.problems
    lines = report(inspection)
    assert len(lines) == len(raw_contract()) - 1  # two are absent, on one line
    assert "logins           " + "demo/data/logins.csv  5 columns" in lines


def test_a_demo_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.raw.inspect.DEMO_FOLDER", tmp_path / "data")
    (problem,) = check_inputs(VARS, settings_of({}))
    assert problem.rule == "missing_folder"
    assert "`make demo-data`" in problem.message


@pytest.mark.parametrize("is_demo", [True, False])
def test_a_table_that_is_left_out(is_demo: bool, tmp_path: Path) -> None:
    # it is not even looked at
    users: dict[str, Content] = {"users.csv": b"user_id;created_at\n"}
    environment = {} if is_demo else folder_of(tmp_path, users)
    inspection = inspect_inputs(
        config_with({"absent_tables": ["users"]}), settings_of(environment)
    )
    assert not inspection.problems
    assert report(inspection)[-1] == "users: left out by var absent_tables"
    with duckdb.connect() as connection:
        relations = raw_relations(inspection, VARS)
        create_relations(connection, relations, "here")
        assert connection.execute("from raw.raw_users").fetchall() == []


# -- all of it -------------------------------------------------------------------------

WRONG: dict[str, Content] = {
    "invoices.csv": b"",
    "logins.csv": b"login_id,usr_id,acount_id,1st\n",
    "subscriptions.csv": None,
    "accounts.csv": codecs.BOM_UTF16_LE,
}


def test_all_is_told_at_once_by_table(tmp_path: Path) -> None:
    found = check_inputs(VARS, settings_of(folder_of(tmp_path, WRONG)))
    assert [(one.table, one.rule, one.column) for one in found] == [
        ("subscriptions", "missing_table", None),
        ("logins", "bad_header", "1st"),
        ("logins", "missing_column", "user_id"),
        ("logins", "missing_column", "account_id"),
        ("logins", "missing_column", "logged_in_at"),
        ("accounts", "encoding", None),
        ("invoices", "empty_file", None),
    ]


def test_what_is_absent_is_said(tmp_path: Path) -> None:
    environment = folder_of(tmp_path, {})
    assert report(inspect_inputs(VARS, settings_of(environment)))[-1] == (
        "absent: accounts, users, feature_events, support_tickets, invoices, referrals,"
        " costs, account_aliases, account_notes, mrr_reported, exchange_rates"
        " (optional)"
    )


def test_build_stops_before_it_begins(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    environment = {
        **folder_of(tmp_path / "raw", WRONG),
        "DUCKDB_PATH": str(database),
    }
    done = pipeline("build", environment=environment)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "The raw inputs cannot be used: 7 problems." in done.stdout
    assert "raw_columns: {logins: {user_id: usr_id}}" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert not database.exists()


@st.composite
def csv_texts(draw: st.DrawFn) -> str:
    """Three columns, most rows as they should be; one kind of line end."""
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    plain = st.text("xy é", max_size=2).map(str.strip)
    pieces = st.sampled_from(["x", ",", '""', "\n", "\r\n"])
    quoted = st.lists(pieces, max_size=3).map(lambda parts: f'"{"".join(parts)}"')
    broken = st.sampled_from(['"x', 'x"', '"x"x', "x,x", 'x"x'])
    cells = st.one_of(plain, plain, quoted, quoted, quoted, broken)
    width = st.sampled_from([3, 3, 3, 3, 3, 3, 2, 4])
    rows = draw(
        st.lists(width.flatmap(lambda n: st.lists(cells, min_size=n, max_size=n)))
    )
    last = draw(st.sampled_from(["", end]))
    return end.join(["a,b,c", *(",".join(row) for row in rows)]) + last


@settings(max_examples=100, deadline=None)
@given(text=csv_texts(), share=st.floats(0, 1))
def test_rows_are_refused_where_duckdb_refuses_them(
    text: str, share: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "rows.csv"
    file.write_bytes(text.encode())
    try:
        relation = csv_relation(glob_text(file), [Field(name) for name in "abc"])
        duckdb.execute(f"from {relation}").fetchall()
        is_read = True
    except duckdb.Error:
        is_read = False
    assert header_of(text, is_whole=True) == ["a", "b", "c"]
    finding = Finding(RawTable("t", False, (), ()), str(file))
    check_rows(finding, text, width=3, is_whole=True)
    assert bool(finding.problems) == (not is_read)
    assert {one.rule for one in finding.problems} <= {
        "ragged_rows",
        "quotes",
        "line_ends",
    }
    if is_read:  # a sample, which breaks off anywhere after the header
        sample = text[: 7 + int(share * (len(text) - 7))]
        check_rows(finding, sample, width=3, is_whole=False)
        assert finding.problems == []


@pytest.mark.parametrize(
    ("text", "is_whole", "expected"),
    [
        ('"a\nb", c,"d""e" \n1,2,3\n', True, ["a\nb", "c", 'd"e']),
        ("a,b\r", False, None),
        ("a,b", False, None),
        ("a,b", True, ["a", "b"]),
        ("a,b\r1", False, ["a", "b"]),
    ],
)
def test_a_header(text: str, is_whole: bool, expected: list[str] | None) -> None:
    assert header_of(text, is_whole=is_whole) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [('a,"b\n1,2\n', "a quote is not closed"), ('a,"b"c\n', "text follows a closing")],
)
def test_quotes_in_a_header(text: str, says: str) -> None:
    with pytest.raises(CsvError, match=says):
        header_of(text, is_whole=True)


def test_the_preflight_says_where_tables_are_read_from() -> None:
    console = Console(record=True, width=60)
    assert preflight(console)
    assert "subscriptions    demo/data/subscriptions.csv" in console.export_text()

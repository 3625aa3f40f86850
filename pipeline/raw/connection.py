"""Access to raw data that is not plain files: the user's database, or a bucket.

dbt (`dbt_plugin.py`), the raw gate and the preflight each have their own
connection to DuckDB; what they must execute first is only here. A password never
becomes part of a statement: PostgreSQL's client takes it from PGPASSWORD.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import duckdb

from pipeline import environment
from pipeline.extensions import load_statement
from pipeline.project import ROOT, InputError
from pipeline.raw.text import without_credentials
from pipeline.settings import Settings

# The name under which the user's database is attached.
ALIAS = "user_raw"

SQLITE_HEADER = b"SQLite format 3\x00"
_POSTGRES_URL = ("postgresql://", "postgres://")
_PASSWORD = re.compile(r"\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|\S+)")


def statements(settings: Settings, config: Mapping[str, Any]) -> list[str]:
    """What a connection executes so that the raw data is within its reach.

    A password in RAW_DATABASE is not in them: see `postgres_variables`. The statements
    for a bucket hold its secret key: execute them on the connection itself, where
    nothing logs them.

    Args:
        settings: For RAW_DATABASE, RAW_LOCATION and the AWS_ variables.
        config: The vars of `dbt_project.yml`.

    Raises:
        InputError: There is nothing that can be read there; the message says why.
    """
    if settings.raw_database:
        return _attach(settings.raw_database)
    location = str(config["raw_location"] or settings.raw_location)
    if location.startswith("s3://"):
        return [load_statement("httpfs"), _bucket_secret(settings)]
    if re.match(r"[a-z0-9+.-]+://", location):
        raise InputError(
            f"RAW_LOCATION is {without_credentials(location)}: of remote places only"
            " s3:// can be read. Another store that speaks S3: set AWS_ENDPOINT_URL."
        )
    return []


def reach(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    config: Mapping[str, Any],
) -> None:
    """Execute the statements on a connection that this process keeps.

    Raises:
        InputError: It cannot be reached; the message holds no password.
    """
    given = settings.raw_database
    needed = statements(settings, config)
    environment.keep(**postgres_variables(settings))
    for statement in needed:
        try:
            connection.execute(statement)
        except duckdb.Error as error:
            reason = redacted(str(error).strip(), given)
            raise InputError(
                f"RAW_DATABASE cannot be opened: {reason}"
                if given
                else f"RAW_LOCATION cannot be reached: {reason}"
            ) from None


def postgres_variables(settings: Settings) -> dict[str, str]:
    """The password in RAW_DATABASE, as PostgreSQL's client reads it from the process.

    Raises:
        InputError: The URL is ambiguous; the message says why.
    """
    if not is_postgres(settings.raw_database):
        return {}
    _, password = split_password(settings.raw_database)
    return {"PGPASSWORD": password} if password else {}


def redacted(text: str, given: str) -> str:
    """A text without the password that RAW_DATABASE, as given, holds."""
    without, password = split_password(given) if is_postgres(given) else (given, None)
    if password:
        text = text.replace(given, without)
        for spelt in {password, quote(password), quote(password, safe="")}:
            text = text.replace(spelt, "***")
    elif given and not is_postgres(given):
        text = text.replace(given, without_credentials(given))
    return text


def is_postgres(raw_database: str) -> bool:
    """Whether it says where a PostgreSQL database is."""
    return raw_database.startswith(("postgres:", *_POSTGRES_URL))


def split_password(raw_database: str) -> tuple[str, str | None]:
    """What PostgreSQL's client takes, without the password, and the password."""
    if not raw_database.startswith(_POSTGRES_URL):
        given = raw_database.removeprefix("postgres:").strip()
        found = _PASSWORD.search(given)
        if not found:
            return given, None
        password = found[1]
        if password.startswith("'"):
            password = password[1:-1]
        password = re.sub(r"\\(.)", r"\1", password)
        return _PASSWORD.sub("", given).strip(), password
    scheme, _, rest = raw_database.partition("://")
    found = re.match(r"([^@/]*)@(.*)", rest, re.DOTALL)
    user, place = (found[1], found[2]) if found else ("", rest)
    place, _, options = place.partition("?")
    if "@" in place:
        raise InputError(
            "RAW_DATABASE has an @ too many: write @ as %40, / as %2F and : as %3A in "
            "the user's name and password."
        )
    name, has_password, written = user.partition(":")
    query = parse_qsl(options, keep_blank_values=True)
    password = unquote(written) if has_password else dict(query).get("password")
    kept = urlencode([pair for pair in query if pair[0] != "password"], quote_via=quote)
    return (
        f"{scheme}://{name + '@' if name else ''}{place}{'?' + kept if kept else ''}",
        password,
    )


def _attach(database: str) -> list[str]:
    if is_postgres(database):
        place, _ = split_password(database)
        return [
            load_statement("postgres_scanner"),
            f"attach if not exists {_text(place)} as {ALIAS}"
            " (type postgres, read_only)",
        ]
    file = ROOT / database.removeprefix("sqlite:")
    if not file.is_file():
        raise InputError(
            f"RAW_DATABASE is {without_credentials(database)}: no such file. Expected a"
            " DuckDB or SQLite file, postgresql://user:password@host/database or "
            "postgres:dbname=... host=..."
        )
    if not _is_sqlite(file):
        return [f"attach if not exists {_text(str(file))} as {ALIAS} (read_only)"]
    return [
        load_statement("sqlite_scanner"),
        # SQLite keeps any value in any column; read as text, none is an error.
        "set global sqlite_all_varchar = true",
        f"attach if not exists {_text(str(file))} as {ALIAS} (type sqlite, read_only)",
    ]


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(SQLITE_HEADER)) == SQLITE_HEADER


def _bucket_secret(settings: Settings) -> str:
    """A secret of the run's, never stored, from the usual AWS_ variables."""
    options = {
        "key_id": settings.aws_access_key_id,
        "secret": settings.aws_secret_access_key,
        "session_token": settings.aws_session_token,
        "region": settings.aws_region,
    }
    if endpoint := settings.aws_endpoint_url:
        parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
        options |= {"endpoint": parts.netloc + parts.path.rstrip("/")}
        options |= {"url_style": "path"}
        options |= {"use_ssl": "true" if parts.scheme == "https" else "false"}
    given = "".join(
        f", {name} {_text(value)}" for name, value in options.items() if value
    )
    return (
        f"create or replace temporary secret {ALIAS} (type s3, provider config{given})"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

"""What messages of drivers and of DuckDB mean."""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb

# What a driver's message means: the message itself may contain a password.
POSTGRES_REASONS = {
    r"refused": "nothing answers there. Does the server run, are host and port right?",
    r"translate host|not known|resolve": "there is no host of that name.",
    r"authentication failed|no password supplied": "user or password is wrong.",
    r"database .* does not exist": "there is no database of that name.",
    r"role .* does not exist": "there is no user of that name.",
    r"pg_hba": "the server does not let this user in from here (pg_hba.conf).",
    r"timeout|timed out": "it does not answer in time. Is a firewall in between?",
    r"SSL|certificate": "no agreement on SSL. Set sslmode, and sslrootcert if needed.",
    r"No such file|Is the server running": "no server listens on that socket.",
    r"permission denied": "the user has no permission to read. Grant usage and select.",
    r"invalid connection option|missing \"=\"|invalid|unterminated": (
        "the connection string is malformed. Expected `postgres:host=… dbname=… user=…`"
        " or `postgresql://user:password@host:5432/name`, special characters in the"
        " password percent-encoded (URL) or within '…'."
    ),
}
BUCKET_REASONS = {
    r"HTTP 403|\b403\b|AccessDenied|Forbidden": (
        "access is denied. Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION,"
        " and let this key list and read the bucket."
    ),
    r"\b404\b|NoSuchBucket": "there is no such bucket, or it is in another region.",
    r"\b301\b|\b400\b|region": "the bucket is in another region. Set AWS_REGION.",
    r"resolve": "its host is not known. Is there a network, is the name right?",
    r"connect|time-?out|timed out|IO Error": (
        "it does not answer. Is there a network, is AWS_ENDPOINT_URL right?"
    ),
}
DUCKDB_REASONS = {
    r"lock on file|different configuration": (
        "another program has it open for writing. Close it there, or give a copy."
    ),
    r"version": (
        "another version of DuckDB wrote it. Export its tables to Parquet, or write it"
        f" with DuckDB {duckdb.__version__}."
    ),
    r"": "it is damaged, encrypted or not complete. Copy it again.",
}

# What DuckDB finds after the rows that the preflight reads.
LATER_ERRORS = {
    r"expected number of columns: (\d+) found: (\d+)": (
        "it has {1} values, the header {0}. Is a value with a comma, quote or line"
        " break not in quotes?"
    ),
    r"unicode|utf-?8": "it is not UTF-8. Save the file as UTF-8.",
    r"unterminated quote|quoted value": (
        "a quote is not closed, or text follows a closing one. A quote within quotes is"
        ' written twice: "".'
    ),
    r"maximum line size": "it is longer than 16 MB. Is a quote not closed?",
}


def reason(text: str, reasons: Mapping[str, str]) -> str:
    """What a driver's message means, without quoting it."""
    for pattern, meaning in reasons.items():
        if re.search(pattern, text, re.IGNORECASE):
            return meaning
    return "the reason is not known here. Try the same with the service's own client."


def later_error(text: str) -> str:
    """What DuckDB says of a table's later rows, with the line of a CSV or JSON file."""
    found = re.search(r"CSV Error on Line: (\d+)|in line (\d+)", text)
    at = f"line {found[1] or found[2]}: " if found else ""
    for pattern, meaning in LATER_ERRORS.items():
        if found := re.search(pattern, text, re.IGNORECASE):
            return at + meaning.format(*found.groups())
    return f"{at}DuckDB cannot read it: {_first_line(text)}"


def is_bad_condition(text: str) -> bool:
    """Whether DuckDB refuses an expression, rather than a file."""
    first = _first_line(text)
    if "CSV Error" in text or "JSON" in first:
        return False
    return bool(re.match("Binder|Parser|Catalog|Conversion|Syntax", first))


def bad_condition(table: str, condition: str, text: str) -> str:
    """What to say of a condition of var raw_filters that cannot be evaluated."""
    return (
        f"`{table}`: `{condition}` is not a condition on the table's columns as"
        f" delivered. {_first_line(text)}"
    )


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0]

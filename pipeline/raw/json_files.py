"""JSON lines: one object a line, its keys are the columns."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import duckdb

from pipeline.raw.context import InspectionContext
from pipeline.raw.error_messages import BUCKET_REASONS, reason
from pipeline.raw.file_versions import version_of_file, version_of_object
from pipeline.raw.findings import Field, Finding
from pipeline.raw.magic_bytes import looks_like, read_start
from pipeline.sql import glob_text, sql_name, sql_text, without_exponent

INTEGERS = {"BIGINT", "UBIGINT"}
NUMBERS = {*INTEGERS, "DOUBLE"}
NESTED = {"OBJECT", "ARRAY"}
LONGEST_LINE = 16_000_000  # bytes, as of a CSV file's


def inspect_json(context: InspectionContext, finding: Finding, path: Path) -> None:
    """The first bytes of a file of JSON lines, then the keys of all lines."""
    start = read_start(finding, path, 400)
    if start is None:
        return
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or 0 in start:
        finding.add(
            "encoding", "it is UTF-16 or no text; expected JSON lines in UTF-8."
        )
    elif start.startswith(codecs.BOM_UTF8):
        message = "it starts with a byte order mark. Save it as UTF-8 without one."
        finding.add("encoding", message)
    elif not start.lstrip().startswith(b"{"):
        finding.add(
            "not_json_lines",
            f"the first line is not a JSON object{looks_like(start)}. Expected one"
            " object a line, not an array of them:"
            " `jq -c '.[]' old.json > new.jsonl`.",
        )
    else:
        pattern = glob_text(path)
        describe_json(context, finding, pattern)
        finding.version = version_of_file(path)


def inspect_remote_json(context: InspectionContext, finding: Finding, url: str) -> None:
    """The keys of a file of JSON lines in a bucket."""
    describe_json(context, finding, url)
    if not finding.problems:
        finding.version = version_of_object(context.connection, url)


def describe_json(context: InspectionContext, finding: Finding, pattern: str) -> None:
    """Which keys there are: any line may have one more, so all are read.

    A value is read as text without quotes, a number without exponent.
    """
    query = (
        "select json_type(line.json), member.key, member.type,"
        " bool_or(not regexp_full_match(cast(member.value as varchar), '-?[0-9]+'))"
        f" from read_json_objects({sql_text(pattern)}, format = 'newline_delimited',"
        f" maximum_object_size = {LONGEST_LINE}) as line,"
        " json_each(line.json) as member group by all order by all"
    )
    try:
        rows = context.connection.execute(query).fetchall()
    except duckdb.Error as error:
        finding.add(*json_problem(str(error), is_remote="://" in pattern))
        return
    if any(row[0] != "OBJECT" for row in rows):
        message = "a line is not a JSON object; expected one object a line."
        finding.add("not_json_lines", message)
        return
    types: dict[str, set[str]] = {}
    fractions = {
        name for _, name, type_, is_other in rows if type_ == "DOUBLE" and is_other
    }
    for _, name, type_, _ in rows:
        types.setdefault(name, set()).update({type_} - {"NULL"})
    if not types:
        message = "no line has a key. Leave the file out if the table has no rows."
        finding.add("empty_file", message)
        return
    finding.has_values = lambda name: any(
        kinds for key, kinds in types.items() if key.lower() == name
    )
    finding.fields = [
        Field(
            name,
            json_type(kinds, is_fraction=name in fractions),
            _key(name, kinds),
        )
        for name, kinds in types.items()
    ]
    columns = ", ".join(f"{sql_text(name)}: 'varchar'" for name in types)
    finding.relation = (
        f"read_json({sql_text(pattern)}, format = 'newline_delimited',"
        f" columns = {{{columns}}}, maximum_object_size = {LONGEST_LINE})"
    )


def _key(name: str, kinds: set[str]) -> str:
    """SQL of what a key holds: objects and lists as JSON, not as text of it."""
    if kinds & NESTED:
        return f"try_cast({sql_name(name)} as json)"
    return without_exponent(sql_name(name)) if "DOUBLE" in kinds else sql_name(name)


def json_type(kinds: set[str], *, is_fraction: bool) -> str:
    """DuckDB's type for what a key holds; text where it holds several kinds."""
    if kinds & NESTED:
        return "STRUCT"
    if kinds and kinds <= NUMBERS:
        return "DOUBLE" if is_fraction else "BIGINT"
    return "BOOLEAN" if kinds == {"BOOLEAN"} else "VARCHAR"


def json_problem(text: str, *, is_remote: bool) -> tuple[str, str]:
    """The rule and the message for what DuckDB says of a file it cannot read."""
    if found := re.search(r"at byte (\d+) in line (\d+): ([^.]*)", text):
        # DuckDB counts from the line after
        line = int(found[2]) - 1
        return "not_json_lines", (
            f"line {line} cannot be read ({found[3]}). Expected one JSON object a line,"
            " in UTF-8. Export it again."
        )
    if "maximum_object_size" in text:
        return "not_json_lines", "a line is longer than 16 MB. Is it one large array?"
    if is_remote:
        meaning = reason(text, BUCKET_REASONS)
        return "unreachable", f"the file cannot be read: {meaning}"
    return "not_json_lines", "DuckDB cannot read it: it is damaged. Export it again."

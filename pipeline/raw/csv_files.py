"""A CSV file's start: its bytes, its header, the rows that follow."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.raw.context import InspectionContext
from pipeline.raw.csv_rows import (
    CsvError,
    check_rows,
    count_line_ends,
    header_of,
    read_csv,
)
from pipeline.raw.error_messages import BUCKET_REASONS, reason
from pipeline.raw.file_versions import version_of_file, version_of_object
from pipeline.raw.findings import Field, Finding
from pipeline.raw.magic_bytes import MAGIC, read_start
from pipeline.raw.text import display
from pipeline.sql import glob_text, sql_text

SAMPLE_BYTES = 128 * 1024  # of a CSV file: some thousand rows
NOT_UTF8 = (
    "{} UTF-8. Save it as UTF-8, or convert it:"
    " `iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv`."
)
# What values look like, where names are expected.
VALUE = re.compile(
    r"[+-]?[0-9]+([.,][0-9]+)?|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([ T].*)?"
)
ID_VALUE = re.compile(r"[A-Za-z]{0,8}[-_#]?[0-9]+|[0-9a-fA-F-]{16,}|true|false", re.I)
RIGHT_NAMES = {"Parquet": ".parquet", "gzip": ".csv.gz"}
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def inspect_csv(context: InspectionContext, finding: Finding, path: Path) -> None:
    """The start of a CSV file: bytes, then header, then the rows that follow."""
    data = read_start(finding, path, SAMPLE_BYTES + 1)
    if data is not None and path.suffix == ".gz":
        data = unpacked_start(finding, path)
    if data is not None:
        is_whole = len(data) <= SAMPLE_BYTES
        check_csv(context, finding, data[:SAMPLE_BYTES], is_whole=is_whole)
        finding.relation = csv_relation(glob_text(path), finding.fields)
        finding.version = version_of_file(path)


def unpacked_start(finding: Finding, path: Path) -> bytes | None:
    """The first bytes in a gzip file; none, with a problem, if it is not one."""
    try:
        with gzip.open(path) as file:
            data = file.read(SAMPLE_BYTES + 1)
    except gzip.BadGzipFile:
        finding.add(
            "not_gzip",
            "named .gz, it is not packed with gzip. Name it"
            f" `{finding.table.name}.csv` if it is plain CSV.",
        )
        return None
    except (EOFError, zlib.error):
        finding.add("not_gzip", "the packed file is cut off or damaged. Copy it again.")
        return None
    if not data:
        finding.add("empty_file", "there is nothing in the packed file.")
        return None
    return data


def csv_relation(pattern: str, fields: Sequence[Field]) -> str:
    """Reads a CSV file; the columns' names are those that were checked, all text."""
    return read_csv([one.name for one in fields], pattern)


def inspect_remote_csv(context: InspectionContext, finding: Finding, url: str) -> None:
    """The first lines of a CSV file in a bucket, read as DuckDB's text."""
    query = (
        f"select line from read_csv({sql_text(url)}, columns = {{'line': 'varchar'}},"
        r" delim = e'\x1f', quote = '', escape = '', header = false,"
        " auto_detect = false, strict_mode = false, max_line_size = 16000000) limit 200"
    )
    try:
        lines = [row[0] or "" for row in context.connection.execute(query).fetchall()]
    except duckdb.Error as error:
        if "unicode" in str(error):
            finding.add("encoding", NOT_UTF8.format("one of the first lines is not"))
        else:
            meaning = reason(str(error), BUCKET_REASONS)
            finding.add("unreachable", f"the file cannot be read: {meaning}")
        return
    if not lines:
        finding.add("empty_file", "the file has no bytes; expected at least a header.")
        return
    data = "".join(f"{line}\n" for line in lines).encode()
    check_csv(context, finding, data, is_whole=len(lines) < 200)
    finding.relation = csv_relation(url, finding.fields)
    finding.version = version_of_object(context.connection, url)


def check_csv(
    context: InspectionContext, finding: Finding, data: bytes, *, is_whole: bool
) -> None:
    """Bytes, header and rows, in this order: what is wrong first hides what follows."""
    text = decoded(finding, data, is_whole=is_whole)
    if text is None:
        return
    known = context.known_names(finding.table)
    first_line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    if not first_line.strip():
        message = "the first line is empty; expected the header there."
        finding.add("no_header", message)
        return
    if found := re.fullmatch(r'"?sep=(.?)"?', first_line.strip(" "), re.IGNORECASE):
        other = DELIMITERS.get(found[1])
        finding.add(
            "delimiter" if other else "sep_line",
            f"the first line is `{display(found[0])}`, a note for Excel; expected the"
            " header there"
            + (f", and the columns are separated by {other}" if other else "")
            + ". Remove the first line: `tail -n +2 old.csv > new.csv`"
            + (", and export it with commas." if other else "."),
        )
        return
    if is_delimited_otherwise(finding, first_line, known):
        return
    try:
        header = header_of(text, is_whole=is_whole)
    except CsvError as error:
        finding.add("quotes", f"in the header: {error}")
        return
    if header is None:
        message = f"the header does not end within {SAMPLE_BYTES // 1024} kB."
        finding.add("no_header", message)
        return
    if not known.intersection(name.strip().lower() for name in header):
        values = [cell.strip() for cell in header if cell.strip()]
        kinds = [bool(VALUE.fullmatch(value)) for value in values]
        ids = [bool(ID_VALUE.fullmatch(value)) for value in values]
        if any(kinds) and sum(kinds) + sum(ids) >= len(values) / 2:
            finding.add(
                "no_header",
                f"the first line looks like data (`{display(', '.join(values))}`);"
                " expected the columns' names:"
                f" {', '.join(column.name for column in finding.table.columns)}.",
            )
            return
    finding.fields = [Field(name.strip()) for name in header]
    check_rows(finding, text, width=len(header), is_whole=is_whole)


def decoded(finding: Finding, data: bytes, *, is_whole: bool) -> str | None:
    """The text of a CSV file's start; none, with a problem, where it is no text."""
    for magic, (rule, what) in MAGIC.items():
        if data.removeprefix(codecs.BOM_UTF8).startswith(magic):
            todo = "Unpack or export it as CSV"
            if what in RIGHT_NAMES:
                todo = f"Name it `{finding.table.name}{RIGHT_NAMES[what]}`"
            finding.add(rule, f"named .csv, it is {what}. {todo}.")
            return None
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    start = data[:400]
    if is_utf16 or max(start[::2].count(0), start[1::2].count(0)) > len(start) / 5:
        finding.add(
            "encoding",
            "the file is UTF-16; expected UTF-8. Save it as UTF-8, or convert it:"
            " `iconv -f UTF-16 -t UTF-8 old.csv > new.csv`.",
        )
        return None
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data, final=is_whole)
    except UnicodeDecodeError as error:
        line = count_line_ends(data[: error.start].decode("latin-1")) + 1
        byte = data[error.start]
        letter = bytes([byte]).decode("cp1252", errors="replace")
        is_letter = byte >= 0xA0 and letter.isprintable()
        guess = f" (`{letter}` in Latin-1 and Windows-1252)" if is_letter else ""
        found = f"line {line} has the byte 0x{byte:02X}{guess}, which is not"
        finding.add("encoding", NOT_UTF8.format(found))
        return None
    if "\x00" in text:
        line = count_line_ends(text[: text.index("\x00")]) + 1
        finding.add(
            "nul_bytes",
            f"line {line} has a NUL byte: the export broke off, or is not text. Export"
            " it again.",
        )
        return None
    return text.removeprefix("\ufeff")


def is_delimited_otherwise(finding: Finding, line: str, known: set[str]) -> bool:
    """Whether something other than commas separates the header; reports it."""

    def names(delimiter: str) -> list[str]:
        return [name.strip(' "').lower() for name in line.split(delimiter)]

    by_comma = len(known.intersection(names(",")))
    for delimiter, what in DELIMITERS.items():
        theirs = names(delimiter)
        is_better = len(known.intersection(theirs)) > by_comma
        is_only = len(names(",")) == 1 and len(theirs) >= len(finding.table.columns) / 2
        if is_better or is_only:
            finding.add(
                "delimiter",
                f"the columns are separated by {what}; expected commas. Export it with"
                " commas.",
            )
            return True
    return False

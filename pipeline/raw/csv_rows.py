"""The rows of a CSV file's start: can DuckDB cut them into the header's columns?

DuckDB itself reads the text, as it will read the file, and lists the rows that it
rejects. What it cannot name is in docs/decisions/0001-input-rows.md.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipeline.raw.error_messages import later_error
from pipeline.raw.findings import Finding
from pipeline.sql import sql_text

LONGEST_CELL = 32 * 1024  # a quote open for longer was never meant to be one
QUOTED = re.compile(rb'"[^"]*(?:""[^"]*)*')
# A quoted value, as a whole, or the end of a line.
LINE_END = re.compile(r'(?:(?<=[,\r\n])|\A) *"[^"]*(?:""[^"]*)*"|\r\n|\r|\n')
LINE_ENDS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
TWICE = 'A quote within quotes is written twice: "".'


class CsvError(Exception):
    """Quotes in the header that cannot be read; the message says why."""


def read_csv(names: Sequence[str], pattern: str, more: str = "") -> str:
    """SQL: a CSV file with a header and columns of these names, all text."""
    columns = ", ".join(f"{sql_text(name)}: 'varchar'" for name in names)
    return (
        f"read_csv({sql_text(pattern)}, columns = {{{columns}}}, delim = ',',"
        " quote = '\"', escape = '\"', header = true, auto_detect = false,"
        f" max_line_size = 16000000{more})"
    )


def header_of(text: str, *, is_whole: bool) -> list[str] | None:
    """The values of the first row, which may have line breaks; none: it is cut off.

    Raises:
        CsvError: A quote is not closed, or text follows a closing one.
    """
    no_spaces = re.sub(r'" +(?=[,\r\n])', '"', text)  # DuckDB ignores them
    lines = io.StringIO(no_spaces, newline="")
    reader = csv.reader(lines, strict=True, skipinitialspace=True)
    try:
        cells = next(reader)
    except csv.Error as error:
        if "expected after" in str(error):
            raise CsvError(f"text follows a closing quote. {TWICE}") from None
        raise CsvError(f"a quote is not closed. {TWICE}") from None
    is_cut_off = not is_whole and lines.tell() == len(no_spaces)
    return None if is_cut_off else cells


def check_rows(finding: Finding, text: str, *, width: int, is_whole: bool) -> None:
    """Report the first row of each fault: its line, and what is wrong.

    Args:
        finding: Where problems are added.
        text: The file's start, with the header.
        width: How many columns the header has.
        is_whole: Whether the text is the whole file; else its last row is cut off.
    """
    if not is_whole:
        text = text[: text.rfind("\n" if "\n" in text else "\r") + 1]
    data = text.encode()
    try:
        rejected = _rejected(data, width)
    except duckdb.Error as error:
        if not _check_line_ends(finding, text):
            finding.add("unreadable", later_error(str(error)))
        return
    for row, _, what, found in rejected:
        if what in ("TOO MANY COLUMNS", "MISSING COLUMNS"):
            finding.add(
                "ragged_rows",
                f"line {_line(data, row)} has {found} values, the header {width}."
                " Is a value with a comma, quote or line break not in quotes?",
            )
            break
    for _, cell, what, _ in rejected:
        if what == "UNQUOTED VALUE":
            _check_quotes(finding, data, cell, is_whole=is_whole)
            break


def _rejected(data: bytes, width: int) -> list[tuple[int, int, str, int]]:
    """What DuckDB rejects, by row: its byte, the cell's byte, the kind, its values."""
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        file = Path(folder) / "start.csv"
        file.write_bytes(data)
        names = [f"column_{number}" for number in range(width)]
        read = read_csv(names, str(file), ", store_rejects = true")
        connection.execute(f"create table start as from {read}")
        return connection.execute(
            r"""
            select
                line_byte_position - 1 as row_at,
                min(byte_position) - 1 as cell_at,
                error_type,
                case error_type
                    when 'TOO MANY COLUMNS' then max(values_found)
                    else min(values_found)
                end
            from (
                select
                    *,
                    try_cast(regexp_extract(error_message, 'Found: (\d+)', 1) as bigint)
                        as values_found
                from reject_errors
            )
            group by line_byte_position, error_type
            order by line_byte_position
            """
        ).fetchall()


def _check_quotes(finding: Finding, data: bytes, cell: int, *, is_whole: bool) -> None:
    quoted = QUOTED.match(data, data.index(b'"', cell))
    assert quoted is not None
    if quoted.end() < len(data):
        line = _line(data, quoted.end())
        found = f"on line {line} text follows a closing quote"
    elif is_whole or len(quoted[0]) > LONGEST_CELL:
        line = _line(data, quoted.start())
        found = f"the quote that opens on line {line} is not closed"
    else:
        return  # its end is behind the sample
    finding.add("quotes", f"{found}. {TWICE}")


def _check_line_ends(finding: Finding, text: str) -> bool:
    """Whether lines end in several ways; DuckDB refuses that without a line."""
    ends = [one for one in LINE_END.finditer(text) if one[0] in LINE_ENDS]
    other = next((one for one in ends if one[0] != ends[0][0]), None)
    if other is None:
        return False
    line = count_line_ends(text[: other.start()]) + 1
    finding.add(
        "line_ends",
        f"line {line} ends in {LINE_ENDS[other[0]]}, the header in"
        f" {LINE_ENDS[ends[0][0]]}; DuckDB refuses a mixture. Convert it:"
        r" `tr -d '\r' < old.csv > new.csv`.",
    )
    return True


def _line(data: bytes, position: int) -> int:
    return count_line_ends(data[:position].decode(errors="replace")) + 1


def count_line_ends(text: str) -> int:
    """How many lines end in the text, however they end."""
    return len(re.findall(r"\r\n|\r|\n", text))

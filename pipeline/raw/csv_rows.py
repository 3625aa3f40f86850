"""The rows of a CSV text, cut as DuckDB cuts them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.raw.findings import Finding

LONGEST_CELL = 32 * 1024  # a quote open for longer was never meant to be one
CELL = re.compile(r' *"([^"]*(?:""[^"]*)*)" *(?=[,\r\n]|\Z)|([^,\r\n]*)')
LINE_ENDS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR", "": "nothing"}


@dataclass(frozen=True)
class CsvRow:
    """A row of a CSV file, the line on which it starts, and what ends it."""

    line: int
    cells: list[str]
    end: str


class CsvError(Exception):
    """Quotes that nothing can be made of; the message names the line."""


def csv_rows(text: str, *, is_whole: bool) -> Iterator[CsvRow]:
    """The rows of a CSV text as DuckDB reads them; an empty line has no cells.

    A row that is cut off, where the text is only a file's start, is left out.

    Raises:
        CsvError: A quote is not closed, or text follows a closing one.
    """
    position, line = 0, 1
    while position < len(text):
        cells, first_line, row_start = [], line, position
        while True:
            match = CELL.match(text, position)
            assert match is not None  # the second branch matches anything
            cell = match[1]
            if cell is None and match[2].lstrip(" ").startswith('"'):
                start = re.compile(r' *"[^"]*(?:""[^"]*)*').match(text, position)
                assert start is not None
                if start.end() < len(text):
                    line += count_line_ends(start[0])
                    raise CsvError(
                        f"on line {line} text follows a closing quote. A quote within"
                        ' quotes is written twice: "".'
                    )
                if is_whole or len(start[0]) > LONGEST_CELL:
                    raise CsvError(
                        f"the quote that opens on line {line} is not closed. A quote"
                        ' within quotes is written twice: "".'
                    )
                return
            cells.append(match[2] if cell is None else cell.replace('""', '"'))
            line += count_line_ends(match[0])
            position = match.end()
            if text[position : position + 1] != ",":
                break
            position += 1
        end = (
            "\r\n"
            if text.startswith("\r\n", position)
            else text[position : position + 1]
        )
        position, line = position + len(end), line + 1
        is_empty = cells == [""] and text[row_start] in "\r\n"
        if is_whole or position < len(text):
            yield CsvRow(first_line, [] if is_empty else cells, end)


def check_rows(finding: Finding, header: CsvRow, rows: Iterator[CsvRow]) -> None:
    """Whether the rows after the header can be cut into as many values as it has."""
    width = len(header.cells)
    has_ragged = has_other_end = False
    try:
        for row in rows:
            # DuckDB lets empty values at the end go
            is_wider = len(row.cells) > width and any(row.cells[width:])
            is_narrower = 0 < len(row.cells) < width
            if (is_wider or is_narrower) and not has_ragged:
                has_ragged = True
                finding.add(
                    "ragged_rows",
                    f"line {row.line} has {len(row.cells)} values, the header {width}."
                    " Is a value with a comma, quote or line break not in quotes?",
                )
            if row.end not in (header.end, "") and not has_other_end:
                has_other_end = True
                finding.add(
                    "line_ends",
                    f"line {row.line} ends in {LINE_ENDS[row.end]}, the header in"
                    f" {LINE_ENDS[header.end]}; DuckDB refuses a mixture. Convert it:"
                    r" `tr -d '\r' < old.csv > new.csv`.",
                )
    except CsvError as error:
        finding.add("quotes", str(error))


def count_line_ends(text: str) -> int:
    """How many lines end in the text, however they end."""
    return len(re.findall(r"\r\n|\r|\n", text))

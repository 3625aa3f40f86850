"""Writing tables to Excel sheets: typed cells, formats by unit, frozen headers."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from pipeline.formulas import is_formula

HEADER_ROW = 3
LONGEST_TEXT = 32_767  # characters of a cell, in Excel

# Excel's number formats, by the catalogue's unit of a metric, or the kind of a column.
FORMATS = {
    "currency": "#,##0.00;[Red]-#,##0.00",
    "ratio": "0.0%",
    "multiple": '0.00"x"',
    "count": "#,##0",
    "points": "0.0",
    "days": "0.0",
    "month": "mmm yyyy",
    "date": "yyyy-mm-dd",
    "text": "@",
}


@dataclass(frozen=True)
class About:
    """Which build the workbook is of.

    Attributes:
        as_of: The as-of date of its metrics.
        month: The latest complete month.
        note: What is incomplete, and the currency.
        build: Its id.
    """

    as_of: datetime.date
    month: datetime.date
    note: str
    build: str

    @property
    def line(self) -> str:
        """All of it, below the title of each sheet."""
        return f"{self.note} Build {self.build}."


@dataclass
class Table:
    """What is written to a sheet.

    Attributes:
        title: Of the sheet.
        what: Which rows these are.
        heads: Header and kind of each column; a date is written as a month.
        rows: The values; the kind of a cell, where it is not its column's, is in
            `kinds`.
        definitions: Name and definition, written to the right of the rows.
        kinds: Kinds by row and column.
        frozen: How many columns stay in view.
        shaded_from: From which column on cells are shaded by value.
    """

    title: str
    what: str
    heads: list[tuple[Any, str]]
    rows: list[Sequence[Any]]
    definitions: list[tuple[str, str]] = field(default_factory=list)
    kinds: dict[tuple[int, int], str] = field(default_factory=dict)
    frozen: int = 1
    shaded_from: int | None = None


class _Formats:
    """Each format of the workbook, made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.made: dict[str, Format] = {}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"font_color": "#595959"})
        head = {"bold": True, "bottom": 1, "bg_color": "#DDE6ED", "text_wrap": True}
        self.head = book.add_format({**head, "valign": "top"})
        self.month = book.add_format({**head, "num_format": FORMATS["month"]})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        # Otherwise editing such a cell in Excel would make a formula of it.
        self.quoted = book.add_format({"quote_prefix": True, "valign": "top"})

    def of(self, kind: str) -> Format:
        if kind not in self.made:
            self.made[kind] = self.book.add_format(
                {"num_format": FORMATS[kind], "valign": "top"}
            )
        return self.made[kind]


def write(file: Path, about: About, tables: list[Table]) -> None:
    """Write a workbook: a page about it, and a sheet for each table."""
    with xlsxwriter.Workbook(str(file)) as book:
        _write(book, about, tables)


def _write(book: xlsxwriter.Workbook, about: About, tables: list[Table]) -> None:
    title = f"Customer success, {about.month:%B %Y}"
    day = datetime.datetime.combine(about.as_of, datetime.time())
    book.set_properties({"title": title, "comments": about.line, "created": day})
    formats = _Formats(book)
    _write_about(book.add_worksheet("About"), formats, title, about, tables)
    for table in tables:
        _write_table(book.add_worksheet(table.title), formats, about, table)


def _write_about(
    sheet: Worksheet,
    formats: _Formats,
    title: str,
    about: About,
    tables: list[Table],
) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, title, formats.title)
    lines = [
        ("As of", about.as_of.isoformat()),
        ("Build", about.build),
        ("Note", about.note),
        *((table.title, table.what) for table in tables),
    ]
    for number, (name, text) in enumerate(lines, start=2):
        sheet.write_string(number, 0, name, formats.head)
        _write_text(sheet, number, 1, text, formats.wrapped, formats)


def _write_table(
    sheet: Worksheet, formats: _Formats, about: About, table: Table
) -> None:
    sheet.write_string(0, 0, table.title, formats.title)
    sheet.write_string(1, 0, f"{table.what}. {about.line}", formats.note)
    for column, (head, kind) in enumerate(table.heads):
        if isinstance(head, datetime.date):
            sheet.write_datetime(HEADER_ROW, column, _moment(head), formats.month)
        else:
            sheet.write_string(HEADER_ROW, column, head, formats.head)
        values = [row[column] for row in table.rows]
        sheet.set_column(column, column, _width(head, kind, values))
    for number, row in enumerate(table.rows):
        for column, value in enumerate(row):
            kind = table.kinds.get((number, column), table.heads[column][1])
            _write_cell(sheet, HEADER_ROW + 1 + number, column, value, kind, formats)
    last_row, last = HEADER_ROW + len(table.rows), len(table.heads) - 1
    sheet.freeze_panes(HEADER_ROW + 1, table.frozen)
    sheet.autofilter(HEADER_ROW, 0, last_row, last)
    if table.shaded_from is not None and table.rows:
        scale = {
            "type": "3_color_scale",
            **{"min_color": "#F8696B", "mid_color": "#FFEB84", "max_color": "#63BE7B"},
        }
        sheet.conditional_format(
            HEADER_ROW + 1, table.shaded_from, last_row, last, scale
        )
    if table.definitions:
        _write_definitions(sheet, formats, last + 2, table.definitions)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)


def _write_definitions(
    sheet: Worksheet, formats: _Formats, column: int, definitions: list[tuple[str, str]]
) -> None:
    sheet.set_column(column, column, 24)
    sheet.set_column(column + 1, column + 1, 80)
    sheet.write_string(HEADER_ROW, column, "Column", formats.head)
    sheet.write_string(HEADER_ROW, column + 1, "Definition", formats.head)
    for number, (name, text) in enumerate(definitions, start=HEADER_ROW + 1):
        sheet.write_string(number, column, name, formats.of("text"))
        sheet.write_string(number, column + 1, " ".join(text.split()))


def _write_cell(
    sheet: Worksheet, row: int, column: int, value: Any, kind: str, formats: _Formats
) -> None:
    """A typed cell; null is empty. No text becomes a formula, a link or a number."""
    if value is None:
        sheet.write_blank(row, column, None, formats.of(kind))
    elif isinstance(value, str):
        _write_text(sheet, row, column, value, formats.of("text"), formats)
    elif isinstance(value, datetime.date):
        sheet.write_datetime(row, column, _moment(value), formats.of(kind))
    else:
        number = float(value) if isinstance(value, Decimal) else value
        sheet.write_number(row, column, number, formats.of(kind))


def _write_text(
    sheet: Worksheet, row: int, column: int, text: str, form: Format, formats: _Formats
) -> None:
    chosen = formats.quoted if is_formula(text) else form
    sheet.write_string(row, column, text[:LONGEST_TEXT], chosen)


def _moment(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time())


def _width(head: Any, kind: str, values: Sequence[Any]) -> int:
    """Wide enough for most cells; long texts are cut off on screen."""
    if kind != "text":
        return 12
    longest = max((len(str(value)) for value in values if value), default=0)
    return min(max(longest, len(str(head)), 8) + 2, 60)

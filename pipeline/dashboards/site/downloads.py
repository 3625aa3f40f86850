"""Files beside the pages, for a spreadsheet: the rows and the ids to fix."""

from __future__ import annotations

import csv
import io
from typing import Any

from pipeline.dashboards.site.formats import AS_MEANT, reason
from pipeline.dashboards.site.reading import Build, Row
from pipeline.formulas import is_formula

MOST_ROWS = 100_000  # of a file; `export rejected_rows` has all


def rows_to_fix(build: Build, most: int) -> list[Row]:
    """Rejected rows with something to fix, the first so many of them.

    Args:
        build: The published build.
        most: How many rows.
    """
    return build.rows("rows_to_fix", as_meant=[*AS_MEANT], most=most)


def unmatched_ids(build: Build, most: int) -> list[Row]:
    """Companies of a source without an account, the first so many of them."""
    return build.rows("unmatched_ids", most=most)


def download(build: Build, name: str) -> str:
    """A file of catalogue.DOWNLOADS, as CSV.

    Text that a spreadsheet would read as a formula is prefixed with an apostrophe, as
    in an export. What is redacted in the marts is redacted here.
    """
    if name == "rows-to-fix.csv":
        found = rows_to_fix(build, MOST_ROWS)
        columns = ["source_table", "row_key", "reason", "what_is_wrong", "occurrence"]
        rows = [{**row, "what_is_wrong": reason(row["reason"])} for row in found]
        return _csv([*columns, "detected_on", "raw_row"], rows)
    columns = ["source", "id", "mrr", "activity", "first_seen_on", "last_seen_on"]
    return _csv(columns, unmatched_ids(build, MOST_ROWS))


def _csv(columns: list[str], rows: list[Row]) -> str:
    written = io.StringIO(newline="")
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows([_harmless(row[name]) for name in columns] for row in rows)
    return written.getvalue()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and is_formula(value) else value

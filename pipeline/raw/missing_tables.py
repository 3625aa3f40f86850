"""A table that was not found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from pipeline.raw.context import InspectionContext
from pipeline.raw.findings import Finding
from pipeline.raw.text import display

EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb")
PACKED = (".zip", ".csv.zip", ".csv.bz2", ".csv.xz", ".csv.zst", ".csv.7z")
DATABASES = (".db", ".duckdb", ".sqlite", ".sqlite3")
# What a file under a table's name is, by its ending, where that is not read.
OTHER_FORMATS = {
    "an Excel workbook": EXCEL,
    "a Numbers spreadsheet": (".numbers",),
    "an OpenDocument spreadsheet": (".ods",),
    "JSON": (".json", ".json.gz"),
    "named as JSON lines elsewhere": (".ndjson", ".jsonlines"),
    "packed JSON lines": (".jsonl.gz", ".ndjson.gz"),
    "tab-separated text": (".tsv", ".tab", ".tsv.gz"),
    "text of unknown shape": (".txt", ".dat"),
    "packed, but not with gzip": PACKED,
    "named as Parquet elsewhere": (".pq", ".parq"),
    "an Avro file": (".avro",),
    "an ORC file": (".orc",),
    "an Arrow or Feather file": (".arrow", ".feather"),
    "XML": (".xml",),
    "a dump of SQL": (".sql", ".sql.gz"),
    "a database": DATABASES,
    "a pickle of Python": (".pkl", ".pickle"),
}
SAVE_IT = "Save it as CSV (`{0}.csv`) or Parquet (`{0}.parquet`)."
TODO = {
    EXCEL: SAVE_IT + " In Excel: Save As, CSV UTF-8.",
    (".ndjson", ".jsonlines"): "Name it `{0}.jsonl`, or save it as CSV or Parquet.",
    (".pq", ".parq"): "Name it `{0}.parquet`.",
    (".jsonl.gz", ".ndjson.gz"): "Unpack it to `{0}.jsonl`, or save it as CSV.",
    (".json", ".json.gz"): (
        "Save it as JSON lines, one object a line (`jq -c '.[]' {0}.json >"
        " {0}.jsonl`), or as CSV or Parquet."
    ),
    PACKED: "Unpack it to `{0}.csv`, or pack the CSV with gzip (`{0}.csv.gz`).",
    DATABASES: (
        "Set RAW_DATABASE to it instead of RAW_LOCATION, or save its tables as CSV or"
        " Parquet."
    ),
}


def report_missing(
    context: InspectionContext,
    finding: Finding,
    place: str,
    others: Iterable[str],
    *,
    is_file: bool,
) -> None:
    """A table that was not found: wrong if required, or if something looks like it."""
    table = finding.table
    others = list(others)
    if is_file and report_other_format(finding, place, others):
        return
    stems = {_stem(other) if is_file else other.lower(): other for other in others}
    stems = {
        stem: other
        for stem, other in stems.items()
        if stem == table.name or stem not in context.contract
    }
    near = get_close_matches(table.name, stems, 1, 0.6 if table.is_required else 0.85)
    theirs = f"`{display(stems[near[0]])}`" if near else ""
    if is_file:
        expected = (
            f"`{table.name}.csv`, `{table.name}.csv.gz`, `{table.name}.jsonl`,"
            f" `{table.name}.parquet` or `{table.name}/**/*.parquet`"
        )
    else:
        expected = f"`{table.name}`"
    if table.is_required:
        hint = f" Did you mean {theirs}? Rename it." if near else ""
        found = ", ".join(sorted(display(other) for other in stems.values())[:12])
        other = f" There is: {found or 'nothing'}." if not near else ""
        finding.add(
            "missing_table",
            f"the required table `{table.name}` is not {place}: expected"
            f" {expected} (exactly so, in lower case).{hint}{other}",
        )
    elif near and is_file:
        finding.add(
            "missing_table",
            f"no {expected} {place}, but {theirs} is there and would not be read."
            f" Rename it to be read as `{table.name}`, or move it away.",
        )
    elif near:
        finding.remark = f"{theirs} looks like it, but is not read"


def report_other_format(finding: Finding, place: str, others: Iterable[str]) -> bool:
    """Whether the table is there in a format that is not read; reports it."""
    name = finding.table.name
    for other in others:
        end = other.lower().removeprefix(name) if _stem(other) == name else ""
        what = next((what for what, ends in OTHER_FORMATS.items() if end in ends), "")
        if what:
            todo = next((todo for ends, todo in TODO.items() if end in ends), SAVE_IT)
            finding.add(
                "other_format",
                f"`{display(other)}` {place} is {what}, which is not read."
                f" {todo.format(name)}",
            )
            return True
    return False


def _stem(name: str) -> str:
    """`Raw-Logins.CSV.gz` is a file of table `logins`, as far as its name goes."""
    stem = name.lstrip(".").split(".")[0].lower()
    return re.sub(r"[ -]", "_", stem).removeprefix("raw_")

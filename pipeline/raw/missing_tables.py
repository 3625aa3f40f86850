"""A table that was not found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from pipeline.raw.context import InspectionContext
from pipeline.raw.findings import Finding
from pipeline.raw.text import display


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


def _stem(name: str) -> str:
    """`Raw-Logins.CSV.gz` is a file of table `logins`, as far as its name goes."""
    stem = name.lstrip(".").split(".")[0].lower()
    return re.sub(r"[ -]", "_", stem).removeprefix("raw_")

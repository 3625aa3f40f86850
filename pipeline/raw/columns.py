"""What every table's columns must be: their names, and types that spoil values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from pipeline.raw.contract import RawColumn
from pipeline.raw.findings import Finding
from pipeline.raw.ignored_columns import nearest
from pipeline.raw.text import did_you_mean, display, has

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)")
TEXTS = re.compile(r"VARCHAR|BLOB|ENUM\(.*\)|UUID|JSON|\"?NULL\"?")


def check_columns(finding: Finding, renamed: Mapping[str, str]) -> None:
    """Names, required columns, the mapping, and types that spoil values."""
    if not finding.fields:
        return
    table = finding.table
    names = [one.name.strip().lower() for one in finding.fields]
    for number, name in enumerate((one.name.strip() for one in finding.fields), 1):
        if not name:
            finding.add(
                "bad_header",
                f"column {number} has no name. Is there a comma too many?",
                "",
            )
        elif not PLAIN_NAME.fullmatch(name):
            finding.add(
                "bad_header",
                f"column {number} is named `{display(name)}`; expected a plain name:"
                " letters, digits and _, no digit first. Rename it.",
                name,
            )
    for name in dict.fromkeys(names):
        if name and names.count(name) > 1:
            finding.add(
                "duplicate_column",
                f"`{display(name)}` stands {names.count(name)} times (upper and lower"
                " case are one). Keep one.",
                name,
            )
    used = {theirs.lower() for theirs in renamed.values()}
    unused = [
        one for one in names if one and one not in table.names and one not in used
    ]
    for name, theirs in renamed.items():
        if name in table.names and theirs.lower() not in names:
            finding.add(
                "bad_mapping",
                f"no column `{display(theirs)}`, to which var raw_columns maps"
                f" `{name}`.{did_you_mean(theirs.lower(), names) or has(names)} Fix"
                " raw_columns in dbt_project.yml.",
                name,
            )
    finding.mapped = sum(
        name in table.names and name != theirs.lower() and name not in names
        for name, theirs in renamed.items()
    )
    types = dict(zip(names, (one.type for one in finding.fields), strict=True))
    for column in table.columns:
        theirs = renamed.get(column.name, column.name).lower()
        if theirs in types:
            check_type(finding, column, theirs, types[theirs].upper())
        elif column.name not in renamed and column.is_required:
            same = nearest(table, column.name, unused)
            near = [same] if same else get_close_matches(column.name, unused, 1)
            missing_column(finding, column, near, unused)


def missing_column(
    finding: Finding, column: RawColumn, near: Sequence[str], unused: Sequence[str]
) -> None:
    """A required column is not there: name the nearest, and how to map it."""
    map_ = f"map it: raw_columns: {{{finding.table.name}: {{{column.name}:"
    if near:
        todo = f"; did you mean `{near[0]}`? Rename it, or {map_} {near[0]}}}}}."
    else:
        todo = f" ({column.type}, {column.needed_by}).{has(unused)}"
        todo += f" Deliver it, or, if it has another name, {map_} your_name}}}}."
    finding.add("missing_column", f"no column `{column.name}`{todo}", column.name)


def check_type(finding: Finding, column: RawColumn, name: str, type_: str) -> None:
    """Whether values of that type can be read; a column without any value is let be."""

    def matters() -> bool:
        return column.is_required or finding.has_values(name)

    is_number = bool(NUMBERS.fullmatch(type_))
    if type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION", "VARIANT")):
        finding.add(
            "nested_type",
            f"`{name}` is nested ({display(type_)}); expected one {column.type} a row."
            " Flatten it.",
            column.name,
        )
    elif finding.table.is_id(column):
        if (type_ in ("FLOAT", "DOUBLE") or is_decimal(type_)) and finding.has_values(
            name
        ):
            finding.add("float_id", float_id(name, type_), column.name)
    elif column.type in ("date", "timestamp"):
        if (
            not (TEXTS.fullmatch(type_) or re.match("DATE|TIMESTAMP", type_))
            and matters()
        ):
            finding.add(
                "wrong_type",
                f"`{name}` is {type_}; expected a {column.type}. Convert it (ISO 8601"
                " text will do).",
                column.name,
            )
    elif (
        column.type in ("money", "rate", "number", "integer")
        and not (TEXTS.fullmatch(type_) or is_number)
        and matters()
    ):
        finding.add(
            "wrong_type",
            f"`{name}` is {type_}; expected a number. Convert it.",
            column.name,
        )


def is_decimal(type_: str) -> bool:
    """A decimal with digits after the point: 17 would be 17.00."""
    return bool(re.fullmatch(r"DECIMAL\(\d+, ?[1-9]\d*\)", type_))


def float_id(name: str, type_: str) -> str:
    """What to say of an id with a fraction."""
    return (
        f"the id `{name}` is {type_}: 17 would be read as 17.0, and long ids lose"
        " digits. Store it as text or as an integer (pandas makes floats of integers"
        ' where one is missing: `astype("Int64")` or `astype("string")`).'
    )

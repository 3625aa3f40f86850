"""Parquet files: their magic numbers and their schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipeline.console import display_path
from pipeline.raw.columns import float_id, is_decimal
from pipeline.raw.context import InspectionContext, value_finder
from pipeline.raw.error_messages import BUCKET_REASONS, reason
from pipeline.raw.findings import Field, Finding
from pipeline.raw.magic_bytes import looks_like, read_start
from pipeline.sql import glob_text, sql_text


def inspect_parquet(
    context: InspectionContext, finding: Finding, paths: Sequence[Path], pattern: str
) -> None:
    """Local Parquet files: are they, and what columns have they?"""
    fit = []
    for path in paths:
        part = Finding(finding.table, display_path(path))
        start = read_start(part, path, 4)
        if start is not None:
            check_magic(part, path, start)
        finding.problems += part.problems
        if not part.problems:
            fit.append(str(path))
    if fit and not finding.problems:
        describe_parquet(context, finding, fit, pattern)


def check_magic(finding: Finding, path: Path, start: bytes) -> None:
    """A Parquet file starts and ends with its magic number."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4))
            end = file.read(4)
    except OSError as error:
        finding.add("unreadable", f"the file cannot be read: {error.strerror}.")
        return
    if start == end == b"PARE":
        finding.add("not_parquet", "it is encrypted. Write it without encryption.")
    elif start != b"PAR1":
        finding.add(
            "not_parquet",
            f"the file is not Parquet{looks_like(start)}. Write it as Parquet, or name"
            f" it `{finding.table.name}.csv` if it is CSV.",
        )
    elif end != b"PAR1":
        finding.add(
            "not_parquet",
            "the file is cut off: it starts as Parquet and ends otherwise. Write or"
            " copy it again.",
        )


def describe_parquet(
    context: InspectionContext, finding: Finding, files: Sequence[str], pattern: str
) -> None:
    """The columns of Parquet files, together as dbt reads them, and of each one."""
    relation = f"read_parquet({sql_text(pattern)}, union_by_name = true," + (
        " hive_types_autocast = false)"
    )
    names = ", ".join(sql_text(glob_text(file)) for file in files)
    try:
        described = context.connection.execute(f"describe select * from {relation}")
        together = [Field(row[0], row[1]) for row in described.fetchall()]
        schema = context.connection.execute(
            "select file_name, name, coalesce(num_children, 0), type"
            f" from parquet_schema([{names}])"
        )
        each = top_columns(schema.fetchall())
    except duckdb.Error as error:
        remote = "://" in pattern and not str(error).startswith("Invalid Input")
        if remote:
            meaning = reason(str(error), BUCKET_REASONS)
            finding.add("unreachable", f"the file cannot be read: {meaning}")
        else:
            finding.add(
                "not_parquet",
                f"DuckDB cannot read the schema{_named_file(str(error), files)}: the"
                " file is damaged. Write or copy it again.",
            )
        return
    finding.relation = relation
    finding.has_values = value_finder(context, relation)
    own = {name.lower() for columns in each.values() for name, _ in columns}
    # DuckDB renames the second of two like-named columns: take the file's own names
    first = next(iter(each.values()), [])
    lowered = [name.lower() for name, _ in first]
    twice = [Field(name) for name, _ in first if lowered.count(name.lower()) > 1]
    known = {one.name.lower() for one in twice}
    added = {f"{name}_{number}" for name in known for number in range(1, len(twice))}
    finding.fields = [
        one for one in together if one.name.lower() not in known | (added - own)
    ] + twice
    if len(each) > 1:
        compare_parts(context, finding, each, [f.name for f in together], own)


def compare_parts(
    context: InspectionContext,
    finding: Finding,
    each: Mapping[str, Sequence[tuple[str, str]]],
    together: Sequence[str],
    own: set[str],
) -> None:
    """What all columns together hide: a file that differs from the rest."""
    from_path = {name.lower() for name in together} - own
    renamed = context.mapping.get(finding.table.name, {})
    types = {one.name.lower(): one.type for one in finding.fields}
    for file, columns in each.items():
        kinds = {name.lower(): kind for name, kind in columns}
        part = Finding(
            finding.table, display_path(Path(file)) if "://" not in file else file
        )
        for column in finding.table.columns:
            theirs = renamed.get(column.name, column.name).lower()
            if theirs not in kinds and theirs not in from_path:
                if column.is_required and theirs in types:
                    part.add(
                        "missing_column",
                        f"no column `{theirs}`, which other files of the table have."
                        " Write this file again with it.",
                        column.name,
                    )
            elif types.get(theirs) == "UUID" and kinds.get(theirs) == "BYTE_ARRAY":
                part.add(
                    "mixed_types",
                    f"`{theirs}` is text, and UUID in other files of the table, which"
                    " DuckDB refuses to read together. Write it with one type.",
                    column.name,
                )
            elif (
                finding.table.is_id(column)
                and kinds.get(theirs) in ("FLOAT", "DOUBLE")
                and not is_decimal(types.get(theirs, ""))
                and value_finder(context, f"read_parquet({sql_text(glob_text(file))})")(
                    theirs
                )
            ):
                part.add("float_id", float_id(theirs, kinds[theirs]), column.name)
        finding.problems += part.problems


def top_columns(
    rows: Sequence[tuple[str, str, int, str | None]],
) -> dict[str, list[tuple[str, str]]]:
    """Each file's columns with their physical types, without what is nested in them."""
    columns: dict[str, list[tuple[str, str]]] = {}
    open_: list[int] = []  # children still to come, for the root and each nesting
    for file, name, children, kind in rows:
        if file not in columns:
            columns[file], open_ = [], [children]
            continue
        while len(open_) > 1 and not open_[-1]:
            open_.pop()
        open_[-1] -= 1
        if len(open_) == 1:
            columns[file].append((name, kind or "nested"))
        if children:
            open_.append(children)
    return columns


def _named_file(text: str, files: Sequence[str]) -> str:
    """Which of the files an error is about."""
    named = [file for file in files if file in text]
    return f" of {display_path(Path(named[0]))}" if named and len(files) > 1 else ""

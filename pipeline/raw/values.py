"""What only a look at the values tells: spoilt ids, marks, conditions that fail.

The preflight of `make build` and `make check-inputs` does this, plain dbt does not:
whole tables are read, but for those of events, which the raw gate reads anyway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import duckdb

from pipeline.raw.context import InspectionContext
from pipeline.raw.contract import EVENT_TABLES, SAMPLED_ROWS
from pipeline.raw.error_messages import bad_condition, is_bad_condition, later_error
from pipeline.raw.findings import Finding, Problem
from pipeline.raw.ignored_columns import OPERATION, Mark, spellings
from pipeline.raw.relations import PASSES_FILTER, raw_relation
from pipeline.raw.settings import soft_delete_columns
from pipeline.raw.text import display, has
from pipeline.sql import sql_name

MOST_VALUES = 5  # of a mark; more are only counted

YES = ("true", "t", "1", "yes", "y")
GOOD_VALUES = ("active", "live", "production", "prod", "paid", "completed", "enabled")

WITH_ZERO = r"[+-]?\d+\.0+"  # pandas wrote it: a column with an empty cell is of floats
NUMBER = r"[+-]?\d+(\.\d+)?"
ROUNDED = r"\d([.,]\d+)?[eE]\+\d+"  # Excel wrote it: the digits are lost


def check_values(
    context: InspectionContext, marks: Mapping[str, Sequence[Mark]]
) -> None:
    """Read the values of all tables that have no problems yet.

    Args:
        context: What was found; what the relations read is within its reach.
        marks: By table: ignored columns that may say that a row does not count.
    """
    fit = [one for one in context.findings if one.relation and not one.problems]
    for finding in fit:
        check_binary_text(context, finding)
    for finding in fit:
        if finding.table.name not in EVENT_TABLES and not finding.problems:
            check_ids(context, finding, fit)
    for finding in fit:
        for mark in marks.get(finding.table.name, ()):
            if not finding.problems:
                finding.warnings.append(told_mark(context, finding, mark))


def check_filters(context: InspectionContext, filters: Mapping[str, str]) -> None:
    """Whether the conditions of var raw_filters can be evaluated; what they keep."""
    for finding in context.findings:
        name = finding.table.name
        if name not in filters or not finding.relation or finding.problems:
            continue
        renamed = context.mapping.get(name, {})
        deleted = soft_delete_columns(context.config)
        query = raw_relation(finding, renamed, deleted, filters[name]).query
        if context.reads_values:
            query = f"select count(*), count_if({PASSES_FILTER}) from ({query})"
        else:
            query = f"from ({query}) limit 0"
        try:
            row = context.connection.execute(query).fetchone()
        except duckdb.Error as error:
            if is_bad_condition(str(error)):
                told = bad_condition(name, filters[name], str(error))
                names = [one.name.strip().lower() for one in finding.fields]
                problem = Problem(
                    "var raw_filters", "bad_filter", told + has(names), None, name
                )
                finding.problems.append(problem)
            continue
        if context.reads_values and row:
            told = f"raw_filters keeps {row[1]:,} of {row[0]:,} rows"
            (finding.notes if row[1] or not row[0] else finding.warnings).append(told)


def check_binary_text(context: InspectionContext, finding: Finding) -> None:
    """Binary columns, which are read as text: are they?"""
    renamed = context.mapping.get(finding.table.name, {})
    for column in finding.table.columns:
        theirs = renamed.get(column.name, column.name).lower()
        for one in finding.fields:
            if one.name.strip().lower() != theirs or one.type.upper() != "BLOB":
                continue
            name = sql_name(one.name)
            query = (
                f"select count(*), hex(any_value({name})) from {finding.relation}"
                f" where {name} is not null and try(decode({name})) is null"
            )
            try:
                row = context.connection.execute(query).fetchone()
            except duckdb.Error:
                continue  # what it cannot read is reported by those who must read it
            if row and row[0]:
                finding.add(
                    "not_text",
                    f"`{theirs}` is binary, and {row[0]:,} of its values are not UTF-8"
                    f" text (one is 0x{row[1][:32]}). Write it as text; a binary UUID"
                    " or key as its hexadecimal digits.",
                    column.name,
                )


def check_ids(
    context: InspectionContext, finding: Finding, others: Sequence[Finding]
) -> None:
    """Ids that became numbers on the way: `10001.0` beside `10001`, `1.00235E+15`."""
    query = _query(context, finding)
    columns = [
        column.name
        for column in finding.table.columns
        if finding.table.is_id(column) and column.name in _delivered(context, finding)
    ]
    measures = ["count(*)"]
    for column in columns:
        text = f"trim(cast({sql_name(column)} as varchar))"
        measures += [
            f"{shape} filter (where regexp_full_match({text}, '{form}'))"
            for shape, form in (
                ("count(*)", NUMBER),
                ("count(*)", WITH_ZERO),
                (f"min({text})", WITH_ZERO),
                ("count(*)", ROUNDED),
                (f"min({text})", ROUNDED),
            )
        ]
    # the rest is read too: text that is none, and rows that are broken, show here
    measures += [
        f"max(strlen(cast({sql_name(name)} as varchar)))"
        for name in _delivered(context, finding)
        if name not in columns
    ]
    try:
        row = context.connection.execute(
            f"select {', '.join(measures)} from ({query})"
        ).fetchone()
    except duckdb.Error as error:
        finding.add("unreadable", later_error(str(error)))
        return
    assert row is not None  # an aggregate has one row
    for number, column in enumerate(columns):
        numbers, with_zero, zero, rounded, exponent = row[number * 5 + 1 :][:5]
        if rounded:
            many = "values" if rounded > 1 else "value"
            finding.add(
                "rounded_id",
                f"`{column}` has {rounded:,} {many} like `{display(exponent)}`: a"
                " spreadsheet made a number of the id, and its last digits are lost."
                " Export the table again without a spreadsheet in between, or format"
                " the column as text there first.",
                column,
            )
        if with_zero and with_zero == numbers:
            beside = _without_zero(context, finding, column, others)
            if beside:
                many = "values" if with_zero > 1 else "value"
                finding.add(
                    "float_id",
                    f"`{column}` has {with_zero:,} {many} like `{display(zero)}`, and"
                    f" {beside} has the same ids without `.0`: they would not match."
                    " Write the column as integers or text (pandas makes floats of"
                    " integers where one is missing:"
                    ' `astype("Int64")` or `astype("string")`).',
                    column,
                )


def told_mark(context: InspectionContext, finding: Finding, mark: Mark) -> str:
    """A warning: which values a mark has, and how to leave rows out by it."""
    table, name = finding.table.name, display(mark.name)
    field = next(one for one in finding.fields if one.name.strip().lower() == mark.name)
    rows = f"select {field.sql} as value from {finding.relation}"
    of = ""
    if table in EVENT_TABLES:
        rows += f" limit {SAMPLED_ROWS}"
        of = f" (of the first {SAMPLED_ROWS:,} rows)"
    query = (
        "select coalesce(nullif(trim(cast(value as varchar)), ''), '(empty)') as text,"
        f" count(*) as found from ({rows}) group by text order by found desc, text"
    )
    try:
        counts = context.connection.execute(query).fetchall()
    except duckdb.Error:
        counts = []
    values = ", ".join(f"{display(text)} {found:,}" for text, found in counts)
    if len(counts) > MOST_VALUES:
        given = [(text, found) for text, found in counts if text != "(empty)"]
        total = sum(found for _, found in counts)
        filled = sum(found for _, found in given)
        top = ", ".join(f"{display(text)} {found:,}" for text, found in given[:3])
        values = f"{filled:,} of {total:,} rows have a value ({top}, …)"
    example = _example(mark, [text for text, _ in counts])
    todo = f'raw_filters: {{{table}: "{example}"}}'
    if mark.is_deletion:
        todo = f"add {name} to soft_delete_columns, or set {todo}"
    else:
        todo = f"set {todo}, by the values that count"
    return (
        f"`{name}` is ignored, and may say that a row does not count: {values}{of}. If"
        f" so, {todo}"
    )


def _example(mark: Mark, values: Sequence[str]) -> str:
    """A condition for var raw_filters that leaves out what the name speaks of."""
    lowered = {value.lower(): value for value in values}
    name = mark.name
    spelled = spellings(name)

    def first_of(known: Sequence[str], default: str) -> str:
        found = next((lowered[one] for one in known if one in lowered), default)
        return display(found)

    if any(re.search(r"_(at|on|by|date|time)$", one) for one in spelled):
        return f"{name} is null"
    if any(OPERATION.fullmatch(one) for one in spelled):
        return f"{name} is distinct from '{first_of(('d', 'delete', 'deleted'), 'd')}'"
    if re.search(r"stat(us|e)$|environment", name):
        first = next((one for one in values if one != "(empty)"), "…")
        return f"{name} = '{first_of(GOOD_VALUES, first)}'"
    if re.search(r"live|(?<!in)active|enabled|current|latest", name):
        return f"{name} = '{first_of(YES, 'true')}'"
    return f"{name} is distinct from '{first_of(YES, 'true')}'"


def _without_zero(
    context: InspectionContext,
    finding: Finding,
    column: str,
    others: Sequence[Finding],
) -> str:
    """A column of another table that has some of these ids without `.0`, if any."""
    ours = (
        f"select distinct regexp_extract(trim(cast({sql_name(column)} as varchar)),"
        f" '^([+-]?[0-9]+)\\.0+$', 1) as id from ({_query(context, finding)})"
    )
    for other in others:
        if other is finding or other.problems:
            continue
        for name in _delivered(context, other):
            if _names_the_same(column, name):
                query = (
                    f"select 1 from ({_query(context, other)}) as theirs"
                    f" where trim(cast({sql_name(name)} as varchar)) in"
                    f" (select id from ({ours}) where id <> '') limit 1"
                )
                try:
                    if context.connection.execute(query).fetchone():
                        return f"{other.table.name}.{name}"
                except duckdb.Error:
                    continue
    return ""


def _names_the_same(column: str, other: str) -> bool:
    """Whether both are ids of the same kind of thing."""

    def kind(name: str) -> str:
        return "account_id" if re.search("account_id$|^alias_id$", name) else name

    return other.endswith("_id") and kind(column) == kind(other)


def _query(context: InspectionContext, finding: Finding) -> str:
    """The table's rows under the contract's names."""
    renamed = context.mapping.get(finding.table.name, {})
    return raw_relation(finding, renamed, ()).query


def _delivered(context: InspectionContext, finding: Finding) -> list[str]:
    """The contract's names of the columns that are there."""
    renamed = context.mapping.get(finding.table.name, {})
    there = {one.name.strip().lower() for one in finding.fields}
    names = finding.table.names
    return [name for name in names if renamed.get(name, name).lower() in there]

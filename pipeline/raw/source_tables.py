"""Tables of sources (Stripe, Zendesk …): inspected, checked, and given their types.

A source's relation in the warehouse has every column of its `sources.yml`, with its
type; one that was not delivered is null. Timestamps are in UTC. So the models that make
raw tables of them know one shape, whatever the version of the connector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import duckdb

from pipeline.raw.columns import float_id, is_decimal
from pipeline.raw.context import InspectionContext, reached
from pipeline.raw.contract import CANONICAL, RawColumn, SourceTable, UsedSource
from pipeline.raw.findings import Finding, Problem, SourceFindings
from pipeline.raw.text import did_you_mean, display, has
from pipeline.sql import sql_name

TYPES = {
    "text": "varchar",
    "date": "date",
    "timestamp": "timestamp",
    "number": "decimal(28, 8)",
    "integer": "bigint",
    "boolean": "boolean",
    "json": "varchar",
}
WORDS = {
    "text": "text",
    "date": "a date",
    "timestamp": "a timestamp",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "json": "JSON",
}
TEXTS = ("VARCHAR", "BLOB", "ENUM", "UUID", "JSON", '"NULL"', "NULL")
NUMBERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "FLOAT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "DOUBLE"),
)
UNIX_TIME = r"\d{9,10}(\.\d+)?|\d{12,13}"
NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")

Inspect = Callable[[InspectionContext, UsedSource], list[Problem]]


def inspect_source(
    context: InspectionContext, source: UsedSource, inspect: Inspect
) -> SourceFindings:
    """Look for a source's tables, and check their columns and values.

    Args:
        context: Of the contract's tables; its connection and settings are used.
        source: The source.
        inspect: Looks for the tables of a context in the folder, bucket or database.
    """
    contract = {one.table.name: one.table for one in source.tables}
    own = replace(
        context,
        contract=contract,
        mapping={},
        absent=(),
        findings=[],
        schema_setting=f"var source_settings, {source.name}: schema",
    )
    problems = inspect(own, source)
    found = SourceFindings(source, own.findings, problems)
    written = {one.table.name: one for one in source.tables}
    for finding in own.findings:
        _name_the_source(finding, source)
        _rename(finding, written[finding.table.name], source)
        check_source_columns(finding)
    if any(finding.relation and not finding.problems for finding in own.findings):
        with reached(own):
            if context.reads_values:
                _check_values(own, source)
                _check_parents(own, source, written)
    return found


def _name_the_source(finding: Finding, source: UsedSource) -> None:
    """A problem says which source needs the table, and where to read of it."""
    hint = (
        f" Source {source.name} needs it, as {source.loader} lands it:"
        f" docs/sources/{source.name}.md."
    )
    finding.problems = [
        replace(one, message=one.message + hint) if one.rule == "missing_table" else one
        for one in finding.problems
    ]


def _rename(finding: Finding, table: SourceTable, source: UsedSource) -> None:
    """Columns with names of their own get the names of `sources.yml`.

    Those are words of SQL (`end`), and columns that a setting of the source names.
    """
    if not finding.fields:
        return
    fields = {one.name.strip().lower(): one for one in finding.fields}
    own_names = {name: theirs for name, theirs in table.delivered_as.items() if theirs}
    has_values = finding.has_values
    for column, theirs in own_names.items():
        found = fields.get(theirs.strip().lower())
        if found is not None:
            renamed = replace(found, name=column, expression=found.sql)
            kept = [f for f in finding.fields if f.name.strip().lower() != column]
            finding.fields = [*kept, renamed]
        elif setting := table.named_by.get(column):
            near = did_you_mean(theirs, fields)
            finding.add(
                "missing_column",
                f"no column `{display(theirs)}`, which setting `{setting}` of"
                f" {source.name} names for `{column}` (var source_settings)."
                f"{near or has(list(fields))}",
                column,
            )
    finding.has_values = lambda name: has_values(own_names.get(name, name))


def check_source_columns(finding: Finding) -> None:
    """Required columns are there; types can be read; what is missing is noted."""
    if not finding.fields:
        return
    types = {one.name.strip().lower(): one.type.upper() for one in finding.fields}
    missing = []
    for column in finding.table.columns:
        if column.name in types:
            _check_type(finding, column, types[column.name])
        elif column.is_required:
            near = did_you_mean(column.name, types)
            finding.add(
                "missing_column",
                f"no column `{column.name}` ({WORDS[column.type]}, required)."
                f"{near or has(list(types))} Was the table synced completely?",
                column.name,
            )
        else:
            missing.append(column.name)
    if missing:
        finding.notes.append(f"not there, read as empty: {', '.join(missing)}")


def _check_type(finding: Finding, column: RawColumn, type_: str) -> None:
    is_text, is_number = type_.startswith(TEXTS), type_.startswith(NUMBERS)
    is_nested = type_.endswith("]") or type_.startswith(NESTED)
    is_moment = type_.startswith(("DATE", "TIMESTAMP"))
    if column.type == "text":
        is_id = column.name == "id" or column.name.endswith("_id")
        if is_id and (type_ in ("FLOAT", "DOUBLE") or is_decimal(type_)):
            if finding.has_values(column.name):
                finding.add("float_id", float_id(column.name, type_), column.name)
            return
        fits = not is_nested
    elif column.type == "json":
        fits = is_text or is_nested
    elif column.type in ("date", "timestamp"):
        fits = is_text or is_moment or is_number
    elif column.type == "boolean":
        fits = is_text or is_number or type_ == "BOOLEAN"
    else:
        fits = is_text or is_number
    if not fits and finding.has_values(column.name):
        finding.add(
            "wrong_type",
            f"`{column.name}` is {display(type_)}; expected {WORDS[column.type]}. Has"
            " the connector changed its type? Sync the table again, or convert it in a"
            " view.",
            column.name,
        )


def source_query(finding: Finding) -> str:
    """The select behind a source's relation: each column of its `sources.yml`."""
    fields = {one.name.strip().lower(): one for one in finding.fields}
    columns = []
    for column in finding.table.columns:
        found = fields.get(column.name)
        value = (
            f"cast(null as {TYPES[column.type]})"
            if found is None
            else _value(found.sql, found.type.upper(), column.type)
        )
        columns.append(f"{value} as {sql_name(column.name)}")
    if not finding.relation:
        return f"select {', '.join(columns)} where false"
    return f"select {', '.join(columns)} from {finding.relation}"


def _value(sql: str, type_: str, wanted: str) -> str:
    """SQL of a delivered column in another type; null where its value has none."""
    if type_.startswith(TEXTS):
        text = f"nullif(trim(cast({sql} as varchar)), '')"
        if wanted in ("timestamp", "date"):
            # text of seconds since 1970, or of milliseconds, is no other moment
            number = (
                f"case when regexp_full_match({text}, '{UNIX_TIME}') then {text} end"
            )
            moment = (
                f"coalesce({_from_unix(f'try_cast({number} as double)')},"
                f" timezone('UTC', try_cast({text} as timestamptz)))"
            )
            return moment if wanted == "timestamp" else f"cast({moment} as date)"
        return text if wanted in ("text", "json") else _cast(text, wanted)
    if wanted == "json":
        return f"cast(to_json({sql}) as varchar)"
    if wanted in ("date", "timestamp"):
        if type_.startswith(NUMBERS):
            sql, type_ = _from_unix(f"cast({sql} as double)"), "TIMESTAMP"
        if type_ in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"):
            sql = f"timezone('UTC', {sql})"
    return _cast(sql, wanted)


def _from_unix(number: str) -> str:
    """The timestamp in UTC of seconds since 1970, or of milliseconds."""
    seconds = f"case when {number} > 1e11 then {number} / 1000 else {number} end"
    return f"timezone('UTC', to_timestamp({seconds}))"


def _cast(sql: str, wanted: str) -> str:
    return f"try_cast({sql} as {TYPES[wanted]})"


def _keeps_every_value(type_: str, wanted: str) -> bool:
    """Whether a delivered type needs no look at its values, which may be millions."""
    if wanted in ("text", "json"):
        return True
    if wanted in ("date", "timestamp"):
        return type_.startswith(("DATE", "TIMESTAMP"))
    if wanted == "boolean":
        return type_ == "BOOLEAN"
    return type_ in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")


def _check_values(context: InspectionContext, source: UsedSource) -> None:
    """Values that their column's type cannot hold: the type changed at the source."""
    for finding in context.findings:
        if not finding.relation or finding.problems:
            continue
        fields = {one.name.strip().lower(): one for one in finding.fields}
        wanted = [
            (column, fields[column.name])
            for column in finding.table.columns
            if column.name in fields
            and not _keeps_every_value(fields[column.name].type.upper(), column.type)
        ]
        measures = ["count(*)"]
        for column, one in wanted:
            text = f"nullif(trim(cast({one.sql} as varchar)), '')"
            value = _value(one.sql, one.type.upper(), column.type)
            lost = f"{text} is not null and ({value}) is null"
            measures += [f"count_if({lost})", f"min({text}) filter (where {lost})"]
        query = f"select {', '.join(measures)} from {finding.relation}"
        try:
            row = context.connection.execute(query).fetchone()
        except duckdb.Error as error:
            finding.add("unreadable", f"it cannot be read: {display(error)}")
            continue
        assert row is not None
        for (column, _), count, example in zip(
            wanted, row[1::2], row[2::2], strict=True
        ):
            if count:
                finding.add(
                    "wrong_value",
                    f"`{column.name}`: {count:,} of {row[0]:,} values are not"
                    f" {WORDS[column.type]}, such as `{display(example)}`. Has the"
                    f" connector changed its type? Sync {source.name} again.",
                    column.name,
                )


def _check_parents(
    context: InspectionContext, source: UsedSource, written: Mapping[str, SourceTable]
) -> None:
    """Rows whose parents are missing: a sync that stopped halfway."""
    found = {
        one.table.name: one
        for one in context.findings
        if one.relation and not one.problems
    }
    limit = float(context.config.get("max_rejection_rate") or 0)
    for name, finding in found.items():
        for column, (parent, key) in written[name].parents.items():
            there = {one.name.strip().lower() for one in finding.fields}
            if parent not in found or column not in there:
                continue
            child = f"({source_query(finding)})"
            above = f"({source_query(found[parent])})"
            rows, orphans, example = _count_orphans(context, child, above, column, key)
            if not orphans:
                continue
            message = (
                f"{orphans:,} of {rows:,} rows have a `{column}` that is not in"
                f" {source.name}'s `{parent}`, such as `{display(example)}`."
            )
            if orphans > limit * rows:
                finding.add(
                    "incomplete_sync",
                    f"{message} Did a sync stop halfway? Run it to its end, `{parent}`"
                    " included.",
                    column,
                )
            else:
                finding.warnings.append(message)


def _count_orphans(
    context: InspectionContext, child: str, parent: str, column: str, key: str
) -> tuple[int, int, str]:
    query = (
        f"select count(*), count_if(parent.{key} is null),"
        f" min(child.{column}) filter (where parent.{key} is null)"
        f" from {child} as child"
        f" left join (select distinct {key} from {parent}) as parent"
        f" on child.{column} = parent.{key} where child.{column} is not null"
    )
    return context.connection.execute(query).fetchall()[0]


def describe_source(found: SourceFindings) -> list[str]:
    """Lines for a person: where each table is read from, and what is to be known."""
    source = found.source
    loader = "" if source.loader == CANONICAL else f", landed by {source.loader}"
    lines = [f"{source.name} gives {', '.join(sorted(source.gives))}{loader}"]
    for finding in found.findings:
        where = finding.where or "not there: read as empty (optional)"
        lines.append(f"  {finding.table.name}  {where}")
        lines += (f"    {note}" for note in finding.notes)
        lines += (f"    WARNING  {warning}" for warning in finding.warnings)
    return lines

"""Schema `raw` of the warehouse: a relation over each raw table, typed as delivered.

A small text file is copied into a table, since every query on a view would parse it
again; Parquet, large files and databases are read where they are, through views. A
table that was not delivered is an empty view with the contract's columns and types.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import duckdb

from pipeline.project import InputError
from pipeline.raw.contract import RawTable, warehouse_schema
from pipeline.raw.error_messages import bad_condition, is_bad_condition, later_error
from pipeline.raw.findings import Finding, Inspection
from pipeline.raw.settings import column_mapping, raw_filters, soft_delete_columns
from pipeline.raw.source_tables import source_query
from pipeline.raw.sources import (
    known_sources,
    loaders,
    modelled_tables,
)
from pipeline.sql import sql_name, sql_text

TYPES = {
    "text": "varchar",
    "date": "date",
    "timestamp": "timestamp",
    "money": "decimal(18, 4)",
    "rate": "decimal(22, 8)",
    "number": "decimal(18, 9)",
    "integer": "bigint",
    "boolean": "boolean",
}

PASSES_FILTER = "_passes_raw_filter"  # staging sets rows aside by it (rule 71)


@dataclass(frozen=True)
class RawRelation:
    """What becomes of a raw table in schema `raw`."""

    table: str
    query: str
    where: str
    version: str  # empty: a view; else that of the file which is copied
    types: tuple[str, ...] = ()  # as delivered: a view keeps those it was made with
    condition: str = ""  # of var raw_filters
    schema: str = "raw"  # a source's tables have its own

    @property
    def name(self) -> str:
        """Its name with its schema."""
        if self.schema == "raw":
            return f"raw.raw_{self.table}"
        return f"{sql_name(self.schema)}.{sql_name(self.table)}"


def raw_relation(
    finding: Finding,
    renamed: Mapping[str, str],
    deleted_by: Sequence[str],
    condition: str | None = None,
) -> RawRelation:
    """The relation of a table that has no problems.

    Args:
        finding: The table as delivered.
        renamed: Its part of var raw_columns.
        deleted_by: Columns to keep beside the contract's (var soft_delete_columns).
        condition: Its part of var raw_filters; whether it is true is kept as well.
    """
    table = finding.table
    if not finding.relation:
        return RawRelation(table.name, _empty(table), "", "")
    fields = {one.name.strip().lower(): one for one in finding.fields}
    delivered = {
        name: fields[theirs]
        for name in table.names
        if (theirs := renamed.get(name, name).lower()) in fields
    }
    deleted = set(deleted_by) - set(delivered)
    delivered |= {name: one for name, one in fields.items() if name in deleted}
    columns = ", ".join(
        f"{one.sql} as {sql_name(name)}" for name, one in delivered.items()
    )
    if condition:
        columns += f", coalesce(({condition}), false) as {PASSES_FILTER}"
    query = f"select {columns} from {finding.relation}"
    types = tuple(one.type for one in delivered.values())
    return RawRelation(
        table.name, query, finding.where, finding.version, types, condition or ""
    )


def raw_relations(
    inspection: Inspection, config: Mapping[str, Any]
) -> list[RawRelation]:
    """One relation for each table, of inputs that have no problems.

    A table of the contract that var sources names has none: a model makes it.
    """
    mapping = column_mapping(config)
    deleted = soft_delete_columns(config)
    filters = raw_filters(config)
    modelled = modelled_tables(config)
    relations = [
        raw_relation(
            finding,
            mapping.get(finding.table.name, {}),
            deleted,
            filters.get(finding.table.name),
        )
        for finding in inspection.findings
        if finding.table.name not in modelled
    ]
    for found in inspection.sources:
        schema = found.source.warehouse_schema
        relations += [
            RawRelation(
                one.table.name,
                source_query(one),
                one.where,
                one.version,
                tuple(column.type for column in one.fields),
                schema=schema,
            )
            for one in found.findings
        ]
    return relations


def create_relations(
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[RawRelation],
    origin: str,
    modelled: Collection[str] = (),
) -> None:
    """Make schema `raw` and those of sources hold these relations and no other.

    Nothing is done where they do.

    Args:
        connection: Of the warehouse, with what the relations read within its reach.
        relations: One for each table.
        origin: Where the raw data is, without a password; macro `raw_origin` reads it.
        modelled: Tables of the contract that dbt's models make, which are left alone.

    Raises:
        InputError: A table cannot be read; the schemas are as before.
    """
    written = json.dumps([origin, *map(asdict, relations), sorted(modelled)])
    fingerprint = sha256(written.encode()).hexdigest()
    made_by_dbt = {("raw", f"raw_{table}") for table in modelled}
    if _fingerprint(connection, relations, made_by_dbt) == fingerprint:
        return
    connection.execute("begin")
    try:
        connection.execute("create schema if not exists raw")
        for (schema, name), is_view in _existing(connection).items():
            if (schema, name) not in made_by_dbt:
                kind = "view" if is_view else "table"
                connection.execute(f"drop {kind} {sql_name(schema)}.{sql_name(name)}")
        for relation in relations:
            schema = sql_name(relation.schema)
            connection.execute(f"create schema if not exists {schema}")
            kind = "table" if relation.version else "view"
            try:
                connection.execute(f"create {kind} {relation.name} as {relation.query}")
            except duckdb.Error as error:
                raise InputError(_cannot_be_read(relation, str(error))) from None
        connection.execute(
            "create table raw.raw_origin as select"
            f" {sql_text(origin)} as origin, {sql_text(fingerprint)} as fingerprint"
        )
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _empty(table: RawTable) -> str:
    columns = ", ".join(
        f"cast(null as {TYPES[column.type]}) as {sql_name(column.name)}"
        for column in table.columns
    )
    return f"select {columns} where false"


def _existing(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str], bool]:
    """Raw relations in the warehouse (schema, name), and whether each is a view."""
    schemas = ", ".join(map(sql_text, source_schemas()))
    rows = connection.execute(
        "select table_schema, table_name, table_type = 'VIEW'"
        " from information_schema.tables"
        " where table_catalog = current_database() and ("
        "   table_schema = 'raw' and table_name like 'raw\\_%' escape '\\'"
        f"  or table_schema in ({schemas})"
        " )"
    ).fetchall()
    return {(schema, name): is_view for schema, name, is_view in rows}


def source_schemas() -> list[str]:
    """Schemas of the warehouse that hold tables of sources, by source and loader."""
    return [
        warehouse_schema(source, loader)
        for source in known_sources()
        for loader in loaders(source)
    ]


def _fingerprint(
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[RawRelation],
    made_by_dbt: Collection[tuple[str, str]],
) -> str | None:
    """What the relations there were made from, if all of them are there."""
    names = {
        *(
            (one.schema, f"raw_{one.table}" if one.schema == "raw" else one.table)
            for one in relations
        ),
        ("raw", "raw_origin"),
    }
    if set(_existing(connection)) - set(made_by_dbt) != names:
        return None
    try:
        row = connection.execute("select fingerprint from raw.raw_origin").fetchone()
    except duckdb.Error:
        return None
    return str(row[0]) if row else None


def _cannot_be_read(relation: RawRelation, text: str) -> str:
    """What DuckDB says of a file's later rows, in the preflight's words."""
    if relation.condition and is_bad_condition(text):
        told = bad_condition(relation.table, relation.condition, text)
        return (
            "The raw inputs cannot be used: 1 problem.\nvar raw_filters\n  bad_filter:"
            f" {told}"
        )
    return (
        "The raw inputs cannot be used: 1 problem.\n"
        f"{relation.where}\n  unreadable: {later_error(text)}"
    )

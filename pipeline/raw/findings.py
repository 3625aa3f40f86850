"""What was found: of each table, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.raw.contract import RawTable, UsedSource
from pipeline.sql import sql_name


@dataclass(frozen=True)
class Problem:
    """One thing that keeps the inputs from being read."""

    where: str  # a file, a table of a database, or a setting
    rule: str
    message: str  # what is wrong, what was expected, what to do
    column: str | None = None
    table: str = ""  # of the contract; empty: all of them


@dataclass(frozen=True)
class Field:
    """A column as delivered; its type is DuckDB's."""

    name: str
    type: str = "VARCHAR"
    expression: str = ""  # SQL that reads it, where its name alone does not

    @property
    def sql(self) -> str:
        """The SQL that reads it from the finding's relation."""
        if self.expression:
            return self.expression
        name = sql_name(self.name)
        return f"decode({name})" if self.type.upper() == "BLOB" else name


@dataclass
class Finding:
    """What was found of one table of the contract."""

    table: RawTable
    where: str = ""  # empty: not there
    relation: str = ""  # an item of a from clause that reads it
    version: str = ""  # of a file to copy into a table: changes when the file does
    fields: list[Field] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remark: str = ""
    notes: list[str] = field(default_factory=list)  # columns that are not read
    warnings: list[str] = field(default_factory=list)  # what may be a mistake
    mapped: int = 0
    has_values: Callable[[str], bool] = lambda name: True

    def add(self, rule: str, message: str, column: str | None = None) -> None:
        """Note a problem of this table."""
        where = self.where or self.table.name
        self.problems.append(Problem(where, rule, message, column, self.table.name))


@dataclass
class SourceFindings:
    """What was found of one source."""

    source: UsedSource
    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def all_problems(self) -> list[Problem]:
        """Of the source as a whole, then of its tables."""
        return [*self.problems, *(one for f in self.findings for one in f.problems)]


@dataclass(frozen=True)
class Inspection:
    """All that the preflight found."""

    problems: list[Problem]
    findings: list[Finding]
    sources: list[SourceFindings] = field(default_factory=list)

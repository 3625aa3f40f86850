"""The preflight: are the raw inputs fit to be read? It tells all that is wrong at once.

Only headers, schemas and the first bytes are read, never a whole file. What is expected
stands in `models/staging/sources.yml`; how the tables are read afterwards, in
`macros/engine/raw_files.sql`. A value that breaks a rule is not the preflight's
business: its row stands in `rejected_rows` later.

`preflight` looks at everything. What is expected and what is told: `contract`,
`findings`, `settings`. Where tables are looked for: `folders`, `buckets`, `databases`.
How a file is looked at: `csv_files`, `parquet_files`. What every table's columns must
be: `columns`.
"""

from pipeline.raw.contract import RawColumn, RawTable, raw_contract
from pipeline.raw.findings import Field, Finding, Inspection, Problem
from pipeline.raw.inspect import check_inputs, inspect_inputs, report

__all__ = [
    "Field",
    "Finding",
    "Inspection",
    "Problem",
    "RawColumn",
    "RawTable",
    "check_inputs",
    "inspect_inputs",
    "raw_contract",
    "report",
]

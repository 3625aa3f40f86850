"""The one reader of raw data: finds each raw table, checks it, gives its relation.

The preflight (`make check-inputs`) and dbt's plugin run the same code, so they refuse
the same inputs with the same message; only the preflight reads values, except those
of events. What is expected is in `models/staging/sources.yml`. A value that breaks a
rule is not an error of the inputs: its row is in `rejected_rows` later.

- what is expected: `contract`, `settings`, `var_values`
- where tables are: `locate`, `folders`, `buckets`, `databases`, `connection`
- what is in a file: `csv_files`, `csv_rows`, `json_files`, `parquet_files`,
  `magic_bytes`; what its columns must be: `columns`,
  `ignored_columns`; what its values must be: `values`, `address_ids`
- tables of tools (var `sources`): which are needed, `sources`; their columns, types and
  parents, `source_tables`
- what was found: `findings`, `context`, `inspect`; its words: `missing_tables`,
  `error_messages`, `text`
- schema `raw` of the warehouse: `relations`, `file_versions`, `dbt_plugin`
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

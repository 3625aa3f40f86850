"""The gates: delivered data before a build, published figures after it.

`gates.run_gate` runs one, `report.lines` says what it found. A suite per table, as
plain Python: `raw_suites` for schema `raw`, `mart_suites` for schema `marts`. Importing
this package is cheap; Great Expectations is imported when a gate runs.
"""

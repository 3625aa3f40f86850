"""The gates: delivered data before the marts are built, published metrics after it.

`bounds.yml` lists the checks and their bounds, `queries/` has the SQL of each check.
`gates.run_gate` runs a gate with Great Expectations, `report.lines` formats the results
for the console, `pages` as HTML. Importing this package is cheap; Great Expectations is
imported when a gate runs.
"""

"""The gates: delivered data before the marts are built, published metrics after it.

`bounds.yml` lists what is checked and how far it may go, `queries/` holds the SQL of
each check. `gates.run_gate` runs a gate with Great Expectations, `report.lines` prints
what it found, `pages` writes it as a page. Importing this package is cheap; Great
Expectations is imported when a gate runs.
"""

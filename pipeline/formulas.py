"""Which text a spreadsheet may read as a formula."""

from __future__ import annotations

# A spreadsheet reads a cell that begins like this as a formula. Excel also skips white
# space, and in some languages reads the full-width forms of the same characters. The
# expression means the same to Python and to DuckDB.
FORMULA = "^[\\s\u00a0\u3000\ufeff]*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]"

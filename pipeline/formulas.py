"""Which text a spreadsheet may read as a formula."""

from __future__ import annotations

import re

# A spreadsheet reads a cell that begins like this as a formula. Excel also skips white
# space, and in some languages reads the full-width forms of the same characters. The
# expression means the same to Python and to DuckDB.
FORMULA = "^[\\s\u00a0\u3000\ufeff]*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]"


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may read a text as a formula."""
    return re.match(FORMULA, text) is not None

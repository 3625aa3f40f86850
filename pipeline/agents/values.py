"""Values of DuckDB as JSON has them."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any

LONGEST_TEXT = 2_000  # characters of a cell


def plain(value: Any) -> Any:
    """A value for JSON: dates as text, money as a number, long texts cut."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    text = str(value)
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"

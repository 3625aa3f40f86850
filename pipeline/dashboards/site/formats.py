"""How values are shown: numbers, money, days, and words for codes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

NOTHING = "—"
# Ratios of money by money or of flows, which nobody reads as a percentage.
MULTIPLES = {"quick_ratio", "ltv_to_cac", "ltv_to_crc"}
# What the codes of the marts are called on a page.
WORDS = {
    "nps": "NPS",
    "csm_owner": "owner",
    "mrr": "MRR",
    "nrr_12m": "Net revenue retention, 12 months",
    "grr_12m": "Gross revenue retention, 12 months",
    "churn_rate": "Customer churn rate",
    "gross_mrr_churn_rate": "Gross MRR churn rate",
    "net_mrr_churn_rate": "Net MRR churn rate",
}
# Why a row is not used: docs/rejections.md. Reasons that name a column begin as below.
REASONS = {
    "filtered": "var raw_filters leaves it out",
    "deleted_at_source": "the loader marked it as deleted",
    "merged_account": "its id is an alias of another account, which has its own row",
    "missing_key": "a column of the table's key is empty",
    "duplicate_key": "another row has the same key, and was kept",
    "ends_before_start": "the period ends on or before the day it starts",
    "overlapping_period": "an earlier period of the same item ends after it starts",
    "unknown_currency": "there is no exchange rate on or before its date",
    "unknown_account": "the account has no accepted row in accounts",
    "unknown_user": "the user has no accepted row in users",
}
REASONS_OF_A_COLUMN = {
    "missing_": "{} is empty",
    "unparseable_": "{} cannot be read as a date, time, number or boolean",
    "invalid_": "{} is out of range, or not on its list",
}
# These say nothing bad about a row: there is nothing to fix.
AS_MEANT = ("filtered", "deleted_at_source", "merged_account")


def number(value: Any, digits: int = 0) -> str:
    """1,234.5; a dash for null."""
    if value is None:
        return NOTHING
    return _minus(f"{value:,.{digits}f}")


def signed(value: Any, digits: int = 0) -> str:
    """+1,234; a dash for null."""
    if value is None:
        return NOTHING
    shown = f"{value:+,.{digits}f}"
    return _minus(shown) if any(c in "123456789" for c in shown) else shown[1:]


def percent(value: Any, digits: int = 1) -> str:
    """0.05 is 5.0%; a dash for null."""
    if value is None:
        return NOTHING
    return _minus(f"{value:.{digits}%}")


def points(value: Any, digits: int = 1) -> str:
    """The change of a share: 0.05 is +5.0 pp, percentage points."""
    if value is None:
        return NOTHING
    return f"{_minus(f'{100 * value:+,.{digits}f}')} pp"


def day(value: Any) -> str:
    """2026-09-20; of a moment the day, too."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = value.date()
    return str(value)


def days(count: int | None) -> str:
    """1 day, 12 days; a dash for null."""
    return f"{number(count)} day{'' if count == 1 else 's'}"


def month(value: date | None) -> str:
    """Aug 2026."""
    return NOTHING if value is None else f"{value:%b %Y}"


def long_month(value: date | None) -> str:
    """August 2026."""
    return NOTHING if value is None else f"{value:%B %Y}"


def words(value: Any) -> str:
    """A code of the marts in words: band_worsened is band worsened."""
    if value is None or value == "":
        return NOTHING
    return WORDS.get(str(value), str(value).replace("_", " "))


def reason(code: str) -> str:
    """Why a row is not used, in words; a code that is not known stays as it is."""
    if code in REASONS:
        return REASONS[code]
    for beginning, text in REASONS_OF_A_COLUMN.items():
        if code.startswith(beginning):
            return text.format(code.removeprefix(beginning))
    return code


def choice(value: str) -> str:
    """What a list can be filtered by: 2026-09 is Sep 2026, a code is in words."""
    try:
        return month(date.fromisoformat(f"{value}-01"))
    except ValueError:
        return words(value)


def capital(text: str) -> str:
    """The text with a capital first letter; the others stay."""
    return text[:1].upper() + text[1:]


def metric(value: Any, name: str, unit: str) -> str:
    """A metric's value in its unit, of metric_catalogue."""
    if unit == "ratio":
        return number(value, 2) if name in MULTIPLES else percent(value)
    return number(value, {"currency": 0, "count": 0}.get(unit, 1))


def metric_change(value: Any, name: str, unit: str) -> str:
    """The change of a metric in its unit."""
    if unit == "ratio":
        return signed(value, 2) if name in MULTIPLES else points(value)
    return signed(value, {"currency": 0, "count": 0}.get(unit, 1))


def shade(rate: float | None) -> str:
    """The class of a cell: how far a retention rate is from 100%."""
    if rate is None:
        return ""
    limits = (0.5, 0.7, 0.85, 0.95, 1.05, 1.15, 1.3)
    return f"shade{sum(rate >= limit for limit in limits)}"


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


FILTERS = {
    "number": number,
    "signed": signed,
    "percent": percent,
    "points": points,
    "day": day,
    "month": month,
    "long_month": long_month,
    "words": words,
    "reason": reason,
    "choice": choice,
    "capital": capital,
    "metric": metric,
    "metric_change": metric_change,
}

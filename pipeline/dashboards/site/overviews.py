"""Pages of tiles and charts by month: the company, and what customers say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from pipeline.dashboards.site import formats
from pipeline.dashboards.site.drawings import Chart, Series
from pipeline.dashboards.site.reading import Row, grouped
from pipeline.dashboards.site.source import Source, floats
from pipeline.dashboards.site.tiles import HEADLINES, by_month

PERIODS = {"12": "12 months", "24": "24 months", "all": "all months"}
USUAL_PERIOD = "12"
MOVEMENTS = ("new", "expansion", "reactivation", "contraction", "churn")
BANDS = ("red", "yellow", "green", "thriving")
ANSWERS = ("detractor", "passive", "promoter")
OF_VOICE = ("nps", "cli", "csat_rate", "referral_rate")
QUESTIONS = ("product_quality", "customer_service", "overall_experience")
DAYS_LISTED = 31


def in_periods(
    rows: Sequence[Row], draw: Callable[[Sequence[Row]], Chart], key: str = "date_month"
) -> dict[str, Markup]:
    """A chart of rows by month, or by day, for each of PERIODS."""
    drawn = {}
    for period in PERIODS:
        chosen = rows
        if rows and period != "all":
            first = months_before(rows[-1][key], int(period) - 1)
            chosen = [row for row in rows if row[key] >= first]
        drawn[period] = draw(chosen).svg()
    return drawn


def months_before(day: date, months: int) -> date:
    """The first day of the month that many months before a day's."""
    count = 12 * day.year + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def by_column(rows: Sequence[Row], name: str, value: str) -> list[Row]:
    """One row per month, with a column for each kind of row."""
    return [
        {"date_month": month, **{row[name]: row[value] for row in found}}
        for month, found in grouped(rows, "date_month").items()
    ]


def _column(rows: Sequence[Row], key: str) -> list[float | None]:
    return floats([{key: row.get(key)} for row in rows], key)


def _labels(rows: Sequence[Row]) -> list[str]:
    return [formats.month(row["date_month"]) for row in rows]


def _whole_percent(value: float | None) -> str:
    return formats.percent(value, 0)


def _stacked(
    title: str,
    parts: Sequence[str],
    style: str,
    shown: Callable[[float | None], str] = formats.number,
) -> Callable[[Sequence[Row]], Chart]:
    """How to draw rows of by_column as bars on top of each other."""
    return lambda rows: Chart(
        title=title,
        labels=_labels(rows),
        shown=shown,
        bars=[Series(part, f"{style}-{part}", _column(rows, part)) for part in parts],
    )


def _with_interval(
    title: str,
    name: str,
    key: str,
    shown: Callable[[float | None], str],
    *,
    scale_by_band: bool = True,
) -> Callable[[Sequence[Row]], Chart]:
    """How to draw a metric by month with its interval."""
    return lambda rows: Chart(
        title=title,
        labels=_labels(rows),
        shown=shown,
        lines=[Series(name, "c1", floats(rows, key))],
        band=(floats(rows, f"{key}_lower"), floats(rows, f"{key}_upper")),
        scale_by_band=scale_by_band,
    )


_nps_trend = _with_interval(
    "NPS of the 90 days to each month's end", "NPS", "nps", formats.number
)
_churn = _with_interval(
    *("Customer churn rate by month", "churn rate", "churn_rate", formats.percent),
    scale_by_band=False,
)


def _active(rows: Sequence[Row]) -> Chart:
    return Chart(
        title="Daily, weekly and monthly active users",
        labels=[formats.day(row["date_day"]) for row in rows],
        shown=formats.number,
        lines=[
            Series("MAU", "c3", floats(rows, "mau")),
            Series("WAU", "c2", floats(rows, "wau")),
            Series("DAU, mean of 7 days", "c1", floats(rows, "dau_7d_mean")),
            Series("DAU", "faint", floats(rows, "dau")),
        ],
        hover_every=7,
    )


def _loyalty(rows: Sequence[Row]) -> Chart:
    return Chart(
        title="Customer loyalty by question",
        labels=_labels(rows),
        shown=lambda value: formats.number(value, 1),
        lines=[
            Series(formats.words(question), f"c{i}", floats(rows, question))
            for i, question in enumerate(QUESTIONS, start=1)
        ],
        from_zero=False,
    )


def _csat(rows: Sequence[Row]) -> Chart:
    return Chart(
        title="Satisfied answers, and answered NPS surveys",
        labels=_labels(rows),
        shown=_whole_percent,
        lines=[
            Series("satisfied (CSAT)", "c1", _column(rows, "csat_rate")),
            Series("NPS surveys answered", "c2", _column(rows, "response_rate")),
        ],
    )


def movements_by_month(monthly: Sequence[Row]) -> list[Row]:
    """Movements of MRR: one row per month, with a column for each kind."""
    return by_column(monthly, "movement_type", "mrr_change")


draw_movements = _stacked("MRR movements by month", MOVEMENTS, "m", formats.signed)


def _nps(source: Source) -> tuple[list[Row], list[Row], dict[str, Markup]]:
    """NPS of 90 days and of the months alone, and the drawing of its mix."""
    rows = source.build.rows("nps")
    long = [row for row in rows if row["period_type"] == "trailing_90_days"]
    alone = [row for row in rows if row["period_type"] == "month"]
    shares = [
        {
            "date_month": row["date_month"],
            **{answer: row[f"{answer}_share"] for answer in ANSWERS},
        }
        for row in alone
    ]
    mix = _stacked("Share of answers by month", ANSWERS, "s", _whole_percent)
    return long, alone, in_periods(shares, mix)


def _by_month(**tables: Sequence[Row]) -> list[Row]:
    """The rows of some tables side by side, the latest month first."""
    of = {
        name: {row["date_month"]: row for row in rows} for name, rows in tables.items()
    }
    months = {month for rows in of.values() for month in rows}
    return [
        {
            "month": month,
            **{
                name: defaultdict(_nothing, rows.get(month, {}))
                for name, rows in of.items()
            },
        }
        for month in sorted(months, reverse=True)
    ]


def _nothing() -> None:
    """What a month without a row has in each column."""


def company(source: Source) -> dict[str, Any]:
    """How we are doing."""
    build = source.build
    moved = movements_by_month(
        [row for row in build.rows("movements_monthly") if row["is_complete_month"]]
    )
    bands = by_column(
        [row for row in build.rows("health_bands") if row["is_complete_month"]],
        "health_band",
        "accounts",
    )
    long, alone, nps_mix = _nps(source)
    churn, days = build.rows("churn"), build.rows("active_users")
    return {
        **by_month(source, HEADLINES),
        "movements": in_periods(moved, draw_movements),
        "active": in_periods(days, _active, "date_day"),
        "nps_trend": in_periods(long, _nps_trend),
        "nps_mix": nps_mix,
        "bands": in_periods(bands, _stacked("Accounts by health band", BANDS, "b")),
        "churn": in_periods(churn, _churn),
        "by_month": _by_month(
            moved=moved, bands=bands, long=long, alone=alone, churn=churn
        ),
        "by_day": days[: -DAYS_LISTED - 1 : -1],
        "kinds": MOVEMENTS,
        "health_bands": BANDS,
        "channels": build.rows("channels"),
    }


def voice(source: Source, most: int) -> dict[str, Any]:
    """What customers say.

    Args:
        source: What the page is made from.
        most: How many follow-ups it lists at most.
    """
    build = source.build
    long, alone, nps_mix = _nps(source)
    loyalty, csat = build.rows("loyalty"), build.rows("csat")
    rated = [
        {
            "date_month": row["month"],
            "csat_rate": row["csat"]["csat_rate"],
            "response_rate": row["alone"]["response_rate"],
        }
        for row in reversed(_by_month(csat=csat, alone=alone))
    ]
    return {
        **by_month(source, OF_VOICE),
        "nps_trend": in_periods(long, _nps_trend),
        "nps_mix": nps_mix,
        "loyalty": in_periods(loyalty, _loyalty),
        "csat": in_periods(rated, _csat),
        "by_month": _by_month(long=long, alone=alone, loyalty=loyalty, csat=csat),
        "follow_ups": build.rows("follow_ups")[:most],
    }

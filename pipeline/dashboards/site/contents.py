"""What each page shows: rows of a build, and drawings of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pipeline.dashboards.catalogue import PAGES
from pipeline.dashboards.site import formats, overviews
from pipeline.dashboards.site.accounts import CAUSES
from pipeline.dashboards.site.changes import Changes, changes
from pipeline.dashboards.site.downloads import MOST_ROWS, rows_to_fix, unmatched_ids
from pipeline.dashboards.site.drawings import Chart, Series
from pipeline.dashboards.site.overviews import (
    MOVEMENTS,
    draw_movements,
    movements_by_month,
)
from pipeline.dashboards.site.reading import Row, grouped
from pipeline.dashboards.site.source import MONTHS, Source, floats, latest
from pipeline.dashboards.site.tiles import HEADLINES, tiles

MOST_LISTED = 2_000  # of a list


def grouped_alerts(rows: Sequence[Row]) -> list[Row]:
    """One row per account and kind: the first of them, with the others beside it."""
    by_kind = grouped(rows, "account_id", "alert_type")
    return [{**found[0], "others": found[1:]} for found in by_kind.values()]


def without_invoices(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Alerts for customer success, and late invoices, which are for billing."""
    late = [row for row in rows if row["alert_type"] == "invoice_overdue"]
    return [row for row in rows if row["alert_type"] != "invoice_overdue"], late


def calls(rows: Sequence[Row]) -> list[Row]:
    """One row per account: its most severe alert, with all that is open."""
    by_account = grouped(grouped_alerts(rows), "account_id")
    return [{**found[0], "alerts": found} for found in by_account.values()]


def _index(source: Source) -> dict[str, Any]:
    found: Changes = changes(source.build, source.before)
    alerts, invoices = without_invoices(source.build.rows("open_alerts"))
    return {
        "tiles": tiles(source, HEADLINES, [source.month])[source.month],
        "changes": found,
        "calls": calls(alerts),
        "invoices": calls(invoices),
        "others": [name for name in PAGES if name != "index"],
        "manifest": source.build.manifest(),
    }


def _options(rows: Sequence[Row], *keys: str) -> dict[str, list[str]]:
    """What a list can be filtered by: the values that it has."""
    return {
        key: sorted({str(row[key]) for row in rows if row[key] is not None})
        for key in keys
    }


def _in_months(rows: Sequence[Row], key: str, name: str) -> dict[str, list[str]]:
    """Give rows the month of a date, as 2026-09, and list the months there are."""
    for row in rows:
        row[name] = f"{row[key]:%Y-%m}" if row[key] else ""
    return {name: sorted({row[name] for row in rows} - {""})}


def _accounts(source: Source) -> dict[str, Any]:
    rows = source.build.rows("accounts")[:MOST_LISTED]
    due = grouped(source.build.rows("renewals"), "account_id")
    for row in rows:
        row["renewals"] = [
            renewal
            for renewal in due.get(row["account_id"], [])
            if renewal["due_on"] == row["next_renewal_on"]
        ]
    alerts, invoices = without_invoices(source.build.rows("open_alerts"))
    return {
        "rows": rows,
        "options": {
            **_options(rows, "current_plan", "industry", "csm_owner", "health_band"),
            **_in_months(rows, "next_renewal_on", "renews_in"),
        },
        "alerts": grouped_alerts(alerts),
        "invoices": grouped_alerts(invoices),
    }


def _book(source: Source) -> dict[str, Any]:
    rows = source.build.rows("books")
    shown = source.as_of["open_month"] or source.month
    months = sorted({row["date_month"] for row in rows})[-MONTHS:]
    by_owner = grouped(
        sorted(rows, key=lambda row: (row["csm_owner"], row["date_month"])), "csm_owner"
    )
    return {
        "shown": shown,
        "books": [
            {**row, "trend": floats(latest(by_owner[row["csm_owner"]]), "mrr")}
            for row in rows
            if row["date_month"] in months
        ],
        "months": months[::-1],
        "by_owner": {k: latest(v)[::-1] for k, v in by_owner.items()},
    }


def _forecast(source: Source) -> dict[str, Any]:
    outlook = source.build.rows("outlook")
    renewals = source.build.rows("renewals")
    record = source.build.rows("outlook_record")
    chart = Chart(
        title="MRR of today's customers in the months to come",
        labels=[formats.month(row["date_month"]) for row in outlook],
        shown=formats.number,
        lines=[
            Series("expected", "c1", floats(outlook, "expected_mrr")),
            Series("contracted", "c2", floats(outlook, "contracted_mrr")),
            Series("committed", "c3", floats(outlook, "committed_mrr")),
        ],
        band=(floats(outlook, "lower"), floats(outlook, "upper")),
        band_name="80% interval",
    )
    by_ahead = grouped(record, "months_ahead")
    kept = {ahead: by_ahead[ahead] for ahead in (3, 6, 12) if ahead in by_ahead}
    return {
        "outlook": outlook,
        "chart": chart.svg(),
        "renewals": renewals[:MOST_LISTED],
        "options": {
            **_in_months(renewals, "due_on", "due_in"),
            **_options(renewals, "csm_owner", "current_plan", "health_band"),
        },
        "outlook_record": kept,
        "record_charts": {k: _record_chart(k, rows) for k, rows in kept.items()},
        "forecast_record": source.build.rows("forecast_record"),
    }


def _record_chart(ahead: int, rows: list[Row]) -> Any:
    return Chart(
        title=f"Outlook {ahead} months ahead, and what came",
        labels=[formats.month(row["made_on"]) for row in rows],
        shown=formats.number,
        lines=[
            Series("expected then", "c1", floats(rows, "expected_mrr")),
            Series("what came", "c2", floats(rows, "actual_mrr")),
        ],
        most_labels=4,
    ).svg()


def _movements(source: Source) -> dict[str, Any]:
    monthly = source.build.rows("movements_monthly")
    months = sorted({row["date_month"] for row in monthly})[-24:]
    value = {(r["date_month"], r["movement_type"]): r for r in monthly}
    drawn = movements_by_month([r for r in monthly if r["date_month"] in months])
    rows = [
        r for r in source.build.rows("movements") if r["date_month"] in months[-MONTHS:]
    ]
    return {
        "chart": draw_movements(drawn).svg(),
        "months": months[::-1],
        "kinds": MOVEMENTS,
        "value": value,
        "rows": rows[:MOST_LISTED],
        "month_options": [
            m for m in months[::-1] if m in {r["date_month"] for r in rows}
        ],
        "options": _options(rows, "movement_type", "csm_owner", "plan", "industry"),
        "causes": CAUSES,
        "shown": source.month,
    }


def _segments(source: Source) -> dict[str, Any]:
    """The rows as a small table for site.js: each name once, rows by its index."""
    rows = source.build.rows("segments")
    months = sorted({row["date_month"] for row in rows})[-25:]
    types = sorted({row["segment_type"] for row in rows})
    metrics = sorted({row["metric"] for row in rows})
    labels = {row["metric"]: row for row in source.build.rows("catalogue")}
    values = sorted({row["segment_value"] for row in rows})
    place = {value: i for i, value in enumerate(values)}
    month_place = {m: i for i, m in enumerate(months)}
    data = [
        [
            metrics.index(row["metric"]),
            types.index(row["segment_type"]),
            place[row["segment_value"]],
            month_place[row["date_month"]],
            row["value"],
            row["lower"],
            row["upper"],
            row["base"],
            int(bool(row["is_small_sample"])),
        ]
        for row in rows
        if row["date_month"] in month_place
    ]
    return {
        "data": {
            "metrics": [
                {
                    "key": key,
                    "label": labels[key]["label"]
                    if key in labels
                    else formats.capital(formats.words(key)),
                    "unit": labels[key]["unit"] if key in labels else "ratio",
                }
                for key in metrics
            ],
            "types": [
                {"key": key, "label": formats.capital(formats.words(key))}
                for key in types
            ],
            "values": values,
            "months": [str(m)[:7] for m in months],
            "rows": data,
        },
    }


def _cohorts(source: Source) -> dict[str, Any]:
    rows = source.build.rows("cohorts")
    churn = source.build.rows("churn")[-36:]
    churn_chart = Chart(
        title="Customer churn rate by month",
        labels=[formats.month(row["date_month"]) for row in churn],
        shown=formats.percent,
        lines=[Series("churn rate", "c1", floats(churn, "churn_rate"))],
        band=(floats(churn, "churn_rate_lower"), floats(churn, "churn_rate_upper")),
        scale_by_band=False,
    )
    cohorts = [*grouped(rows, "cohort_month").items()][:24]
    ages = range(1, 1 + max((r["months_since_start"] for r in rows), default=0))
    return {
        "cohorts": [
            {
                "month": month,
                "customers": found[0]["cohort_customers"],
                "mrr": found[0]["cohort_mrr"],
                "by_age": {row["months_since_start"]: row for row in found},
            }
            for month, found in cohorts
        ],
        "ages": [*ages][:12],
        "churn": churn[::-1],
        "churn_chart": churn_chart.svg(),
        "shade": formats.shade,
    }


def _reported(source: Source) -> dict[str, Any]:
    now = source.build.rows("first_reported")
    metrics = {row["metric"]: row["label"] for row in now}
    rows = [row for found in grouped(now, "metric").values() for row in found[:MONTHS]]
    changed = [
        r for r in source.build.rows("reported") if r["previous_value"] is not None
    ]
    return {
        "rows": rows,
        "metrics": metrics,
        "months": sorted({row["date_month"] for row in rows}, reverse=True),
        "changed": changed[:MOST_LISTED],
    }


def _data_quality(source: Source) -> dict[str, Any]:
    """One row more than is listed is read, to know whether there are more."""
    rows = rows_to_fix(source.build, MOST_LISTED + 1)
    ids = unmatched_ids(source.build, MOST_LISTED + 1)
    return {
        "manifest": source.build.manifest(),
        "has_reports": source.has_reports,
        "tables": source.build.rows("quality"),
        "rejections": source.build.rows("rejections"),
        "rows": rows[:MOST_LISTED],
        "are_more_rows": len(rows) > MOST_LISTED,
        "options": _options(rows[:MOST_LISTED], "source_table", "reason"),
        "coverage": source.build.rows("identity_coverage"),
        "ids": ids[:MOST_LISTED],
        "are_more_ids": len(ids) > MOST_LISTED,
        "most_downloaded": MOST_ROWS,
    }


def _voice(source: Source) -> dict[str, Any]:
    content = overviews.voice(source, MOST_LISTED)
    asked_for = ("nps_segment", "csm_owner", "current_plan", "industry")
    return {**content, "options": _options(content["follow_ups"], *asked_for)}


def trends(content: dict[str, Any]) -> dict[str, Any]:
    """Drawings of an account's page."""
    trend = content["trend"]
    labels = [formats.month(row["date_month"]) for row in trend]

    def drawn(title: str, key: str, style: str) -> Any:
        if not any(row[key] is not None for row in trend):
            return ""
        series = Series(title, style, floats(trend, key))
        return Chart(title, labels, formats.number, lines=[series], most_labels=5).svg()

    return {
        "health_chart": drawn("Health score", "health_score", "c1"),
        "mrr_chart": drawn("MRR", "mrr", "c1"),
        "usage_chart": drawn("Active users", "active_users", "c1"),
    }


CONTENTS: dict[str, Callable[[Source], dict[str, Any]]] = {
    "index": _index,
    "accounts": _accounts,
    "book": _book,
    "company": overviews.company,
    "forecast": _forecast,
    "movements": _movements,
    "segments": _segments,
    "cohorts": _cohorts,
    "voice": _voice,
    "reported": _reported,
    "data-quality": _data_quality,
}

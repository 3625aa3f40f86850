"""The monthly pack in Excel: it selects from the marts, and computes nothing.

A sheet each for the metrics, MRR movements, cohorts and accounts at risk. Formats go by
unit, headers are frozen, and the definition of every column is beside its sheet, as the
published file has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlsxwriter.exceptions import (  # type: ignore[import-untyped]
    XlsxWriterException,
)

from pipeline.project import InputError
from pipeline.reader import Published
from pipeline.whole_file import whole_file
from pipeline.workbook.sheets import About, Table, write

MONTHS = 13  # of metrics: a year, and the same month of the year before
MOVEMENT_MONTHS = 24
COHORTS = 24

# Ratios of money by money or of flows, which nobody reads as a percentage.
MULTIPLES = {"quick_ratio", "ltv_to_cac", "ltv_to_crc"}

LATEST = "(select latest_complete_month from marts.figures_as_of)"
METRICS = f"""
    select
        catalogue.label, kpi.metric, catalogue.formula, catalogue.unit, kpi.date_month,
        kpi.value, kpi.value_change, kpi.change_is, kpi.lower, kpi.upper,
        kpi.is_small_sample
    from marts.kpi_monthly as kpi
    inner join marts.metric_catalogue as catalogue on kpi.metric = catalogue.metric
    where
        kpi.date_month <= {LATEST}
        and kpi.date_month > {LATEST} - interval {MONTHS} month
    order by kpi.date_month, kpi.metric
"""
COHORT = """
    select cohort_month, cohort_customers, months_since_start, {rate}
    from marts.cohort_retention
    where
        is_complete_month
        and cohort_month > {latest} - interval {cohorts} month
    order by cohort_month, months_since_start
"""


@dataclass(frozen=True)
class Listing:
    """A sheet with the rows of a query, in its order.

    Attributes:
        title: Of the sheet.
        what: Which rows these are, in words.
        columns: Mart and column, and the kind of its format.
        rows: SQL after the selected columns.
        frozen: How many columns stay in view.
    """

    title: str
    what: str
    columns: Sequence[tuple[str, str]]
    rows: str
    frozen: int = 1


MOVEMENTS = Listing(
    "Movements",
    f"MRR and customers of the last {MOVEMENT_MONTHS} complete months",
    [
        ("monthly_churn.date_month", "month"),
        ("monthly_churn.mrr_at_start", "currency"),
        ("monthly_churn.new_mrr", "currency"),
        ("monthly_churn.reactivation_mrr", "currency"),
        ("monthly_churn.expansion_mrr", "currency"),
        ("monthly_churn.contraction_mrr", "currency"),
        ("monthly_churn.churned_mrr", "currency"),
        ("monthly_churn.mrr_at_end", "currency"),
        ("monthly_churn.customers_at_start", "count"),
        ("monthly_churn.new_customers", "count"),
        ("monthly_churn.reactivated_customers", "count"),
        ("monthly_churn.churned_customers", "count"),
        ("monthly_churn.customers_at_end", "count"),
        ("monthly_churn.churn_rate", "ratio"),
        ("monthly_churn.gross_mrr_churn_rate", "ratio"),
        ("monthly_churn.net_mrr_churn_rate", "ratio"),
    ],
    f"""
    from marts.monthly_churn
    where
        date_month <= {LATEST}
        and date_month > {LATEST} - interval {MOVEMENT_MONTHS} month
    order by date_month desc
    """,
)
BY_ACCOUNT = Listing(
    "Movements by account",
    "Each account whose MRR changed in the latest complete month, and why",
    [
        ("customer_360.account_name", "text"),
        ("mrr_movements.account_id", "text"),
        ("customer_360.csm_owner", "text"),
        ("mrr_movements.movement_type", "text"),
        ("mrr_movements.mrr_at_start", "currency"),
        ("mrr_movements.mrr_at_end", "currency"),
        ("mrr_movements.mrr_change", "currency"),
        ("mrr_movements.price_change", "currency"),
        ("mrr_movements.seats_change", "currency"),
        ("mrr_movements.plan_change", "currency"),
        ("mrr_movements.discount_change", "currency"),
        ("mrr_movements.currency_change", "currency"),
        ("mrr_movements.other_change", "currency"),
    ],
    f"""
    from marts.mrr_movements
    left join marts.customer_360
        on mrr_movements.account_id = customer_360.account_id
    where mrr_movements.date_month = {LATEST}
    order by mrr_movements.mrr_change, mrr_movements.account_id
    """,
    frozen=2,
)
AT_RISK = Listing(
    "Accounts at risk",
    "Paying accounts in the red or yellow band, with an open alert or a scheduled"
    " cancellation; the lowest score first",
    [
        ("customer_360.account_name", "text"),
        ("customer_360.account_id", "text"),
        ("customer_360.csm_owner", "text"),
        ("customer_360.current_mrr", "currency"),
        ("customer_360.current_plan", "text"),
        ("customer_360.health_score", "count"),
        ("customer_360.health_band", "text"),
        ("customer_360.top_driver", "text"),
        ("customer_360.next_renewal_on", "date"),
        ("customer_360.cancellation_scheduled_on", "date"),
        ("customer_360.open_alerts", "count"),
        ("customer_360.open_tickets", "count"),
        ("customer_360.overdue_invoices", "count"),
        ("customer_360.nps_segment", "text"),
        ("customer_360.login_ratio", "ratio"),
        ("customer_360.last_login_on", "date"),
    ],
    """
    from marts.customer_360
    where
        current_mrr > 0
        and (
            health_band in ('red', 'yellow')
            or open_alerts > 0
            or cancellation_scheduled_on is not null
        )
    order by health_score nulls last, current_mrr desc, account_id
    """,
    frozen=2,
)


def monthly_pack(target: Path, file: Path | None = None) -> dict[str, int]:
    """Write the monthly pack; the same build gives the same workbook.

    Args:
        target: The workbook; it ends with .xlsx.
        file: The published file; by default where `make publish` puts it.

    Returns:
        How many rows were written, by sheet.

    Raises:
        InputError: Nothing is published, the published build is from an older version,
            or the workbook cannot be written.
    """
    if target.suffix != ".xlsx":
        raise InputError(f"{target} does not end with .xlsx, as a workbook does.")
    with Published(file) as published:
        try:
            manifest, about, tables = _read(published)
        except FileNotFoundError as error:
            raise InputError(str(error)) from None
        if published.manifest() != manifest:
            raise InputError("Another build was published meanwhile: export again.")
    try:
        with whole_file(target) as unfinished:
            write(unfinished, about, tables)
    except (OSError, XlsxWriterException) as error:
        cause = error.args[0] if error.args else error  # XlsxWriter wraps it
        reason = getattr(cause, "strerror", None) or error
        raise InputError(f"{target} cannot be written: {reason}.") from None
    return {table.title: len(table.rows) for table in tables}


# -- what is in it ---------------------------------------------------------------------


def _read(published: Published) -> tuple[Mapping[str, Any], About, list[Table]]:
    manifest = published.manifest()
    found = published.query(
        "select as_of_date, latest_complete_month, note from marts.figures_as_of"
    ).fetchall()
    marts = published.marts()
    if not found or "metric_catalogue" not in marts:
        raise InputError("The published build is from an older version: publish again.")
    [(as_of, month, note)] = found
    about = About(as_of, month, note, str(manifest.get("build_id", "not known")))
    comments = {
        f"{mart}.{column}": description
        for mart in marts
        for column, description in published.columns(mart).items()
    }
    tables = [
        _metrics(published),
        _listing(published, MOVEMENTS, comments),
        _listing(published, BY_ACCOUNT, comments),
        _cohorts(published, comments, "Customer cohorts", "customer_retention_rate"),
        _cohorts(published, comments, "MRR cohorts", "mrr_retention_rate"),
        _listing(published, AT_RISK, comments),
    ]
    return manifest, about, tables


def _metrics(published: Published) -> Table:
    """One row per metric, one column per month."""
    rows = published.query(METRICS).fetchall()
    months = sorted({row[4] for row in rows})
    values = {(row[1], row[4]): row for row in rows}
    order = published.query("select metric from marts.metric_catalogue").fetchall()
    table = Table(
        "Metrics",
        f"The last {MONTHS} complete months; change, interval and sample of the last",
        [
            *(("Metric", "text"), ("Definition", "text"), ("Unit", "text")),
            *((month, "count") for month in months),
            *(("Change", "count"), ("Which is", "text")),
            *(("95% from", "count"), ("95% to", "count"), ("Small sample", "text")),
        ],
        [],
    )
    for (metric,) in order:
        of_metric = [values[metric, m] for m in months if (metric, m) in values]
        if not of_metric:
            continue
        label, _, formula, unit = of_metric[-1][:4]
        last: Sequence[Any] = values.get((metric, months[-1])) or [None] * 11
        row = [
            *(label, formula, unit),
            *(values[metric, m][5] if (metric, m) in values else None for m in months),
            *(last[6], last[7], last[8], last[9], "yes" if last[10] else None),
        ]
        kind = "multiple" if metric in MULTIPLES else unit
        for column in range(3, len(row)):
            table.kinds[len(table.rows), column] = kind
        table.rows.append(row)
    return table


def _listing(
    published: Published, listing: Listing, comments: Mapping[str, str]
) -> Table:
    names = [name for name, _ in listing.columns]
    rows = published.query(f"select {', '.join(names)} {listing.rows}").fetchall()
    heads = [(_head(name), kind) for name, kind in listing.columns]
    definitions = [(_head(name), comments.get(name, "")) for name in names]
    return Table(
        listing.title, listing.what, heads, [*rows], definitions, frozen=listing.frozen
    )


def _cohorts(
    published: Published, comments: Mapping[str, str], title: str, rate: str
) -> Table:
    """One row per cohort, one column per month since its start."""
    query = COHORT.format(rate=rate, latest=LATEST, cohorts=COHORTS)
    cells: dict[Any, dict[int, float]] = {}
    sizes: dict[Any, int] = {}
    for cohort, size, age, value in published.query(query).fetchall():
        sizes[cohort] = size
        cells.setdefault(cohort, {})[age] = value
    ages = sorted({age for of_cohort in cells.values() for age in of_cohort})
    mart = "cohort_retention"
    columns = ["cohort_month", "cohort_customers", "months_since_start", rate]
    return Table(
        title,
        f"{_head(rate)} of the last {COHORTS} cohorts, by months since the start",
        [
            *(("Cohort month", "month"), ("Cohort customers", "count")),
            *((f"{age}", "ratio") for age in ages),
        ],
        [
            [cohort, sizes[cohort], *(of_cohort.get(age) for age in ages)]
            for cohort, of_cohort in cells.items()
        ],
        [(_head(name), comments.get(f"{mart}.{name}", "")) for name in columns],
        frozen=2,
        shaded_from=2,
    )


def _head(name: str) -> str:
    """`monthly_churn.new_mrr` as a header: New MRR."""
    words = name.rpartition(".")[2].replace("_", " ")
    words = re.sub(r"\b(mrr|nps|csm|id)\b", lambda found: found[0].upper(), words)
    return words[0].upper() + words[1:]

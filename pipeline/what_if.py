"""What other weights of the health score would change, on a copy of the last build.

The copy's health models are built by dbt with these weights, by the same SQL: nothing
is computed here, and nothing of it is published.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from pipeline.console import display_path
from pipeline.dbt_run import run_dbt
from pipeline.exit_codes import BUILD_FAILED
from pipeline.finished_build import built_warehouse
from pipeline.project import ROOT, InputError
from pipeline.raw.var_values import check_weights
from pipeline.settings import Settings
from pipeline.sql import sql_text

MODELS = (
    *("int_account_health", "int_health_changes", "account_health"),
    *("int_health_outcomes", "int_calibration_months", "int_health_weights"),
    "health_calibration",
)
FOLDER = ROOT / "build" / "what_if"
ACCOUNTS_SHOWN = 20


def health_what_if(console: Console, text: str, settings: Settings) -> int:
    """Build the health score with other weights, and print who changes band.

    Args:
        console: Where to print.
        text: The weights, as `usage=50,billing=20,support=20,nps=10`.
        settings: Where the last build is.

    Returns:
        The exit code.

    Raises:
        InputError: The weights are no weights, or there is no build.
    """
    weights = read_weights(text)
    built = built_warehouse(settings)
    FOLDER.mkdir(parents=True, exist_ok=True)
    copy = FOLDER / built.name  # views hold the database's name: it stays
    shutil.copyfile(built, copy)
    try:
        done = run_dbt(
            console,
            *("run", "--select", *MODELS),
            database=copy,
            artifacts=FOLDER / "target",
            config={"health_weights": dict(weights)},
        )
        if not done:
            console.print(
                f"If a table is missing, {display_path(built)} is of an older version:"
                " run `make build`."
            )
            return BUILD_FAILED
        _report(console, built, copy, weights)
    finally:
        copy.unlink(missing_ok=True)
    return 0


def read_weights(text: str) -> dict[str, float]:
    """The weights by component.

    Raises:
        InputError: The text says something else.
    """
    weights: dict[str, Any] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        try:
            number = float(value)
        except ValueError:
            raise InputError(
                f"WEIGHTS: `{part.strip()}` is not like `usage=40`. Give all four, such"
                " as WEIGHTS=usage=50,billing=20,support=20,nps=10."
            ) from None
        weights[name.strip()] = int(number) if number.is_integer() else number
    if problems := check_weights(weights):
        raise InputError("WEIGHTS: " + " ".join(one.message for one in problems))
    return weights


def _report(
    console: Console, before: Path, after: Path, weights: Mapping[str, float]
) -> None:
    with duckdb.connect() as connection:
        for name, file in (("before", before), ("after", after)):
            connection.execute(f"attach {sql_text(file)} as {name} (read_only)")
        moved = connection.execute(MOVED).fetchall()
        [[accounts]] = connection.execute(SCORED).fetchall()
        areas = connection.execute(AREAS).fetchall()
    given = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
    console.print(f"With {given}:", highlight=False)
    console.print(f"{len(moved)} of {accounts} accounts change band.", highlight=False)
    if moved:
        table = Table()
        for title in ("account", "MRR", "score", "with these", "band", "with these"):
            table.add_column(title, justify="left" if title == "account" else "right")
        for account, mrr, *others in moved[:ACCOUNTS_SHOWN]:
            shown = ("none" if one is None else str(one) for one in others)
            table.add_row(account, f"{mrr:,.2f}", *shown)
        console.print(table)
        if len(moved) > ACCOUNTS_SHOWN:
            console.print(f"… and {len(moved) - ACCOUNTS_SHOWN} more, by MRR.")
    for when, area, lower, upper in areas:
        if area is not None:
            console.print(
                f"AUC {when}: {area:.3f} ({lower:.3f} to {upper:.3f})", highlight=False
            )
    console.print(
        "The AUC is over the last 12 months whose outcomes are known"
        " (marts.health_calibration). Within its interval, no weights are better than"
        " others. To use these, set var health_weights."
    )


MOVED = """
    select
        old.account_id,
        old.mrr,
        old.health_score,
        new.health_score,
        old.health_band,
        new.health_band
    from before.marts.account_health as old
    inner join after.marts.account_health as new using (account_id, date_month)
    where
        date_month = (select max(date_month) from before.marts.account_health)
        and old.health_band is distinct from new.health_band
    order by old.mrr desc, account_id
"""
SCORED = """
    select count(*)
    from before.marts.account_health
    where date_month = (select max(date_month) from before.marts.account_health)
"""
AREAS = """
    select 'now', auc, auc_lower, auc_upper
    from before.marts.health_calibration
    where segment_type = 'all' and weights_id = 'current'
    union all
    select 'with these weights', auc, auc_lower, auc_upper
    from after.marts.health_calibration
    where segment_type = 'all' and weights_id = 'current'
"""

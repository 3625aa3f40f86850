"""docs/tour.md: its queries, with the results shown below them.

`python -m tests.project.tour build/warehouse.duckdb` writes the results of a build of
the demo into the page.
"""

from __future__ import annotations

import re
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tour.md"
# a query, and the table below it
STEP = re.compile(
    r"```sql\n(?P<query>.*?)```\n\n(?P<table>(?:\|[^\n]*\n)*)\n*", re.DOTALL
)


def text(value: object) -> str:
    """A value as the page shows it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return (
            f"{value:,.2f}" if value >= 1000 else f"{value:.4f}".rstrip("0").rstrip(".")
        )
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("|", "\\|")


def result(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The rows of a query as a Markdown table."""
    found = connection.execute(query)
    columns = [column[0] for column in found.description or []]
    rows = [columns, ["---"] * len(columns)]
    rows += [[text(value) for value in row] for row in found.fetchall()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def with_results(page: str, database: Path) -> str:
    """The page with the results of this database."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return STEP.sub(
            lambda step: (
                f"```sql\n{step['query']}```\n\n{result(connection, step['query'])}\n"
            ),
            page,
        )


if __name__ == "__main__":
    PAGE.write_text(with_results(PAGE.read_text("utf-8"), Path(sys.argv[1])), "utf-8")

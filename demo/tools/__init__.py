"""The demo's company as its tools have it: the sources demo.

The same story as `demo/generate.py`, in the tables and columns in which Fivetran lands
Stripe, HubSpot, Zendesk, Segment and Delighted, so that what the models of sources make
of them can be compared with the demo's own tables.
"""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

from demo.tools.billing import stripe
from demo.tools.crm import hubspot
from demo.tools.story import Record, story
from demo.tools.support import zendesk
from demo.tools.usage import segment
from demo.tools.voice import delighted

# Tables of the contract that no tool has: a team keeps them itself.
DELIVERED = ("costs", "referrals", "account_notes", "exchange_rates")
PACKED = 20_000  # rows: longer files are gzipped


def generate(folder: Path, seed: int = 20240101) -> dict[str, int]:
    """Write the sources demo: `<source>/<table>.csv`, and what no source has.

    Args:
        folder: Output folder; created if missing.
        seed: As of the demo.

    Returns:
        Rows per file.
    """
    tables = story(seed)
    files = {table: tables[table] for table in DELIVERED}
    for tool in (stripe, hubspot, zendesk, segment, delighted):
        files |= tool(tables)
    for name, rows in files.items():
        _write(folder, name, rows)
    return {name: len(rows) for name, rows in files.items()}


def _write(folder: Path, name: str, rows: list[Record]) -> None:
    path = folder / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    if len(rows) > PACKED:
        path = path.with_name(f"{path.name}.gz")
        data = gzip.compress(data, mtime=0)
    path.write_bytes(data)

"""Compares a built database with the independent metrics, mart by mart.

python -m tests.oracle --raw FOLDER [--prefix raw_] --database FILE
    --as-of DATE [--marts a,b] [--tz UTC] [--config '{"small_sample_size": 5}']

Without a database it prints the number of rows of each mart, with --rows the rows too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from .compare import MARTS, compare
from .entities import context
from .rows import accept, read_csv_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """One line per mart that agrees, and what differs in the others."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle")
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--database", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat, required=True)
    parser.add_argument("--marts", help="names, with commas between; all by default")
    parser.add_argument("--tz", default="UTC", help="the reporting time zone")
    parser.add_argument("--config", type=json.loads, default={}, help="vars, as JSON")
    parser.add_argument("--rows", action="store_true", help="prints them, too")
    given = parser.parse_args(arguments)

    accepted = accept(read_csv_folder(given.raw, given.prefix), given.config)
    ctx = context(accepted, given.as_of, given.tz, given.config)
    wrong = 0
    for mart in given.marts.split(",") if given.marts else MARTS:
        function, keys = MARTS[mart]
        rows = function(ctx)
        if given.database is None:
            print(f"{mart}: {len(rows)} rows")
            for row in rows if given.rows else ():
                print("    " + ", ".join(f"{k}={v}" for k, v in row.items()))
            continue
        try:
            differences = compare(given.database, mart, rows, keys)
        except duckdb.CatalogException:  # must not hide the others
            differences = [f"{mart}: the mart is not there"]
        wrong += bool(differences)
        print(f"{mart}: ok {len(rows)} rows" if not differences else f"{mart}: DIFFERS")
        for difference in differences:
            print(f"    {difference}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

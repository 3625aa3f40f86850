"""Where tables are objects of a bucket."""

from __future__ import annotations

import duckdb

from pipeline.project import InputError
from pipeline.raw.context import InspectionContext, reached
from pipeline.raw.csv_files import inspect_remote_csv
from pipeline.raw.error_messages import BUCKET_REASONS, reason
from pipeline.raw.findings import Finding, Problem
from pipeline.raw.json_files import inspect_remote_json
from pipeline.raw.missing_tables import report_missing
from pipeline.raw.parquet_files import describe_parquet
from pipeline.raw.text import without_credentials
from pipeline.sql import glob_text


def inspect_bucket(context: InspectionContext, location: str) -> list[Problem]:
    """A bucket prefix, through DuckDB; the same names as in a folder."""
    message = ""
    try:
        with reached(context):
            context.connection.execute("set http_retries = 1; set http_timeout = 10")
            for table in context.contract.values():
                finding = context.start(table)
                if not context.is_left_out(finding):
                    find_objects(context, finding, f"{location}/{table.name}")
    except InputError as error:
        message = str(error)
    except duckdb.Error as error:
        message = f"it cannot be listed: {reason(str(error), BUCKET_REASONS)}"
    if not message:
        return []
    context.findings.clear()
    where = f"RAW_LOCATION {without_credentials(location)}"
    return [Problem(where, "unreachable", message)]


def find_objects(context: InspectionContext, finding: Finding, stem: str) -> None:
    """One table in a bucket."""
    found: dict[str, list[str]] = {}
    for end in (".parquet", "/**/*.parquet", ".csv", ".csv.gz", ".jsonl"):
        query = "select file from glob(?) order by file"
        # without a wildcard, here [.], DuckDB takes the name for an object's unasked
        pattern = glob_text(stem) + end.replace(".", "[.]")
        if rows := context.connection.execute(query, [pattern]).fetchall():
            found[end] = [row[0] for row in rows]
    name = finding.table.name
    if len(found) > 1:
        both = " and ".join(f"`{name}{end}`" for end in found)
        finding.add("two_sources", f"both {both} are there. Keep one.")
    elif not found:
        folder = stem.rpartition("/")[0]
        files = context.connection.execute(
            "select file from glob(?)", [f"{glob_text(folder)}/*"]
        )
        names = [row[0].rpartition("/")[2] for row in files.fetchall()]
        report_missing(context, finding, f"in {folder}", names, is_file=True)
    else:
        end = next(iter(found))
        finding.where = stem + end
        if end == ".jsonl":
            inspect_remote_json(context, finding, glob_text(stem) + end)
        elif end.startswith(".csv"):
            inspect_remote_csv(context, finding, glob_text(stem) + end)
        else:
            describe_parquet(context, finding, found[end], glob_text(stem) + end)

"""Where tables are objects of a bucket."""

from __future__ import annotations

import duckdb

from pipeline.inputs.absence import not_there
from pipeline.inputs.csv_files import look_at_remote_csv
from pipeline.inputs.findings import Finding, Problem
from pipeline.inputs.look import Look, reached
from pipeline.inputs.parquet_files import describe_parquet
from pipeline.inputs.reasons import BUCKET_REASONS, reason
from pipeline.inputs.words import glob_text, shown
from pipeline.project import InputError


def look_in_bucket(look: Look, location: str) -> list[Problem]:
    """A bucket prefix, through DuckDB; the same names as in a folder."""
    message = ""
    try:
        with reached(look):
            look.connection.execute("set http_retries = 1; set http_timeout = 10")
            for table in look.contract.values():
                look_for_objects(look, look.start(table), f"{location}/{table.name}")
    except InputError as error:
        message = str(error)
    except duckdb.Error as error:
        message = f"it cannot be listed: {reason(str(error), BUCKET_REASONS)}"
    if not message:
        return []
    look.findings.clear()
    return [Problem(f"RAW_LOCATION {shown(location)}", "unreachable", message)]


def look_for_objects(look: Look, finding: Finding, stem: str) -> None:
    """One table in a bucket."""
    found: dict[str, list[str]] = {}
    for end in (".parquet", "/**/*.parquet", ".csv"):
        query = "select file from glob(?) order by file"
        # without a wildcard, here [.], DuckDB takes the name for an object's unasked
        pattern = glob_text(stem) + end.replace(".", "[.]")
        if rows := look.connection.execute(query, [pattern]).fetchall():
            found[end] = [row[0] for row in rows]
    name = finding.table.name
    if len(found) > 1:
        both = " and ".join(f"`{name}{end}`" for end in found)
        finding.add("two_sources", f"both {both} are there. Keep one.")
    elif not found:
        folder = stem.rpartition("/")[0]
        files = look.connection.execute(
            "select file from glob(?)", [f"{glob_text(folder)}/*"]
        )
        names = [row[0].rpartition("/")[2] for row in files.fetchall()]
        not_there(look, finding, f"in {folder}", names, is_file=True)
    else:
        end = next(iter(found))
        finding.where = stem + end
        if end == ".csv":
            look_at_remote_csv(look, finding, glob_text(stem) + end)
        else:
            describe_parquet(look, finding, found[end], glob_text(stem) + end)

"""Where tables are files: the demo's folder, or the user's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pipeline.console import display_path
from pipeline.project import ROOT
from pipeline.raw.context import InspectionContext
from pipeline.raw.csv_files import inspect_csv
from pipeline.raw.findings import Finding, Problem
from pipeline.raw.json_files import inspect_json
from pipeline.raw.missing_tables import report_missing
from pipeline.raw.parquet_files import inspect_parquet
from pipeline.raw.text import did_you_mean, without_credentials
from pipeline.sql import glob_text

ENDINGS = (".csv", ".csv.gz", ".jsonl", ".parquet")  # and a folder of Parquet files


def inspect_folder(context: InspectionContext, location: str) -> list[Problem]:
    """A folder of the user's; a table is a file in it, or a folder of Parquet files.

    Returns:
        What is wrong with the folder itself; then no table is looked for.
    """
    folder = ROOT / Path(location).expanduser()

    def unfit(rule: str, message: str) -> list[Problem]:
        return [Problem(f"RAW_LOCATION {without_credentials(location)}", rule, message)]

    try:
        if not folder.exists():
            near = ""
            if folder.parent.is_dir():
                siblings = [path.name for path in folder.parent.iterdir()]
                near = did_you_mean(folder.name, siblings)
            return unfit(
                "missing_folder",
                f"there is no {folder}.{near} Give the folder with your tables; a"
                " relative path starts at the project's root.",
            )
        if not folder.is_dir():
            return unfit(
                "not_a_folder",
                f"it is a file. Give its folder, {display_path(folder.parent)}; for a"
                " database set RAW_DATABASE instead.",
            )
        entries = sorted(path.name for path in folder.iterdir())
    except PermissionError:
        return unfit(
            "no_permission", "the folder may not be listed. Grant read permission."
        )
    except OSError as error:
        return unfit("unreachable", f"the folder cannot be read: {error.strerror}.")
    for table in context.contract.values():
        finding = context.start(table)
        if not context.is_left_out(finding):
            find_files(context, finding, folder, entries)
    return []


def find_files(
    context: InspectionContext, finding: Finding, folder: Path, entries: Sequence[str]
) -> None:
    """One table in a folder; exactly one file or folder of its name is expected."""
    name = finding.table.name
    parts = folder / name
    part_files: list[Path] = []
    candidates = [
        folder / f"{name}{end}" for end in ENDINGS if f"{name}{end}" in entries
    ]
    is_folder = parts.name in entries and parts.is_dir()
    if is_folder:
        finding.where = display_path(parts)
        part_files = list_parts(context, finding, parts)
        if part_files:
            candidates.append(parts)
    if len(candidates) > 1:
        finding.where = name
        all_ = " and ".join(f"`{path.name}`" for path in candidates)
        both = "both" if len(candidates) == 2 else "all of"
        finding.add("two_sources", f"{both} {all_} are there. Keep one.")
    elif candidates == [parts]:
        pattern = glob_text(parts) + "/**/*.parquet"
        inspect_parquet(context, finding, part_files, pattern)
    elif candidates:
        inspect_file(context, finding, candidates[0])
    elif is_folder:
        if not finding.problems:
            finding.add(
                "missing_table",
                "the folder has no Parquet file (*.parquet); in folders only these are"
                f" read. Put them there, or name a single file `{name}.csv`.",
            )
    else:
        report_missing(
            context, finding, f"in {display_path(folder)}", entries, is_file=True
        )


def inspect_file(context: InspectionContext, finding: Finding, path: Path) -> None:
    """The one file of a table, by what its name says that it is."""
    finding.where = display_path(path)
    if path.suffix == ".jsonl":
        inspect_json(context, finding, path)
    elif path.suffix != ".parquet":
        inspect_csv(context, finding, path)
    elif path.is_dir():
        finding.add(
            "not_a_file",
            "it is a folder. For a table in several files, name it"
            f" `{finding.table.name}`.",
        )
    else:
        inspect_parquet(context, finding, [path], glob_text(path))


def list_parts(
    context: InspectionContext, finding: Finding, folder: Path
) -> list[Path]:
    """The Parquet files of a folder that are read; reports those that are not."""
    there: list[Path] = []

    def refused(error: OSError) -> None:
        where = display_path(Path(error.filename or folder))
        finding.add("no_permission", f"{where} may not be listed: {error.strerror}.")

    for place, folders, files in os.walk(folder, onerror=refused):
        there += (Path(place) / file for file in files if file.endswith(".parquet"))
        for name in folders:
            path = Path(place) / name
            if path.is_symlink():
                finding.add(
                    "linked_folder",
                    f"{display_path(path)} is a link to a folder, and DuckDB does not"
                    " follow it. Put the folder itself there, or link its files.",
                )
            elif name.endswith(".parquet"):
                finding.add(
                    "not_a_file",
                    f"{display_path(path)} is a folder. Name it without `.parquet`.",
                )
    return sorted(there)

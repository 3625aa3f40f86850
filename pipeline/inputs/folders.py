"""Where tables are files: the demo's seeds, or a folder of the user's."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.inputs.absence import not_there
from pipeline.inputs.csv_files import look_at_csv
from pipeline.inputs.findings import Finding, Problem
from pipeline.inputs.look import Look
from pipeline.inputs.parquet_files import look_at_parquet
from pipeline.inputs.words import did_you_mean, glob_text, shown, shown_path
from pipeline.project import ROOT

SEEDS = ROOT / "seeds" / "raw"


def look_at_seeds(look: Look, absent: Iterable[str]) -> None:
    """The demo: dbt needs every seed, also of a table that is to be left out."""
    for table in look.contract.values():
        finding = look.start(table)
        path = SEEDS / f"raw_{table.name}.csv"
        finding.where = shown_path(path)
        if not os.path.lexists(path):
            finding.add(
                "missing_table",
                "the demo's file is not there. Restore it, or make the demo data anew"
                " with `make demo-data`.",
            )
            continue
        if table.name in absent:
            finding.remark = "left out by var absent_tables"
        look_at_csv(look, finding, path)


def look_in_folder(look: Look, location: str) -> list[Problem]:
    """A folder of the user's; a table is a file in it, or a folder of Parquet files.

    Returns:
        What is wrong with the folder itself; then no table is looked for.
    """
    folder = ROOT / Path(location).expanduser()

    def unfit(rule: str, message: str) -> list[Problem]:
        return [Problem(f"RAW_LOCATION {shown(location)}", rule, message)]

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
                f"it is a file. Give its folder, {shown_path(folder.parent)}; for a"
                " database set RAW_DATABASE instead.",
            )
        entries = sorted(path.name for path in folder.iterdir())
    except PermissionError:
        return unfit(
            "no_permission", "the folder may not be listed. Grant read permission."
        )
    except OSError as error:
        return unfit("unreachable", f"the folder cannot be read: {error.strerror}.")
    for table in look.contract.values():
        finding = look.start(table)
        look_for_files(look, finding, folder, entries)
    return []


def look_for_files(
    look: Look, finding: Finding, folder: Path, entries: Sequence[str]
) -> None:
    """One table in a folder; exactly one file or folder of its name is expected."""
    name = finding.table.name
    csv, parquet, parts = (folder / f"{name}{end}" for end in (".csv", ".parquet", ""))
    part_files: list[Path] = []
    candidates = [path for path in (csv, parquet) if path.name in entries]
    is_folder = parts.name in entries and parts.is_dir()
    if is_folder:
        finding.where = shown_path(parts)
        part_files = list_parts(look, finding, parts)
        if part_files:
            candidates.append(parts)
    if len(candidates) > 1:
        finding.where = name
        both = " and ".join(f"`{path.name}`" for path in candidates)
        finding.add("two_sources", f"both {both} are there. Keep one.")
    elif candidates == [parts]:
        look_at_parquet(look, finding, part_files, glob_text(parts) + "/**/*.parquet")
    elif candidates == [csv]:
        finding.where = shown_path(csv)
        look_at_csv(look, finding, csv)
    elif candidates == [parquet]:
        finding.where = shown_path(parquet)
        if parquet.is_dir():
            finding.add(
                "not_a_file",
                f"it is a folder. For a table in several files, name it `{name}`.",
            )
        else:
            look_at_parquet(look, finding, [parquet], glob_text(parquet))
    elif is_folder:
        if not finding.problems:
            finding.add(
                "missing_table",
                "the folder has no Parquet file (*.parquet); in folders only these are"
                f" read. Put them there, or name a single file `{name}.csv`.",
            )
    else:
        not_there(look, finding, f"in {shown_path(folder)}", entries, is_file=True)


def list_parts(look: Look, finding: Finding, folder: Path) -> list[Path]:
    """The Parquet files of a folder that are read; those that would not be are told."""
    there: list[Path] = []

    def refused(error: OSError) -> None:
        where = shown_path(Path(error.filename or folder))
        finding.add("no_permission", f"{where} may not be listed: {error.strerror}.")

    for place, folders, files in os.walk(folder, onerror=refused):
        there += (Path(place) / file for file in files if file.endswith(".parquet"))
        for name in folders:
            path = Path(place) / name
            if path.is_symlink():
                finding.add(
                    "linked_folder",
                    f"{shown_path(path)} is a link to a folder, and DuckDB does not"
                    " follow it. Put the folder itself there, or link its files.",
                )
            elif name.endswith(".parquet"):
                finding.add(
                    "not_a_file",
                    f"{shown_path(path)} is a folder. Name it without `.parquet`.",
                )
    return sorted(there)

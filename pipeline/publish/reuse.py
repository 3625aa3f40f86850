"""What `make build` finished becomes the candidate, if a publish would make the same.

It would where inputs, models, settings and as-of date are the same, and where the event
days that are final are those of the published build, which a publish continues.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from filelock import Timeout

from pipeline import finished_build
from pipeline.build_lock import lock_of
from pipeline.console import display_path
from pipeline.finished_build import EVENT_TABLES, Record
from pipeline.publish.paths import DATABASE
from pipeline.settings import Settings, as_of_date
from pipeline.sql import sql_text
from quality.results import Gate, GateResult

# Columns that say which build wrote a row.
WRITTEN_BY = ("validated_as_of", "input_fingerprint", "is_from_full_build")


class _NotReusableError(Exception):
    """The finished build cannot be published; the message says why, in half a line."""


def reuse(
    candidate: Path,
    published: Path | None,
    config: Mapping[str, Any],
    settings: Settings,
    artifacts: Path,
    *,
    full_refresh: bool,
) -> tuple[dict[Gate, GateResult] | None, str]:
    """Copy the finished build to the candidate, and its artifacts to their folder.

    Args:
        candidate: The file to make.
        published: The private file of the published build; None where there is none.
        config: The vars of `dbt_project.yml`.
        settings: For the database, the as-of date and the raw data.
        artifacts: Folder of the publish's artifacts.
        full_refresh: Whether all is to be built from scratch.

    Returns:
        What the gates found when it was built, or None where the publish has to build;
        and a line that says which, and why.
    """
    database = settings.duckdb_path
    file = display_path(database)
    try:
        if full_refresh:
            raise _NotReusableError("--full-refresh")
        if not database.exists():
            raise _NotReusableError(f"there is no {file} to use")
        with lock_of(database):
            record = _matching(database, config, settings)
            shutil.copyfile(database, candidate)
            if finished_build.file_version(database) != record.database:
                raise _NotReusableError(_is_other(database))
            if published and published.exists():
                _check_final_days(candidate, published, config, settings)
            folder = finished_build.folder_of(database)
            finished_build.copy_artifacts(folder, folder / "quality", artifacts)
    except _NotReusableError as error:
        reason = str(error)
    except Timeout:
        reason = f"a build of {file} is running"
    else:
        return dict(record.gates), (
            f"Not built again: {file} was built from the same inputs, models and"
            " settings, and both gates passed."
        )
    candidate.unlink(missing_ok=True)
    return None, f"Builds all layers: {reason}."


def _matching(database: Path, config: Mapping[str, Any], settings: Settings) -> Record:
    """The record of the build, if it was made from what there is now."""
    file = display_path(database)
    if database.name != DATABASE:
        raise _NotReusableError(f"{file} is not named {DATABASE}, which its views hold")
    record = finished_build.read(database)
    if record is None or database.with_name(f"{database.name}.wal").exists():
        raise _NotReusableError(_is_other(database))
    if record.failed:
        raise _NotReusableError(f"the last build of {file} failed")
    now = finished_build.fingerprint(
        as_of_date(config, settings), config, settings, salt=record.salt
    )
    if found := finished_build.difference(record.made_from, now):
        raise _NotReusableError(f"{file} cannot be used: {found}")
    if not record.reads_all_events:
        raise _NotReusableError(
            f"{file} has event days that an earlier build read, of other inputs or "
            "rules (python -m pipeline build --full-refresh reads all)"
        )
    return record


def _check_final_days(
    candidate: Path, published: Path, config: Mapping[str, Any], settings: Settings
) -> None:
    """Refuse a build that changes days which a publish would leave as they are."""
    late_days = int(config["late_arrival_days"])
    with duckdb.connect() as connection:
        for name, file in (("candidate", candidate), ("published", published)):
            connection.execute(f"attach {sql_text(file)} as {name} (read_only)")
        for table in EVENT_TABLES:
            if _differ(connection, table, late_days, as_of_date(config, settings)):
                raise _NotReusableError(
                    f"{display_path(settings.duckdb_path)} has other events on days"
                    " that are final in the published build"
                )


def _differ(
    connection: duckdb.DuckDBPyConnection, table: str, late_days: int, as_of: date
) -> bool:
    def one(query: str) -> Any:
        row = connection.execute(query).fetchone()
        return row[0] if row and len(row) == 1 else row

    columns = {
        name: one(
            "select list(column_name order by column_name) from duckdb_columns()"
            f" where database_name = '{name}'"
            f" and schema_name || '.' || table_name = '{table}'"
        )
        for name in ("candidate", "published")
    }
    if not columns["published"] or "input_fingerprint" not in columns["published"]:
        return False  # the publish would start from scratch
    made_from = {
        name: one(f"select list(distinct input_fingerprint) from {name}.{table}")
        for name in ("candidate", "published")
    }
    if made_from["candidate"] != made_from["published"]:
        return False  # as well
    if columns["candidate"] != columns["published"]:
        return True
    last = one(f"select max(validated_as_of) from published.{table}")
    if last is None:
        return False
    open_from = min(last, as_of) - timedelta(days=late_days)
    compared = ", ".join(
        f'"{name}"' for name in columns["candidate"] if name not in WRITTEN_BY
    )
    contents = {
        name: one(
            f"select count(*), sum(hash({compared})) from {name}.{table}"
            f" where date_day < date '{open_from}'"
        )
        for name in ("candidate", "published")
    }
    return bool(contents["candidate"] != contents["published"])


def _is_other(database: Path) -> str:
    return f"{display_path(database)} is not as `make build` finished it"

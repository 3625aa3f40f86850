"""Snapshots of a build: with each publish of your own data, and by command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from filelock import Timeout
from rich.console import Console

from pipeline.build_lock import lock_of
from pipeline.console import display_path, print_line, print_step
from pipeline.exit_codes import INPUTS_FAILED, LOCKED
from pipeline.history.file import HistoryError, history_path, read_last_snapshot
from pipeline.history.snapshots import snapshot
from pipeline.project import InputError, project_vars
from pipeline.publish.lock import LockedError, publisher_lock
from pipeline.publish.paths import PublishPaths
from pipeline.raw.locate import raw_origin
from pipeline.raw.sources import history_origin
from pipeline.settings import Settings, as_of_date, read_settings, uses_demo_data


class SnapshotLostError(Exception):
    """The build is published, but its snapshot could not be kept."""


def take_snapshot(
    console: Console, *, accept_new_origin: bool = False, wait: float = 0
) -> int:
    """Take a snapshot of what `make build` built, the demo too.

    Returns:
        0; 3 where there is no build, or its snapshot does not fit the history; 6 if a
        publish or a build is running.
    """
    config, settings = project_vars(), read_settings()
    database = settings.duckdb_path
    print_step(console, "snapshot", display_path(database))
    paths = PublishPaths.of(settings)
    try:
        paths.make()
        with publisher_lock(paths.readers, wait):
            file = _file(config, settings)
            if not database.exists():
                raise InputError(
                    f"{display_path(database)} is not there: run `make build` first."
                )
            # It is only read, and stays as `make build` finished it.
            with lock_of(database):
                as_of, origin = _built(database, config, settings)
                with snapshot(
                    file, database, as_of, origin, accept_new_origin=accept_new_origin
                ) as taken:
                    pass
    except LockedError as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return LOCKED
    except (Timeout, duckdb.IOException) as error:
        console.print(
            f"{display_path(database)} is being built, or open in another program:"
            f" {str(error).splitlines()[0]} No snapshot was taken.",
            markup=False,
            soft_wrap=True,
        )
        return LOCKED
    except (HistoryError, InputError) as error:
        console.print(
            f"FAILED  {error} No snapshot was taken.", markup=False, soft_wrap=True
        )
        return INPUTS_FAILED
    for line in taken.lines(file):
        print_line(console, line)
    return 0


@contextmanager
def published_snapshot(
    console: Console,
    config: Mapping[str, Any],
    candidate: Path,
    accept_new_origin: bool,
) -> Iterator[None]:
    """A snapshot of a candidate, kept if the `with` block publishes it.

    There is none of the demo, of a build as of an earlier date than the last one, nor
    of data from another place than the history's, unless that is accepted.

    Raises:
        HistoryError: It cannot be taken; nothing was published.
        SnapshotLostError: The build was published, its snapshot could not be kept.
    """
    settings = read_settings()
    file = history_path(config, settings)
    if file is None or uses_demo_data(config, settings):
        yield
        return
    as_of = as_of_date(config, settings)
    last = read_last_snapshot(file)
    if last and as_of < last.as_of_date:
        console.print(
            f"No snapshot: the last one is as of {last.as_of_date}, which is later.",
            highlight=False,
        )
        yield
        return
    origin = _origin(config, settings)
    if last and last.origin != origin and not accept_new_origin:
        console.print(
            f"No snapshot: the history in {display_path(file)} is of {last.origin}. If"
            " the data has moved here, publish once with --accept-new-origin (make"
            " publish MOVED=yes); else give it a history of its own: HISTORY_PATH.",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        yield
        return
    is_published = False
    try:
        with snapshot(
            file, candidate, as_of, origin, accept_new_origin=accept_new_origin
        ) as taken:
            yield
            is_published = True
    except duckdb.Error as error:
        if not is_published:
            raise
        raise SnapshotLostError(
            "The build is published, but its snapshot could not be kept in"
            f" {display_path(file)}: {str(error).splitlines()[0]}. Is the disk full?"
            " The next publish takes it."
        ) from None
    for line in taken.lines(file):
        print_line(console, line)


def _file(config: Mapping[str, Any], settings: Settings) -> Path:
    file = history_path(config, settings)
    if file is None:
        raise InputError("var history_path is null: there is no file for snapshots.")
    return file


def _origin(config: Mapping[str, Any], settings: Settings) -> str:
    return history_origin(raw_origin(config, settings), config)


def _built(
    database: Path, config: Mapping[str, Any], settings: Settings
) -> tuple[date, str]:
    """The as-of date of a build, and where its data comes from."""
    with duckdb.connect(str(database), read_only=True) as connection:
        try:
            row = connection.execute(
                "select as_of_date, origin"
                " from marts.figures_as_of cross join raw.raw_origin"
            ).fetchone()
        except duckdb.Error:
            row = None
    if row is None:
        raise InputError(
            f"{display_path(database)} is no finished build: run `make build` first."
        )
    place = raw_origin(config, settings)
    if row[1] != place:
        raise InputError(
            f"{display_path(database)} was built from {row[1]}, but the settings name"
            f" {place}: build again, or set RAW_LOCATION or RAW_DATABASE"
            " as it was then."
        )
    return row[0], _origin(config, settings)

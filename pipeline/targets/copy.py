"""Copy the published build to a target, after a publish or by command."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from rich.console import Console

from pipeline.console import display_path, print_line, print_step
from pipeline.exit_codes import COPY_FAILED, INTERRUPTED, LOCKED
from pipeline.project import InputError
from pipeline.publish.lock import LockedError, publisher_lock
from pipeline.publish.paths import UNFINISHED, PublishPaths
from pipeline.settings import Settings, read_settings
from pipeline.targets import parquet
from pipeline.targets.build import CopyError, opened

DUCKDB = "duckdb"  # where every publish goes
TARGETS = (DUCKDB, "postgres", "parquet")


def check_targets(targets: Sequence[str]) -> None:
    """Refuse unknown targets, and settings that are missing, before a build starts.

    Raises:
        InputError: What is wrong, and what is expected.
    """
    for target in targets:
        if target not in TARGETS:
            raise InputError(
                f"There is no target {target}. There are: {', '.join(TARGETS)}."
            )
    if "postgres" in targets:
        from pipeline.targets import postgres  # loads psycopg

        postgres.Target.of(read_settings())


def copy_to(console: Console, targets: Sequence[str], *, wait: float = 0) -> int:
    """Copy the published build to each target.

    Returns:
        0; 6 if a publish is running; 11 if a copy failed: then its readers still see
        the build before. 130: interrupted.
    """
    check_targets(targets)
    settings = read_settings()
    paths = PublishPaths.of(settings)
    failed = 0
    try:
        paths.make()
        with publisher_lock(paths.readers, wait):
            for target in targets:
                if target == DUCKDB:
                    continue
                print_step(console, "copy", f"the published build, to {target}")
                try:
                    done = _copy(paths, target, settings)
                except (CopyError, OSError, duckdb.Error) as error:
                    first = str(error).splitlines()[0]
                    print_line(console, f"FAILED  {target}: {first}")
                    print_line(
                        console,
                        "Its readers see the build before. When it is fixed: python -m"
                        f" pipeline copy-to {target}",
                    )
                    failed = COPY_FAILED
                else:
                    print_line(console, f"ok      {done}")
    except LockedError as error:
        print_line(console, str(error))
        return LOCKED
    except KeyboardInterrupt:
        console.print("Interrupted: the readers of this copy see the build before.")
        return INTERRUPTED
    return failed


def _copy(paths: PublishPaths, target: str, settings: Settings) -> str:
    if target == "postgres":
        from pipeline.targets import postgres

        to = postgres.Target.of(settings)
        with (
            TemporaryDirectory(dir=paths.private, prefix=UNFINISHED) as temporary,
            opened(paths.published, Path(temporary)) as build,
        ):
            return f"{postgres.write(build, to)}: schema {to.schema}"
    lake = settings.parquet_folder
    lake.mkdir(parents=True, exist_ok=True)
    parquet.remove_unfinished(lake)
    # Parquet files stay where they are written: the folder becomes the build's.
    folder = lake / f"{UNFINISHED}{target}"
    folder.mkdir()
    try:
        with opened(paths.published, folder) as build:
            return f"{parquet.write(build, lake)}: {display_path(lake)}"
    finally:
        parquet.remove_unfinished(lake)

"""Forget a user or an account, in every file that the project keeps."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from pipeline import finished_build
from pipeline.build_lock import LockedDatabaseError, build_lock
from pipeline.console import display_path, print_line, print_step
from pipeline.exit_codes import INPUTS_FAILED, LOCKED, PUBLISH_FAILED
from pipeline.hashes import hash_of
from pipeline.history.file import HistoryError, attached, history_path
from pipeline.project import InputError, project_vars
from pipeline.publish import alerts_sent, published_file
from pipeline.publish import manifest as manifests
from pipeline.publish.erase import (
    Change,
    Subject,
    erased_copy,
    is_known,
    remove_leftovers,
)
from pipeline.publish.lock import LockedError, publisher_lock
from pipeline.publish.manifest import Manifest
from pipeline.publish.paths import DATABASE, MANIFEST, PublishPaths, sync
from pipeline.publish.published_file import PublishError
from pipeline.publish.swap import recover, swap
from pipeline.raw.relations import source_schemas
from pipeline.settings import Settings, read_settings

Changes = list[tuple[Path, Change]]


def forget(
    console: Console,
    *,
    user: str | None = None,
    account: str | None = None,
    remove_id: bool = False,
    wait: float = 0,
) -> int:
    """Erase the attributes of a user or an account, and list what was changed.

    Args:
        console: Where that is listed.
        user: Id of the user, as in the marts.
        account: Id of the account; give one of the two.
        remove_id: Replace the id, too.
        wait: Seconds to wait for a publish to end.

    Returns:
        0; 3 where no file knows the id; 6 if a publish or a build is running; 7 where a
        file could not be written: run it again, it continues where it stopped.
    """
    settings = read_settings()
    paths, database = PublishPaths.of(settings), settings.duckdb_path
    try:
        subject = _subject(user, account, remove_id)
        print_step(console, "forget", f"{subject.kind} {subject.id}")
        paths.make()
        with ExitStack() as stack:
            stack.enter_context(publisher_lock(paths.readers, wait))
            if database.exists():
                stack.enter_context(build_lock(database))
            changes = _forget(paths, settings, subject)
    except (LockedError, LockedDatabaseError) as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return LOCKED
    except (InputError, HistoryError) as error:
        console.print(f"FAILED  {error}", markup=False, soft_wrap=True)
        return INPUTS_FAILED
    except (PublishError, OSError, duckdb.Error) as error:
        console.print(
            f"FAILED  {error} Some files may not be done yet: run the command again.",
            markup=False,
            soft_wrap=True,
        )
        return PUBLISH_FAILED
    for line in _report(changes, subject):
        print_line(console, line)
    return 0


def _subject(user: str | None, account: str | None, remove_id: bool) -> Subject:
    if bool(user) == bool(account):
        raise InputError("Give one of --user ID and --account ID.")
    replacement = f"forgotten-{secrets.token_hex(8)}" if remove_id else None
    if user:
        return Subject("user", user, replacement)
    return Subject("account", str(account), replacement)


def _forget(paths: PublishPaths, settings: Settings, subject: Subject) -> Changes:
    current = recover(paths)
    published_file.refuse_a_writer(paths.published)
    private = [*_private_files(paths, settings.duckdb_path)]
    kept = [paths.kept(build_id) / DATABASE for build_id in paths.kept_ids()]
    history = history_path(project_vars(), settings)
    files = [*private, *kept]
    if paths.published.exists() and current is None:
        files.append(paths.published)  # it belongs to no build
    if history is not None and history.exists():
        _finish(history)
        files.append(history)
    if paths.reported.exists():
        files.append(paths.reported)
    for file in files:
        remove_leftovers(file)
    if not any(is_known(file, subject) for file in files):
        looked = ", ".join(map(display_path, files)) or "no file: nothing was built"
        raise InputError(
            f"No row is of {subject.kind} {subject.id}. Is the id written as in the"
            f" marts? Looked at: {looked}."
        )
    changes: Changes = []
    for file in files:
        raw_schemas = ["raw", *source_schemas()] if file in private else []
        with erased_copy(file, subject, raw_schemas) as found:
            if found is None:
                continue
            copy, of_file = found
            if file in kept:
                # First: if this is killed in between, the next run finds the file
                # still to be done.
                _update_manifest(paths, file, copy, of_file, subject)
            _replace(file, copy)
            if file == settings.duckdb_path:
                finished_build.forget(file)  # Data Docs show rows
            changes += [(file, change) for change in of_file]
    if current:
        changes += _publish(paths, current)
    if subject.kind == "account" and subject.replacement:
        sent = paths.alerts_sent
        renamed = alerts_sent.replace_account(sent, subject.id, subject.replacement)
        if renamed:
            changes.append((sent, Change("alerts", renamed)))
    return changes


def _private_files(paths: PublishPaths, database: Path) -> Iterator[Path]:
    if database.exists():
        yield database
    yield from sorted(paths.private.glob(f"[0-9]*/{DATABASE}"))


def _finish(history: Path) -> None:
    """Write what a killed process left in the log into the file."""
    with duckdb.connect() as connection, attached(connection, history, read_only=False):
        connection.execute("checkpoint history")


def _replace(file: Path, copy: Path) -> None:
    copy.chmod(file.stat().st_mode & 0o777)
    sync(copy)
    copy.replace(file)
    sync(file.parent)


def _update_manifest(
    paths: PublishPaths,
    file: Path,
    copy: Path,
    changes: list[Change],
    subject: Subject,
) -> None:
    place = file.parent / MANIFEST
    manifest = manifests.read(place)
    if manifest is None:
        raise PublishError(f"{display_path(place)} cannot be read.")
    changed = sorted({change.table.removeprefix("marts.") for change in changes})
    artifact = paths.artifacts / "manifest.json"
    # with the keys that they were published with
    marts = [
        replace(mart, key=manifest["marts"].get(mart.name, {}).get("key") or mart.key)
        for mart in published_file.marts_in(copy, changed, artifact)
    ]
    for name, content in published_file.contents(copy, marts).items():
        manifest["marts"][name] = content
    manifest["file_sha256"] = hash_of(copy)
    manifest.setdefault("erasures", []).append(
        {
            "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "rows": {change.table: change.rows for change in changes},
        }
    )
    if subject.replacement and "comparison" in manifest:
        manifest["comparison"] = _without_id(manifest["comparison"], subject)
    manifests.write(manifest, place, place.stat().st_mode & 0o777)


def _without_id(value: Any, subject: Subject) -> Any:
    """The report of a comparison, which names accounts and users."""
    if isinstance(value, dict):
        return {key: _without_id(one, subject) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_id(one, subject) for one in value]
    if isinstance(value, str):
        named = rf"(?<![\w-]){re.escape(subject.id)}(?![\w-])"
        return re.sub(named, str(subject.replacement), value)
    return value


def _publish(paths: PublishPaths, current: Manifest) -> Changes:
    """Swap the erased build in, as a publish does."""
    build_id = current["build_id"]
    kept = manifests.read(paths.kept(build_id) / MANIFEST)
    if kept is None or kept["file_sha256"] == hash_of(paths.published):
        return []
    swap(paths, build_id, paths.published.stat().st_mode & 0o777)
    rows = kept.get("erasures", [{}])[-1].get("rows", {})
    return [(paths.published, Change(table, count)) for table, count in rows.items()]


def _report(changes: Changes, subject: Subject) -> list[str]:
    if not changes:
        return [f"Nothing is left to erase of {subject.kind} {subject.id}."]
    lines = []
    for file in dict.fromkeys(file for file, _ in changes):
        lines.append(display_path(file))
        of_file = [change for where, change in changes if where == file]
        lines += [
            f"  {one.table}: {one.rows:,} row{'s' * (one.rows != 1)}"
            for one in of_file
            if not one.is_dropped
        ]
        if dropped := [one.table for one in of_file if one.is_dropped]:
            lines.append(
                f"  dropped, until the next build: {len(dropped)} copies of raw tables"
            )
    if subject.replacement:
        lines.append(f"The id is now {subject.replacement}.")
    return [
        *lines,
        "Remove it at the source, too: the next build takes what is delivered. Render"
        " the dashboards again (make dashboards); what else stays: docs/erasure.md.",
    ]

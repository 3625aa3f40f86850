"""Publish: a candidate is built and judged out of sight, then readers get it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from pipeline.build import Steps, headlines, raw_to_marts
from pipeline.console import display_path as shown
from pipeline.console import print_step as say
from pipeline.exit_codes import GATE_FAILED
from pipeline.project import as_of_date, project_vars
from pipeline.publish import manifest as manifests
from pipeline.publish import published_file
from pipeline.publish.lock import LockedError, publisher_lock
from pipeline.publish.manifest import Manifest
from pipeline.publish.paths import DATABASE, MANIFEST, PublishPaths, sync
from pipeline.publish.published_file import PublishError
from pipeline.publish.rollback import LOCKED, PUBLISH_FAILED
from pipeline.publish.swap import recover, swap


def publish(
    console: Console,
    *,
    full_refresh: bool = False,
    dry_run: bool = False,
    wait: float = 0,
    threads: int | None = None,
) -> int:
    """Build a candidate, judge it, and let it take the published file's place.

    Args:
        console: Where it is told.
        full_refresh: Start afresh, not from a copy of the last good build.
        dry_run: Stop before readers would see it.
        wait: Seconds to wait for another publisher to end.
        threads: dbt's threads; by default those of the profile.

    Returns:
        0, or the exit code of the step that failed: 3 inputs, 4 a gate, 5 the build,
        6 another publish is under way, 7 the file could not be published. Whatever
        failed, readers see what they saw.
    """
    paths = PublishPaths.of()
    paths.make()
    try:
        with publisher_lock(paths.readers, wait):
            return _Publish(console, paths, dry_run, threads).run(full_refresh)
    except LockedError as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return LOCKED
    except (PublishError, OSError, duckdb.Error) as error:
        console.print(
            f"FAILED  {error} Nothing was published.", markup=False, soft_wrap=True
        )
        return PUBLISH_FAILED


class _Publish:
    """One run, and what its steps share."""

    def __init__(
        self, console: Console, paths: PublishPaths, dry_run: bool, threads: int | None
    ) -> None:
        self.console = console
        self.paths = paths
        self.dry_run = dry_run
        self.threads = threads
        self.config = project_vars()
        self.build_id = paths.new_id()
        self.started = time.monotonic()

    def run(self, full_refresh: bool) -> int:
        before = recover(self.paths)
        private, readers = self.paths.candidates(self.build_id)
        try:
            steps = self._build(private / DATABASE, before, full_refresh)
            if steps.failed:
                return steps.failed
            after = self._write(private / DATABASE, readers, steps)
            if emptied := self._emptied(before, after):
                self.console.print(emptied, markup=False)
                return GATE_FAILED
            if self.dry_run:
                self._report(before, after)
                return 0
            self._let_in(private, readers)
            self._report(before, after)
            return 0
        finally:
            self.paths.remove_candidates()

    def _build(
        self, database: Path, before: Manifest | None, full_refresh: bool
    ) -> Steps:
        """All layers, on a copy of the last good build: incrementals survive."""
        last = self.paths.built(before["build_id"]) / DATABASE if before else None
        if last and last.exists() and not full_refresh:
            shutil.copyfile(last, database)
        return raw_to_marts(
            self.console,
            database,
            full_refresh=full_refresh,
            # They say whether the code is right, and need no data: CI runs them.
            options=["--exclude-resource-type", "unit_test"],
            artifacts=self.paths.artifacts,
            threads=self.threads,
        )

    def _write(self, private: Path, readers: Path, steps: Steps) -> Manifest:
        """The file for readers, checked, with its manifest."""
        say(self.console, "candidate", "schema marts alone, checked and hashed")
        marts = published_file.marts_of(self.paths.artifacts / "manifest.json")
        file = readers / DATABASE
        published_file.write(
            private, file, marts, with_comments=bool(self.config["publish_comments"])
        )
        published_file.check(file, marts)
        with duckdb.connect(str(file), read_only=True) as connection:
            inputs = dict(
                connection.execute(
                    "select source_table, rows_in from marts.data_quality_summary"
                ).fetchall()
            )
        after = manifests.make(
            self.build_id,
            as_of_date(self.config),
            file_hash=published_file.hash_of(file),
            marts=published_file.contents(file, marts),
            headlines=headlines(file),
            inputs=inputs,
            gates=steps.gates,
        )
        manifests.write(after, readers / MANIFEST)
        return after

    def _emptied(self, before: Manifest | None, after: Manifest) -> str | None:
        """A table that delivered rows for the last publish and has none today."""
        allowed = self.config["gate_exceptions"]
        emptied = [
            table
            for table, rows in after["inputs"].items()
            if not rows
            and before
            and before["inputs"].get(table)
            and f"raw.raw_{table}: emptied" not in allowed
        ]
        if not emptied:
            return None
        return (
            f"FAILED  {', '.join(emptied)}: no rows, where the last publish had some. "
            "Look at the delivery; if it is meant, name it in var gate_exceptions: "
            f'"raw.raw_{emptied[0]}: emptied".'
        )

    def _let_in(self, private: Path, readers: Path) -> None:
        """Keep both files, swap, and forget the oldest builds."""
        for folder, kept in (
            (private, self.paths.built(self.build_id)),
            (readers, self.paths.kept(self.build_id)),
        ):
            for file in folder.iterdir():
                sync(file)
            folder.rename(kept)
            sync(kept.parent)
        try:
            swap(self.paths, self.build_id)
        except BaseException:
            self.paths.forget(self.build_id)
            raise
        ids = self.paths.kept_ids()
        for old in ids[: -int(self.config["keep_builds"])]:
            self.paths.forget(old)

    def _report(self, before: Manifest | None, after: Manifest) -> None:
        """One screen: what was built, and what is not as it was."""
        console = self.console
        table = Table(title="The last complete month", title_justify="left")
        for head in ("figure", "published before", "now"):
            table.add_column(head, justify="left" if head == "figure" else "right")
        was = before["headlines"] if before else {}
        for figure, value in after["headlines"].items():
            old = was.get(figure, "")
            marked = value if old in ("", value) else f"[bold]{value}[/bold]"
            table.add_row(figure, old, marked)
        console.print(table)
        for line in _changes(before, after):
            console.print(line, markup=False, highlight=False)
        warnings = sum(len(gate["warnings"]) for gate in after["gates"].values())
        done = "Would publish" if self.dry_run else "Published"
        console.print(
            f"{done} {shown(self.paths.published)}: build {self.build_id}, as of "
            f"{after['as_of_date']}, {len(after['marts'])} marts, {warnings} warnings "
            f"of the gates, in {time.monotonic() - self.started:.0f} s.",
            soft_wrap=True,
        )


def _changes(before: Manifest | None, after: Manifest) -> list[str]:
    """Which marts changed against the last publish, and by how many rows."""
    if before is None:
        return ["Nothing was published before."]
    old, new = before["marts"], after["marts"]
    changed = [
        f"  {name}: {old[name]['rows']:,} rows, now {mart['rows']:,}"
        for name, mart in new.items()
        if name in old and mart["hash"] != old[name]["hash"]
    ]
    lines = [f"{len(changed)} of {len(new)} marts changed since {before['build_id']}."]
    lines += changed
    lines += [f"  {name}: new" for name in new if name not in old]
    lines += [f"  {name}: gone" for name in old if name not in new]
    return lines

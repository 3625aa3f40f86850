"""Publish: build and validate a candidate in isolation, then swap it in for readers."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from pipeline import environment, hashes
from pipeline.build import Steps, headlines, raw_to_marts
from pipeline.console import display_path, print_line, print_step
from pipeline.exit_codes import (
    DIFFERS,
    GATE_FAILED,
    INTERRUPTED,
    LOCKED,
    PUBLISH_FAILED,
)
from pipeline.history.file import HistoryError
from pipeline.project import InputError, project_vars
from pipeline.publish import fingerprints, published_file, snapshot
from pipeline.publish import manifest as manifests
from pipeline.publish.address_gate import addresses, refusal
from pipeline.publish.compare import Comparison, compare
from pipeline.publish.lock import LockedError, publisher_lock
from pipeline.publish.manifest import Manifest
from pipeline.publish.paths import DATABASE, MANIFEST, PublishPaths, sync
from pipeline.publish.published_file import PublishError
from pipeline.publish.reported import Publication, ReportedMetrics
from pipeline.publish.reuse import reuse
from pipeline.publish.swap import recover, swap
from pipeline.settings import Settings, as_of_date, read_settings, uses_demo_data
from pipeline.spark_tables import spark_day, spark_to_marts


def publish(
    console: Console,
    *,
    full_refresh: bool = False,
    dry_run: bool = False,
    wait: float = 0,
    threads: int | None = None,
    accept: str | None = None,
    accept_new_origin: bool = False,
    from_spark: bool = False,
) -> int:
    """Build a candidate, validate it, and swap it in for the published file.

    Args:
        console: Where progress is reported.
        full_refresh: Build from scratch instead of from a copy of the last good build.
        dry_run: Stop before the swap.
        wait: Seconds to wait for another publisher to end.
        threads: dbt's threads; by default those of the profile.
        accept: Id of the published build whose differences from the candidate are
            intended.
        accept_new_origin: Continue the history with data from another place.
        from_spark: Take what Spark built, and its as-of date, instead of building.

    Returns:
        0, or the exit code of the step that failed: 3 inputs, 4 a gate, 5 the build,
        6 another publish is running, 7 the file could not be published, 9 it differs
        from the last build. 130: interrupted. Whatever fails, readers still see the
        previously published build.
    """
    settings = read_settings()
    paths = PublishPaths.of(settings)
    try:
        paths.make()
        with publisher_lock(paths.readers, wait):
            config = project_vars()
            find_day = spark_day if from_spark else run_date
            day = find_day(config, settings).isoformat()
            # One as-of date for all steps, even if the run crosses midnight.
            with environment.variables(AS_OF_DATE=day):
                run = _Publish(
                    *(console, paths, config, dry_run, threads, accept),
                    from_spark=from_spark,
                )
                return run.run(full_refresh, accept_new_origin)
    except LockedError as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return LOCKED
    except (PublishError, HistoryError, OSError, duckdb.Error) as error:
        console.print(
            f"FAILED  {error} Nothing was published.", markup=False, soft_wrap=True
        )
        return PUBLISH_FAILED
    except snapshot.SnapshotLostError as error:
        console.print(f"FAILED  {error}", markup=False, soft_wrap=True)
        return PUBLISH_FAILED
    except KeyboardInterrupt:
        console.print("Interrupted: nothing was published.")
        return INTERRUPTED


def run_date(config: Mapping[str, Any], settings: Settings) -> date:
    """The as-of date of a publish: the configured one, the demo's, else yesterday.

    Yesterday in the reporting time zone is the last full day. Today's events are
    incomplete, and half a day would look like a drop.
    """
    found = as_of_date(config, settings)
    is_given = config["as_of_date"] or settings.as_of_date
    if is_given or uses_demo_data(config, settings):
        return found
    return found - timedelta(days=1)


def keep_builds(config: Mapping[str, Any]) -> int:
    """How many builds to keep, including the current one.

    Raises:
        InputError: It is not a whole number of at least 1.
    """
    given = config["keep_builds"]
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise InputError(
            f"keep_builds is {given!r}: expected a whole number of at least 1 for the "
            "published build itself."
        )
    return given


class _Publish:
    """One run, and the state its steps share."""

    def __init__(
        self,
        console: Console,
        paths: PublishPaths,
        config: Mapping[str, Any],
        dry_run: bool,
        threads: int | None,
        accept: str | None,
        *,
        from_spark: bool,
    ) -> None:
        self.console = console
        self.paths = paths
        self.dry_run = dry_run
        self.threads = threads
        self.accept = accept
        self.config = config
        self.keep = keep_builds(config)
        self.mode = published_file.file_mode(config)
        self.build_id = paths.new_id()
        self.started = time.monotonic()
        self.metrics: ReportedMetrics | None = None
        self.from_spark = from_spark

    def run(self, full_refresh: bool, accept_new_origin: bool) -> int:
        before = recover(self.paths)
        if self.accept and not (before and before["build_id"] == self.accept):
            published = before["build_id"] if before else "nothing"
            raise PublishError(
                f"ACCEPT names build {self.accept}, but {published} is published: an "
                "acceptance is for one comparison. Publish without it, and look at "
                "what differs."
            )
        private, readers = self.paths.candidates(self.build_id)
        try:
            steps = self._build(private / DATABASE, before, full_refresh)
            if steps.failed:
                return steps.failed
            after = self._write(private / DATABASE, readers, steps, before)
            if emptied := self._emptied(before, after):
                self.console.print(emptied, markup=False)
                return GATE_FAILED
            if found := addresses(readers / DATABASE, self.config):
                self._line(refusal(found))
                return GATE_FAILED
            if self._differs(before, after, private, readers):
                return DIFFERS
            manifests.write(after, readers / MANIFEST, self.mode)
            if self.dry_run:
                self._report(before, after)
                return 0
            candidate = private / DATABASE
            with snapshot.published_snapshot(
                self.console, self.config, candidate, accept_new_origin
            ):
                self._let_in(private, readers)
            self._report(before, after)
            return 0
        finally:
            self.paths.remove_candidates()

    def _build(
        self, database: Path, before: Manifest | None, full_refresh: bool
    ) -> Steps:
        """All layers: of `make build`, of Spark, or on a copy of the last build."""
        if self.from_spark:
            return spark_to_marts(
                *(self.console, database, self.paths.artifacts, self.threads)
            )
        last = self.paths.built(before["build_id"]) / DATABASE if before else None
        gates, line = reuse(
            *(database, last, self.config, read_settings(), self.paths.artifacts),
            full_refresh=full_refresh,
        )
        self._line(line)
        if gates:
            return Steps(gates=gates)
        if last and last.exists() and not full_refresh:
            shutil.copyfile(last, database)
        return raw_to_marts(
            self.console,
            database,
            full_refresh=full_refresh,
            artifacts=self.paths.artifacts,
            threads=self.threads,
        )

    def _write(
        self, private: Path, readers: Path, steps: Steps, before: Manifest | None
    ) -> Manifest:
        """The file for readers, checked, and its manifest."""
        day = as_of_date(self.config, read_settings())
        number = 0 if self.dry_run else self.paths.new_number()
        made_from = fingerprints.made_from(self.config, read_settings())
        if not self.dry_run:
            self.metrics = ReportedMetrics.of(
                *(self.paths, private, before, made_from),
                Publication(number, self.build_id, day),
            )
            self._line(self.metrics.summary())
        print_step(self.console, "candidate", "only schema marts, checked and hashed")
        marts = published_file.marts_of(self.paths.artifacts / "manifest.json")
        file = readers / DATABASE
        published_file.write(
            private, file, marts, with_comments=bool(self.config["publish_comments"])
        )
        published_file.check(file, marts)
        file.chmod(self.mode)
        with duckdb.connect(str(file), read_only=True) as connection:
            inputs = dict(
                connection.execute(
                    "select source_table, rows_in from marts.data_quality_summary"
                ).fetchall()
            )
        return manifests.make(
            self.build_id,
            day,
            publish_number=number,
            file_hash=hashes.hash_of(file),
            marts=published_file.contents(file, marts),
            headlines=headlines(file),
            inputs=inputs,
            gates=steps.gates,
            made_from=made_from,
        )

    def _emptied(self, before: Manifest | None, after: Manifest) -> str | None:
        """Report tables that had rows in the last publish and have none now."""
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
            "Check the delivery; if this is intended, add it to var gate_exceptions: "
            f'"raw.raw_{emptied[0]}: emptied".'
        )

    # -- against the last published build ----------------------------------------------

    def _differs(
        self, before: Manifest | None, after: Manifest, private: Path, readers: Path
    ) -> bool:
        """Whether the candidate differs from the last build without acceptance.

        The result is written to the manifest of the candidate.
        """
        print_step(self.console, "comparison", "with the last published build")
        if before is None:
            after["comparison"] = {"with": None, "why_not": "nothing was published"}
            self._line("Nothing was published before: there is nothing to compare.")
            return False
        old, new = before.get("made_from") or {}, after["made_from"]
        if old.get("inputs") not in (None, new["inputs"]):
            why = f"the inputs changed: {old['inputs']}, now {new['inputs']}"
            after["comparison"] = {"with": None, "why_not": why}
            self._line(f"Not compared with build {before['build_id']}: {why}.")
            return False
        changed = {
            kind: hashes.changed(old[kind], new[kind])
            for kind in ("rules", "vars")
            if kind in old
        }
        found = compare(
            self.paths.published,
            readers / DATABASE,
            late_arrival_days=int(self.config["late_arrival_days"]),
            private=private / DATABASE,
            exceptions=self.config["gate_exceptions"],
            rules_changed=any(changed.values()),
        )
        after["comparison"] = {
            "with": before["build_id"],
            "accepted": bool(self.accept and found.stops),
            "stops": [str(d) for d in found.of("stop")],
            "warnings": [str(d) for d in found.of("warning")],
            "changed_rule": found.changed_rule,
            "changed_files": changed.get("rules", []),
            "changed_vars": changed.get("vars", []),
            "not_compared": found.skipped,
        }
        self._print(found, changed)
        if not found.stops:
            return False
        if self.accept:
            self._line(f"Accepted against build {before['build_id']}.")
            return False
        self._line(
            f"FAILED  The candidate differs from build {before['build_id']}, which "
            f"stays published. If that is right: make publish ACCEPT="
            f"{before['build_id']} (for this comparison only). A check that is always "
            'so is waived by var gate_exceptions, as "publish: <check>".'
        )
        return True

    def _print(self, found: Comparison, changed: Mapping[str, list[str]]) -> None:
        for difference in found.of("stop"):
            self._line(f"DIFFERS {difference}")
        for difference in found.of("warning"):
            self._line(f"warning {difference}")
        if found.changed_rule:
            names = [*changed.get("rules", []), *changed.get("vars", [])]
            self._line(f"changed_rule: {hashes.first_names(names)} changed.")
            for line in found.changed_rule:
                self._line(f"  {line}")
        for line in found.skipped:
            self._line(f"not compared: {line}")
        if not (found.differences or found.changed_rule):
            self._line("ok      no difference beyond its limit")

    def _line(self, text: str) -> None:
        print_line(self.console, text)

    # -- readers get it ----------------------------------------------------------------

    def _let_in(self, private: Path, readers: Path) -> None:
        """Keep both files, swap, and remove the oldest builds."""
        for folder, kept in (
            (private, self.paths.built(self.build_id)),
            (readers, self.paths.kept(self.build_id)),
        ):
            for file in folder.iterdir():
                sync(file)
            folder.rename(kept)
            sync(kept.parent)
        try:
            swap(self.paths, self.build_id, self.mode)
        except BaseException:
            recover(self.paths)  # published or not, remove unfinished files
            raise
        if self.metrics and (failed := self.metrics.keep()):
            self._line(failed)
        for old in self.paths.kept_ids()[: -self.keep]:
            self.paths.forget(old)

    def _report(self, before: Manifest | None, after: Manifest) -> None:
        """Print one screen: what was built, and what changed."""
        console = self.console
        table = Table(title="The last complete month", title_justify="left")
        for head in ("metric", "published before", "now"):
            table.add_column(head, justify="left" if head == "metric" else "right")
        was = before["headlines"] if before else {}
        for metric, value in after["headlines"].items():
            old = was.get(metric, "")
            marked = value if old in ("", value) else f"[bold]{value}[/bold]"
            table.add_row(metric, old, marked)
        console.print(table)
        for line in manifests.changes(before, after):
            console.print(line, markup=False, highlight=False)
        warnings = sum(len(gate["warnings"]) for gate in after["gates"].values())
        done = "Would publish" if self.dry_run else "Published"
        console.print(
            f"{done} {display_path(self.paths.published)}: build {self.build_id}, "
            f"as of {after['as_of_date']}, {len(after['marts'])} marts, {warnings} "
            f"warnings of the gates, in {time.monotonic() - self.started:.0f} s.",
            soft_wrap=True,
        )

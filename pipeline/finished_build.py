"""What a build was made from, so that `make publish` need not build it again.

Beside the database is a folder `<database>.finished` with the record and, of a build
that did not fail, dbt's artifacts and the gates' Data Docs. A record counts only while
the database is as `make build` left it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipeline import environment
from pipeline.console import display_path
from pipeline.hashes import changed, first_names, hashes_of_vars, short_hash
from pipeline.history.file import history_path
from pipeline.history.renewal_model import model_path
from pipeline.project import ROOT, InputError
from pipeline.raw.locate import DEMO_FOLDER, raw_location, raw_origin
from pipeline.settings import Settings
from quality.results import Gate, GateResult

# What builds: a change of any file makes another build. Tests and gates are part of it,
# since a build is finished only once they have passed.
CODE = {
    "models": (".sql", ".yml", ".md"),
    "macros": (".sql", ".yml"),
    "seeds": (".csv", ".yml"),
    "tests/generic": (".sql", ".yml"),
    "tests/singular": (".sql", ".yml"),
    "profiles": (".yml",),
    "pipeline": (".py", ".yml"),
    "quality": (".py", ".yml", ".sql"),
}
# What the event days depend on, which an incremental build keeps.
EVENT_CODE = ("models/staging/", "macros/", "seeds/", "profiles/", "pipeline/raw/")
EVENT_TABLES = ("staging.base_logins", "staging.base_feature_events")
PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "great-expectations")
# These vars are read by publishing alone.
PUBLISH_VARS = frozenset(
    {"keep_builds", "published_file_mode", "publish_comments", "account_pages"}
)
ARTIFACTS = ("manifest.json", "run_results.json")
RECORD = "record.json"
NAMED = 3  # changed files in a message


class NoVersionError(Exception):
    """The raw data has no reliable version; the message says why."""


@dataclass(frozen=True)
class Fingerprint:
    """Everything that a build is made from, in comparable form.

    Attributes:
        as_of_date: The day as of which metrics are computed.
        origin: Where the raw data is, without a password.
        data: Version of each raw file, by path; None where there is none.
        why_not: Why the data has no version; empty where it has.
        vars: A hash of each var.
        code: A hash of each file that builds, checks or configures.
        versions: Of Python and of the packages.
        environment: A hash of the other environment variables that dbt reads.
        history: Version of the file with what snapshots keep; empty without one.
        models: Version of the file with the fitted models of renewals; the same.
    """

    as_of_date: str
    origin: str
    data: Mapping[str, str] | None
    why_not: str
    vars: Mapping[str, str]
    code: Mapping[str, str]
    versions: Mapping[str, str]
    environment: str
    history: str = ""
    models: str = ""

    @property
    def events(self) -> str:
        """A hash of what the event days depend on; empty where data has no version."""
        if self.data is None:
            return ""
        code = {name: one for name, one in self.code.items() if is_event_code(name)}
        parts = [self.origin, self.data, self.vars, code, self.versions]
        text = json.dumps([*parts, self.environment], sort_keys=True)
        return short_hash(text.encode())


def is_event_code(name: str) -> bool:
    """Whether the validated event days depend on a file."""
    return name.startswith(EVENT_CODE) or "/" not in name


def fingerprint(
    as_of: date,
    config: Mapping[str, Any],
    settings: Settings,
    variables: Mapping[str, str] | None = None,
    *,
    root: Path = ROOT,
    salt: bytes | None = None,
) -> Fingerprint:
    """The fingerprint of a build that starts now.

    Args:
        as_of: Its as-of date.
        config: The vars of `dbt_project.yml`.
        settings: For the place of the raw data and the salt of e-mail hashes.
        variables: All environment variables, for those that dbt reads.
        root: The project's folder.
        salt: Of the environment's hash: that of the record to compare with.
    """
    data, why_not = None, ""
    dbt_variables = {
        name: value
        for name, value in sorted((variables or environment.extended()).items())
        if name.startswith("DBT_")
    }
    try:
        data = data_versions(config, settings)
    except NoVersionError as error:
        why_not = str(error)
    return Fingerprint(
        as_of_date=as_of.isoformat(),
        origin=raw_origin(config, settings),
        data=data,
        why_not=why_not,
        vars=hashes_of_vars(config, PUBLISH_VARS),
        code=code_hashes(root, dbt_variables.get("DBT_PROFILES_DIR")),
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
        environment=_secret_hash(
            [settings.email_hash_salt, dbt_variables], salt or os.urandom(16)
        ),
        history=_version_of(history_path(config, settings)),
        models=_version_of(model_path(config, settings)),
    )


def _version_of(path: Path | None) -> str:
    return file_version(path) if path and path.exists() else ""


def data_versions(config: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    """The version of every file below the folder of the raw data.

    Raises:
        NoVersionError: It is a database or a bucket, or a file cannot be read.
    """
    if settings.raw_database:
        raise NoVersionError(
            "the raw data is a database, which does not say whether its rows changed"
        )
    location = raw_location(config, settings)
    if "://" in location:
        raise NoVersionError(
            "the raw data is in a bucket, whose listing is no proof that objects are "
            "unchanged"
        )
    folder = ROOT / Path(location).expanduser() if location else DEMO_FOLDER
    try:
        return {
            path.relative_to(folder).as_posix(): file_version(path)
            for path in _files_below(folder)
        }
    except OSError as error:
        raise NoVersionError(f"the raw files cannot be listed: {error}") from None


def _files_below(folder: Path) -> Iterator[Path]:
    """All files, through links as well; a folder that is linked twice only once."""
    seen: set[str] = set()

    def refuse(error: OSError) -> None:
        raise error

    for place, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        yield from (Path(place) / name for name in sorted(files))


def file_version(path: Path) -> str:
    """Changes with every write, also with one that keeps size and time of change."""
    status = path.stat()
    return " ".join(
        str(part)
        for part in (
            *(status.st_size, status.st_mtime_ns, status.st_ctime_ns),
            *(status.st_dev, status.st_ino),
        )
    )


def code_hashes(root: Path, profiles: str | None = None) -> dict[str, str]:
    """A hash of each file that builds or checks; the vars are not part of it."""
    files = {
        path.relative_to(root).as_posix(): path
        for folder, endings in CODE.items()
        for path in (root / folder).rglob("*")
        if path.suffix in endings and path.is_file()
    }
    if profiles:
        files["profiles.yml"] = root / profiles / "profiles.yml"
    found = {
        name: short_hash(path.read_bytes())
        for name, path in sorted(files.items())
        if path.is_file()
    }
    project = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    project.pop("vars", None)
    text = json.dumps(project, sort_keys=True, default=str)
    return {**found, "dbt_project.yml": short_hash(text.encode())}


def _secret_hash(values: list[Any], salt: bytes) -> str:
    """A slow, salted hash, from which values are not easily guessed."""
    text = json.dumps(values).encode()
    digest = hashlib.scrypt(text, salt=salt, n=2**14, r=8, p=1, dklen=16)
    return f"{salt.hex()}:{digest.hex()}"


# -- the record ------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """A build: what it was made from, and what the gates found."""

    database: str  # version of its file
    made_from: Fingerprint
    failed: int  # exit code; 0: it is finished
    reads_all_events: bool  # no event day is of an earlier build of other inputs
    gates: Mapping[Gate, GateResult]

    @property
    def salt(self) -> bytes:
        """Of the hash of the environment."""
        return bytes.fromhex(self.made_from.environment.partition(":")[0])


def folder_of(database: Path) -> Path:
    """Where the record of a database is."""
    return database.with_name(f"{database.name}.finished")


def built_warehouse(settings: Settings) -> Path:
    """The database that `make build` made.

    Raises:
        InputError: It is not there.
    """
    database = settings.duckdb_path
    if not database.exists():
        raise InputError(f"{display_path(database)} is not there: run `make build`.")
    return database


def forget(database: Path) -> None:
    """Remove the record: the database is about to change."""
    shutil.rmtree(folder_of(database), ignore_errors=True)


def read(database: Path) -> Record | None:
    """The record of the build that a database holds; None where it holds another."""
    try:
        text = (folder_of(database) / RECORD).read_text(encoding="utf-8")
        found = json.loads(text)
        record = Record(
            database=found["database"],
            made_from=Fingerprint(**found["made_from"]),
            failed=found["failed"],
            reads_all_events=found["reads_all_events"],
            gates={
                gate: GateResult.from_dict(result)
                for gate, result in found["gates"].items()
            },
        )
        return record if file_version(database) == record.database else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(
    database: Path,
    made_from: Fingerprint,
    *,
    failed: int,
    reads_all_events: bool,
    gates: Mapping[Gate, GateResult],
    artifacts: Path,
    docs: Path,
) -> None:
    """Record a build, if it is finished with its artifacts and Data Docs."""
    forget(database)
    folder = folder_of(database)
    folder.mkdir(parents=True)
    if not failed:
        copy_artifacts(artifacts, docs, folder)
    record = {
        "database": file_version(database),
        "made_from": vars(made_from),
        "failed": failed,
        "reads_all_events": reads_all_events,
        "gates": {gate: result.as_dict() for gate, result in gates.items()},
    }
    unfinished = folder / f".{RECORD}"
    unfinished.write_text(json.dumps(record, default=dict), encoding="utf-8")
    unfinished.replace(folder / RECORD)


def copy_artifacts(artifacts: Path, docs: Path, folder: Path) -> None:
    """Copy dbt's artifacts and, as `quality`, the Data Docs into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ARTIFACTS:
        shutil.copyfile(artifacts / name, folder / name)
    target = folder / "quality"
    shutil.rmtree(target, ignore_errors=True)
    with suppress(FileNotFoundError):
        shutil.copytree(docs, target)


# -- what differs ----------------------------------------------------------------------


def difference(before: Fingerprint, now: Fingerprint) -> str:
    """The first thing in which a build to make differs from one made; empty if none."""
    if now.why_not or before.why_not:
        return now.why_not or before.why_not
    if before.as_of_date != now.as_of_date:
        return f"its metrics are as of {before.as_of_date}, not {now.as_of_date}"
    if before.origin != now.origin:
        return f"its raw data is {before.origin}, not {now.origin}"
    for kind, old, new in (
        ("raw data", before.data or {}, now.data or {}),
        ("var", before.vars, now.vars),
        ("file", before.code, now.code),
        ("version", before.versions, now.versions),
    ):
        if names := changed(old, new):
            return f"{kind} changed since: {first_names(names, NAMED)}"
    if before.environment != now.environment:
        return "EMAIL_HASH_SALT or a DBT_ variable changed since"
    if before.history != now.history:
        return "a snapshot was taken since"
    if before.models != now.models:
        return "the renewal forecast was fitted since"
    return ""


def continues_complete(last: Record | None, now: Fingerprint) -> bool:
    """Whether event days that a build keeps are those it would read from its inputs."""
    return bool(
        last
        and last.reads_all_events
        and now.events
        and last.made_from.events == now.events
    )


def any_rows(database: Path, tables: Iterable[str]) -> bool:
    """Whether a database has rows in one of the tables, which a build may continue."""
    if not database.exists():
        return False
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            return any(
                connection.execute(f"select 1 from {table} limit 1").fetchone()
                for table in tables
            )
    except duckdb.CatalogException:
        return False
    except duckdb.Error:
        return True

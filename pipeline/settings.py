"""Environment variables: all that the Python side reads, typed and described.

`docs/configuration.md` lists the same variables; `tests/project/test_settings.py`
compares the two. Constants of the metrics are vars of `dbt_project.yml`, not settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline import environment
from pipeline.project import ROOT, InputError, project_vars

# A variable with nearly such a name is a typing error: it would change what is built.
OFTEN_MISSPELT = (
    *("RAW_LOCATION", "RAW_DATABASE", "AS_OF_DATE", "DUCKDB_PATH", "EMAIL_HASH_SALT"),
)
OTHER_DATES = ("%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%d-%b-%Y", "%d %B %Y")


def parse_date(given: object) -> date:
    """A date in the only form that macro `as_of_date` reads, too.

    Raises:
        ValueError: It is not; the message says what it would be, if that is clear.
    """
    text = str(given)
    try:
        # Python 3.11 reads more forms
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"expected a date like 2026-09-20.{_same_day(text)}")


def _same_day(given: str) -> str:
    for form in OTHER_DATES:
        try:
            return f" Write {datetime.strptime(given.strip(), form).date()}."
        except ValueError:
            continue
    return ""


def _parse_size(given: str) -> str:
    if not re.fullmatch(r"\d+ ?[KMGT]i?B", given):
        raise ValueError("expected a size like 4GB.")
    return given


def _from_root(path: Path) -> Path:
    return ROOT / path


Place = Annotated[Path, AfterValidator(_from_root)]
Day = Annotated[date, BeforeValidator(parse_date)]
Size = Annotated[str, AfterValidator(_parse_size)]


class Settings(BaseSettings):
    """Variables by their lower-case name; relative paths start at the project's root.

    An empty variable counts as not set.
    """

    model_config = SettingsConfigDict(
        alias_generator=str.upper,
        case_sensitive=True,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    raw_location: str = Field(
        default="",
        description="Folder or s3:// prefix with the raw tables; else the demo.",
    )
    raw_database: str = Field(
        default="",
        description="Database with the raw tables; may hold a password.",
        repr=False,
    )
    vars_file: str = Field(
        default="", description="YAML file of vars that take precedence."
    )
    as_of_date: Day | None = Field(
        default=None, description="Day that metrics are calculated for."
    )
    duckdb_path: Place = Field(
        default=Path("build/warehouse.duckdb"), description="The file that dbt builds."
    )
    duckdb_memory_limit: Size | None = Field(
        default=None, description="Memory limit of a build; else DuckDB's own."
    )
    email_hash_salt: str = Field(
        default="",
        description="Salt of e-mail hashes; without it there are none.",
        repr=False,
    )
    spark_folder: Place = Field(
        default=Path("build/spark"),
        description="Raw tables, tables and catalogue of the target spark.",
    )
    publish_folder: Place = Field(
        default=Path("publish"), description="What readers see."
    )
    builds_folder: Place = Field(
        default=Path("build/builds"), description="Private builds with all layers."
    )
    dashboards_folder: Place = Field(
        default=Path("build/dashboards"), description="The dashboards' pages."
    )
    boards_folder: Place | None = Field(
        default=None, description="Old name of DASHBOARDS_FOLDER."
    )
    history_path: Place | None = Field(
        default=None, description="What snapshots keep; else var history_path."
    )
    publish_postgres: str = Field(
        default="",
        description="PostgreSQL database for the marts; may hold a password.",
        repr=False,
    )
    publish_postgres_schema: str = Field(
        default="marts", description="The marts' schema in that database."
    )
    publish_postgres_readers: str = Field(
        default="customer_success_readers",
        description="Role that may read them there.",
    )
    parquet_folder: Place = Field(
        default=Path("publish/parquet"), description="The marts as Parquet files."
    )
    mcp_token: str = Field(
        default="",
        description="What agents send to `make mcp HTTP=yes`; secret.",
        repr=False,
    )
    notify_urls: str = Field(
        default="",
        description="Where alerts are sent, as Apprise's URLs; may hold passwords.",
        repr=False,
    )
    # As AWS's own tools read them.
    aws_access_key_id: str = Field(default="", description="Key of the bucket.")
    aws_secret_access_key: str = Field(
        default="", description="Its secret.", repr=False
    )
    aws_session_token: str = Field(
        default="", description="Of a temporary key.", repr=False
    )
    aws_region: str = Field(
        default="",
        description="The bucket's region.",
        validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"),
    )
    aws_endpoint_url: str = Field(
        default="",
        description="Another store that speaks S3.",
        validation_alias=AliasChoices("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
    )

    # Their settings have the default.
    _wrong: dict[str, str] = PrivateAttr(default_factory=dict)
    _misspelt: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def wrong(self) -> Mapping[str, str]:
        """Variables whose value cannot be read: the value, and what was expected."""
        return self._wrong

    @property
    def misspelt(self) -> Mapping[str, str]:
        """Variables that nothing reads, and those that were probably meant."""
        return self._misspelt

    def is_given(self, field: str) -> bool:
        """Whether the variable of that field is set."""
        return field in self.model_fields_set


def read_settings() -> Settings:
    """The settings as the environment is now.

    A value that cannot be read is in `wrong`, which the preflight reports together with
    all other problems.
    """
    wrong: dict[str, str] = {}
    try:
        settings = Settings()
    except ValidationError as error:
        defaults: dict[str, Any] = {}
        for one in error.errors():
            name = str(one["loc"][0])
            meaning = one.get("ctx", {}).get("error") or one["msg"]
            wrong[name] = f"'{one['input']}': {meaning}"
            defaults[name] = Settings.model_fields[name.lower()].default
        settings = Settings(**defaults)
    settings._wrong.update(wrong)
    settings._misspelt.update(_misspelt(environment.names()))
    return settings


def _misspelt(names: list[str]) -> dict[str, str]:
    found = {}
    for name in names:
        near = get_close_matches(name.upper(), OFTEN_MISSPELT, 1, 0.88)
        if near and name not in OFTEN_MISSPELT and near[0] not in names:
            found[name] = near[0]
    return found


def uses_demo_data(config: Mapping[str, Any], settings: Settings) -> bool:
    """Whether the raw data is the demo, as macro `uses_demo_data` has it."""
    return not (
        config["raw_location"] or settings.raw_location or settings.raw_database
    )


def as_of_date(
    config: Mapping[str, Any], settings: Settings, *, now: datetime | None = None
) -> date:
    """The date as of which everything is computed, as macro `as_of_date` has it.

    Args:
        config: The vars of `dbt_project.yml`.
        settings: For AS_OF_DATE, and whether the raw data is the demo.
        now: The moment of the run; by default the present.

    Raises:
        InputError: The date that was given is not one.
    """
    if given := config["as_of_date"]:
        try:
            return parse_date(given)
        except ValueError as error:
            raise InputError(f"as_of_date is '{given}': {error}") from None
    if "AS_OF_DATE" in settings.wrong:
        raise InputError(f"AS_OF_DATE is {settings.wrong['AS_OF_DATE']}")
    if settings.as_of_date:
        return settings.as_of_date
    if uses_demo_data(config, settings):
        return date.fromisoformat(str(config["demo_as_of_date"]))
    return (
        (now or datetime.now(ZoneInfo("UTC")))
        .astimezone(ZoneInfo(config["reporting_timezone"]))
        .date()
    )


@contextmanager
def pinned_as_of_date() -> Iterator[None]:
    """Fix AS_OF_DATE for a run, where it is the present day: it may end tomorrow.

    The demo's is fixed anyway, and without the variable dbt need not parse again.
    """
    config = {"raw_location": None, **project_vars()}
    settings = read_settings()
    is_given = config.get("as_of_date") or settings.as_of_date or settings.wrong
    if is_given or uses_demo_data(config, settings):
        yield
        return
    try:
        pinned = as_of_date(config, settings).isoformat()
    except (KeyError, ValueError):  # a var is wrong, which the preflight reports
        yield
        return
    with environment.variables(AS_OF_DATE=pinned):
        yield

"""Environment variables: read in one module, and documented as it has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import Settings
from tests.project.test_docs import CONFIGURATION, ROOT, rows_of, settings_names

# What the commands run in, and children get: the only module with `os.environ`.
ENVIRONMENT = "pipeline/environment.py"
FOLDERS = ("pipeline", "quality", "demo")
OF_OS = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
# Documented, but read by others: which file shows that they are.
OF_OTHERS = {
    "BOARDS_DATABASE": "dbt_charts.yml",
    "REQUIRE_ALL": "tests/python/input_formats.py",
    **dict.fromkeys(
        (
            *("SPARK_MASTER", "SPARK_DRIVER_MEMORY"),
            *("SPARK_SHUFFLE_PARTITIONS", "SPARK_JAVA_OPTIONS"),
            *("SPARK_THRIFT_HOST", "SPARK_THRIFT_PORT", "SPARK_THRIFT_USER"),
        ),
        "profiles/profiles.yml",
    ),
}


def uses_of_os(source: str) -> list[int]:
    """The lines that reach for the environment themselves."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr in OF_OS)
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and OF_OS.intersection(one.name for one in node.names)
        )
    ]


def modules() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.environ['A']",
        "import os\nos.getenv('A')",
        "from os import environ",
        "import os as o\no.environ.get('A')",
    ],
)
def test_a_read_is_found(source: str) -> None:
    assert uses_of_os(source)


def test_only_one_module_touches_the_environment() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): lines
        for path in modules()
        if (lines := uses_of_os(path.read_text("utf-8")))
    }
    assert {*found} == {ENVIRONMENT}, (
        f"read variables with pipeline.settings, set them with {ENVIRONMENT}: {found}"
    )


def test_every_setting_is_documented_and_nothing_else() -> None:
    names = {names[0] for names in settings_names().values()}
    documented = {name for name in rows_of(CONFIGURATION) if name.isupper()}
    assert documented - {*OF_OTHERS} == names
    for name, file in OF_OTHERS.items():
        assert name in (ROOT / file).read_text("utf-8"), f"{file} does not read {name}"


def test_defaults_and_second_names_are_documented() -> None:
    rows = rows_of(CONFIGURATION)
    for field, (name, *others) in settings_names().items():
        default = Settings.model_fields[field].default
        if isinstance(default, Path):
            assert rows[name][0] == f"`{default}`"
        for other in others:
            assert f"`{other}`" in rows[name][-1], name


def test_every_field_says_what_it_is() -> None:
    fields = Settings.model_fields.items()
    assert [name for name, one in fields if len(one.description or "") < 10] == []


def test_secrets_are_not_shown() -> None:
    given: dict[str, Any] = {
        "raw_database": "postgresql://u:secret@h/d",
        **dict.fromkeys(("email_hash_salt", "aws_secret_access_key"), "secret"),
        **dict.fromkeys(
            ("aws_session_token", "publish_postgres", "mcp_token"), "secret"
        ),
    }
    assert "secret" not in repr(Settings.model_construct(**given))

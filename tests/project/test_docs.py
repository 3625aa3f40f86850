"""The documentation and the repository agree.

Rules that are cited exist, and rules that exist are cited; links, anchors and paths
resolve; commands, environment variables and vars in the text are real, and the real
ones are in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import typer
import yaml
from pydantic import AliasChoices

from pipeline import exit_codes
from pipeline.__main__ import app
from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "docs" / "rules.md"
CONFIGURATION = ROOT / "docs" / "configuration.md"
GENERATED_PAGES = {ROOT / "docs" / "metrics.md"}
PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
]
# Pages about the state now; a changelog names what is gone, too.
CURRENT = [page for page in PAGES if page.name != "CHANGELOG.md"]

# Rules that no model and no test cites yet. The list may only get shorter: cite the
# rule in the test that proves it, and remove it here.
NOT_YET_CITED = {
    86,
}

TEXT = {".csv", ".md", ".py", ".sql", ".txt", ".yaml", ".yml"}
SKIPPED = {"__pycache__", ".venv", "build", "target", "logs", ".git", "node_modules"}


def files(*folders: str) -> Iterator[Path]:
    """Text files of the project below these folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            parts = path.relative_to(ROOT).parts
            if path.suffix in TEXT and path.is_file() and not SKIPPED & {*parts}:
                yield path


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# -- rules -----------------------------------------------------------------------------

CITATION = re.compile(
    r"\brules?[ -](\d+)((?:(?:, and| and| or| to|,) ?\d+)*)\b", re.IGNORECASE
)


def cited_rules(text: str) -> set[int]:
    """The numbers of all rules that a text cites: "rule 14", "rules 2, 10 and 15"."""
    # a citation may be broken over two lines, of a comment perhaps
    line = re.sub(r"\s+(?:(?:#|--)\s+)?", " ", text)
    found: set[int] = set()
    for first, more in CITATION.findall(line):
        found.add(last := int(first))
        for joined, digits in re.findall(r"(to|,|and|or) ?(\d+)", more):
            number = int(digits)
            found.update(range(last if joined == "to" else number, number + 1))
            last = number
    return found


@cache
def rules() -> list[int]:
    return [int(n) for n in re.findall(r'<a id="rule-(\d+)"></a>', RULES.read_text())]


def test_citations_are_found() -> None:
    assert cited_rules("Rule 4, rules 2, 10 and 15; #rule-61, rules 25 to 27") == {
        *(4, 2, 10, 15, 61, 25, 26, 27)
    }
    assert cited_rules("# see rule\n    # 14: so") == {14}
    assert cited_rules("the 12 rules of 2024, overrule 5") == set()


def test_each_rule_has_a_number_a_reason_and_a_dated_example() -> None:
    text = RULES.read_text("utf-8")
    assert len(rules()) == len(set(rules())) > 60
    assert rules() == sorted(rules())
    sections = re.split(r'^<a id="rule-\d+"></a>\n', text, flags=re.MULTILINE)[1:]
    for number, section in zip(rules(), sections, strict=True):
        assert section.startswith(f"### Rule {number}: "), number
        assert "**Why:**" in section, f"rule {number} has no reason"
        example = section.partition("**Example:**")[2]
        assert example, f"rule {number} has no example"
        assert re.search(r"\b20\d\d\b", example), f"rule {number}: no date"


def test_every_cited_rule_exists() -> None:
    unknown = {
        label(path): sorted(missing)
        for path in [
            *files("models", "macros", "tests", "quality", "pipeline", "docs"),
            *files("analyses", "benchmarks", "charts", "seeds/reference"),
            *PAGES,
        ]
        if path != Path(__file__)
        and (missing := cited_rules(path.read_text("utf-8")) - {*rules()})
    }
    assert unknown == {}, "not in docs/rules.md"


def test_every_rule_is_cited_by_a_test_or_a_model() -> None:
    cited: set[int] = set()
    for path in files("models", "macros", "tests", "quality"):
        if path.parent != Path(__file__).parent:
            cited |= cited_rules(path.read_text("utf-8"))
    assert {*rules()} - cited - NOT_YET_CITED == set(), "cited by no test and no model"
    assert NOT_YET_CITED & cited == set(), "cited now: remove them from NOT_YET_CITED"
    unknown = NOT_YET_CITED - {*rules()}
    assert unknown == set(), "no such rules: remove them from NOT_YET_CITED"


@pytest.mark.parametrize("page", CURRENT, ids=label)
def test_models_exist(page: Path) -> None:
    models = {path.stem for path in files("models") if path.suffix == ".sql"}
    named = {
        span
        for span in spans(page, blocks=())
        if re.fullmatch(r"(?:base|stg|int|dim|fct)_\w+", span)
    }
    assert named - models - {*project_vars()} == set()


# -- links and paths -------------------------------------------------------------------

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def spans(page: Path, *, blocks: Iterable[str] = ("", "sh")) -> list[str]:
    """What a page has as code: `spans`, and blocks of these languages."""
    text = page.read_text("utf-8")
    code = [body for language, body in FENCE.findall(text) if language in {*blocks}]
    return [*code, *re.findall(r"`([^`\n]+)`", FENCE.sub("", text))]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page."""
    text = FENCE.sub("", page.read_text("utf-8"))
    found = {*re.findall(r'<a id="([^"]+)">', text)}
    for heading in re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        number, name = 0, slug
        while name in found:
            number, name = number + 1, f"{slug}-{number + 1}"
        found.add(name)
    return found


READMES = [
    path
    for path in files("benchmarks", "macros", "models", "pipeline", "quality", "tests")
    if path.name == "README.md"
]


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=label)
def test_links_and_anchors_resolve(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("folder", ["docs", "docs/decisions"])
def test_every_page_is_in_its_index(folder: str) -> None:
    index = (ROOT / folder / "README.md").read_text("utf-8")
    pages = {page.name for page in (ROOT / folder).glob("*.md")} - {"README.md"}
    assert pages - {*re.findall(r"\]\(([^)]+)\)", index)} == set()


# Written by a build, or the reader's own.
NOT_IN_THE_REPOSITORY = re.compile(
    r"(?:\.\w+/)?(?:build|publish|state|target|logs|path|export)/|\.venv(?:-\w+)?/"
)
# Spans with a slash that are no paths.
NO_PATHS = {"logins/**/*.parquet", "stripe/price.parquet", "n/a", "America/New_York"}
PATH = re.compile(r"\.?[\w<>*-]+(?:[/.][\w<>*.-]+)*/?")
# A name without a folder is one of a file where it ends like this.
FILE = re.compile(r"[\w.-]+\.(?:lock|md|py|toml|yml)")
NO_FILES = {"x.yml", "company.yml"}  # examples of names


@cache
def names_of_files() -> set[str]:
    found = {path.name for path in files(".")}
    return found | {path.name for path in ROOT.iterdir()}


@cache
def names_of_folders() -> set[str]:
    return {path.parent.name for path in files(".")}


def exists(path: str) -> bool:
    """Whether the repository has the path, or a folder of this name somewhere."""
    pattern = re.sub(r"<\w+>", "*", path).rstrip("/")
    if "/" not in pattern:
        return (ROOT / pattern).is_dir() or pattern in names_of_folders()
    return any(True for _ in ROOT.glob(pattern))


@pytest.mark.parametrize("page", CURRENT, ids=label)
def test_paths_exist(page: Path) -> None:
    missing = set()
    for span in spans(page):
        for word in re.split(r"[\s=,'\"()]+", span):
            if not PATH.fullmatch(word) or NOT_IN_THE_REPOSITORY.match(word):
                continue
            if "/" in word.rstrip("/") or word.endswith("/"):
                if word not in NO_PATHS and not exists(word):
                    missing.add(word)
            elif FILE.fullmatch(word) and word not in names_of_files() | NO_FILES:
                missing.add(word)
    assert missing == set()


# -- commands --------------------------------------------------------------------------


@cache
def make_targets() -> dict[str, bool]:
    """The targets of the Makefile, and whether `make help` lists them."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    found = re.findall(r"^([a-z][a-z-]*):([^=].*|)$", makefile, flags=re.MULTILINE)
    return {name: "##" in rest for name, rest in found}


def named_targets(page: Path) -> set[str]:
    return {
        target
        for span in spans(page)
        for target in re.findall(r"\bmake ([a-z][a-z-]*)", span)
    }


@pytest.mark.parametrize("page", CURRENT, ids=label)
def test_make_targets_exist(page: Path) -> None:
    assert named_targets(page) - {*make_targets()} == set()


def test_every_make_target_is_documented() -> None:
    named = set().union(*(named_targets(page) for page in CURRENT))
    listed = {name for name, is_listed in make_targets().items() if is_listed}
    assert len(listed) > 10
    assert listed - named == set()


@pytest.mark.parametrize("page", CURRENT, ids=label)
def test_python_commands_exist(page: Path) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group) or hasattr(group, "commands")
    wrong = []
    for span in spans(page):
        for module, rest in re.findall(r"python -m ([\w.]+)([^\n`;&|]*)", span):
            if find_spec(module) is None:
                wrong.append(module)
            if module != "pipeline" or not (words := rest.split()):
                continue
            command = group.commands.get(words[0])
            options = {
                option
                for parameter in (command.params if command else [])
                for option in [*parameter.opts, *parameter.secondary_opts]
            }
            if command is None and words[0] != "<command>":
                wrong.append(words[0])
            wrong += [w for w in words if w.startswith("--") and w not in options]
    assert wrong == []


def test_exit_codes_are_documented() -> None:
    codes = {v for k, v in vars(exit_codes).items() if k.isupper()}
    codes.remove(exit_codes.INTERRUPTED)  # of every command
    codes.remove(exit_codes.NOTIFY_FAILED)  # of no step of a publish
    codes.remove(exit_codes.COPY_FAILED)
    named_in_readme = (ROOT / "README.md").read_text("utf-8")
    assert f"`copy-to` {exit_codes.COPY_FAILED}" in named_in_readme
    assert f"`make notify` {exit_codes.NOTIFY_FAILED}" in named_in_readme
    page = (ROOT / "docs" / "publishing.md").read_text("utf-8")
    (steps,) = (body for _, body in FENCE.findall(page) if body.startswith("lock "))
    # Ctrl-C ends any step.
    of_steps = codes - {exit_codes.INTERRUPTED}
    assert {int(code) for code in re.findall(r"\b\d\b", steps)} == of_steps
    named = {
        int(code)
        for path in CURRENT
        for code in re.findall(r"(?i)exit code\W+(\d+)", path.read_text("utf-8"))
    }
    others = {0, exit_codes.NOTIFY_FAILED, exit_codes.COPY_FAILED}
    assert named - codes - others == set()


# -- settings --------------------------------------------------------------------------

# Read by PostgreSQL's client and others, not by this project.
OTHERS_VARIABLES = {
    *("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "PGPASSWORD", "DO_NOT_TRACK"),
    *("APPRISE_URLS", "CUSTOMER_SUCCESS_HOME", "STATE_PASSPHRASE"),
}
READ = re.compile(
    r"""(?:environ(?:ment)?(?:\.get\(|\[)|getenv\(|env_var\()\s*["']([A-Z][A-Z_]+)["']"""
)
VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b")


def settings_names() -> dict[str, tuple[str, ...]]:
    """The variables that give each field; the first counts most."""
    found: dict[str, tuple[str, ...]] = {}
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else (alias,)
        found[name] = tuple(map(str, choices))
    return found


@cache
def variables_read() -> set[str]:
    """Environment variables that the project reads; in Python: test_settings.py."""
    places = [
        *files("macros", "models", "profiles", "tests/python"),
        *(ROOT / name for name in ("dbt_project.yml", "dbt_charts.yml")),
    ]
    names = {name for path in places for name in READ.findall(path.read_text("utf-8"))}
    return names - OTHERS_VARIABLES | {one[0] for one in settings_names().values()}


def rows_of(page: Path) -> dict[str, list[str]]:
    """The table rows of a page by the name in their first cell."""
    return {
        row[1]: [cell.strip() for cell in row[2].strip("| ").split(" | ")]
        for row in re.finditer(
            r"^\| `(\w+)` \|(.*)$", page.read_text("utf-8"), flags=re.MULTILINE
        )
    }


@pytest.mark.parametrize("page", CURRENT, ids=label)
def test_environment_variables_exist(page: Path) -> None:
    named = {name for span in spans(page) for name in VARIABLE.findall(span)}
    assert named - variables_read() - OTHERS_VARIABLES == set()


def test_every_environment_variable_is_documented() -> None:
    assert len(variables_read()) > 5
    assert variables_read() - {*rows_of(CONFIGURATION)} == set()


def project_vars() -> dict[str, object]:
    read = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))
    given: dict[str, object] = read["vars"]
    return given


def test_every_var_is_documented_with_its_default() -> None:
    documented = rows_of(CONFIGURATION)
    given = project_vars()
    thresholds = given["alert_thresholds"]
    assert isinstance(thresholds, dict)
    everything = {**given, **thresholds}
    assert {*everything} - {*documented} == set()
    wrong = {
        name: (documented[name][0], value)
        for name, value in everything.items()
        if not isinstance(value, dict | list)
        and yaml.safe_load(documented[name][0].strip("`")) != yaml.safe_load(str(value))
        and not (value is None and documented[name][0] == "null")
    }
    assert wrong == {}, "default on the page, and in dbt_project.yml"


def test_each_setting_has_a_default_a_unit_and_a_reason() -> None:
    short = {
        name: cells
        for name, cells in rows_of(CONFIGURATION).items()
        if name in project_vars() and (len(cells) < 3 or len(cells[-1]) < 10)
    }
    assert short == {}


# -- words -----------------------------------------------------------------------------

WORDS = re.compile(
    r"\b(?:rulings?|anew|afresh|mend(?:ed)?|in use|figures? stands?|feeds?)\b|\d %",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "page",
    [p for p in CURRENT if p not in GENERATED_PAGES and p.name != "README.md"],
    ids=label,
)
def test_plain_words(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    assert WORDS.findall(text) == [], "docs/glossary.md has the terms; 5%, not 5 %"

"""SQL that only one of the engines understands, or that they understand differently.

Models and macros run on DuckDB and on Spark (docs/spark.md). What is found here would
fail on Spark after minutes, or, worse, give other rows. `make lint` runs it; the
variants for one engine in `macros/engine/` are the only place where it may stand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("models", "seeds", "macros", "tests/singular", "tests/generic")
# Keys of YAML files whose values are SQL.
SQL_KEYS = re.compile(r"\b(?:expression|where|invalid_when|missing_when|\w+_where): ")
# Types of columns in YAML files: `string` is known to both engines.
VARCHAR = re.compile(r": varchar\b")


@dataclass(frozen=True)
class Pattern:
    """What is not portable, and what to write instead."""

    name: str
    regex: re.Pattern[str]
    instead: str
    # where to look: SQL without its literals, with them, or Jinja's texts too
    in_literals: bool = False
    in_jinja: bool = True


def pattern(
    name: str,
    regex: str,
    instead: str,
    *,
    in_literals: bool = False,
    in_jinja: bool = True,
) -> Pattern:
    """A pattern whose case does not matter."""
    return Pattern(name, re.compile(regex, re.I), instead, in_literals, in_jinja)


def functions(names: str) -> str:
    """A call of one of these functions, that is not a macro of dbt's or ours."""
    return rf"(?<![.\w])(?:{names})\s*\("


PATTERNS = [
    pattern("qualify", r"\bqualify\b", "a CTE with the row number, then `where`"),
    pattern(
        "filter in a window",
        r"\bfilter\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*over\b",
        "`sum(case when … end) over`",
    ),
    pattern(
        "count(distinct) in a window",
        r"\bcount\s*\(\s*distinct\b[^()]*\)\s*over\b",
        "aggregate in a CTE, and join it",
    ),
    pattern("::", r"(?<!:)::(?!:)", "`cast(… as …)`"),
    pattern("star with exceptions", r"\*\s*(?:exclude|replace|except\s*\()", "columns"),
    pattern("asof join", r"\basof\b", "a range join, or a window"),
    pattern("recursive CTE", r"\bwith\s+recursive\b", "`date_spine`, `number_series`"),
    pattern(
        "range frame over an interval",
        r"\brange\s+between\s+interval\b",
        "a rows frame over a spine, or a self join",
    ),
    pattern("//", r"(?<![:/])//(?!/)", "`exact_ratio`, `floor`"),
    pattern(
        "interval", r"\binterval\s+['\d(]", "`add_days`, `add_months`, `add_hours`"
    ),
    pattern(
        "arithmetic on dates",
        r"\b\w*(?:_on|_day|_month|_until|_from|date)\s*[-+]\s*"
        r"(?:\d+|\w+(?:_on|_day|_month|_until|_from))\b(?!\s*\()"
        r"|\bdate\s+'[^']*'\s*[-+]",
        "`add_days`, `days_between`",
        in_literals=True,
        in_jinja=False,
    ),
    pattern(
        "quoted identifier",
        r'"[A-Za-z_]\w*"',
        "a name without quotes: on Spark they make a text",
        in_jinja=False,
    ),
    pattern(
        "text type",
        r"\bas\s+(?:varchar|text)\s*\)",
        "`dbt.type_string()`, and `string` in YAML",
    ),
    pattern("hugeint", r"\bhugeint\b", "`exact_ratio`, or `decimal(38, 0)`"),
    pattern("escape string", r"(?<![\w'])e'", "`trimmed_text`"),
    pattern(
        "escape in a text",
        r"'[^'\n]*\\[abfntrv0][^'\n]*'",
        "a macro of macros/engine: on Spark `\\f` is the letter f",
        in_literals=True,
        in_jinja=False,
    ),
    pattern(
        "text as a whole number",
        r"\btry_cast\s*\((?:[^()]|\([^()]*\))*\bas\s+(?:big|small|tiny)?int(?:eger)?\s*\)",
        "`parse_integer`: 8.5 is 9 on one and null on the other",
        in_jinja=False,
    ),
    pattern("chr", functions("chr"), "`trimmed_text`: beyond 255 they differ"),
    pattern(
        "^ or **", r"(?<=[\w)])\s*(?:\*\*|\^)\s*(?=[\w(])", "`power`", in_jinja=False
    ),
    pattern("<<", r"<<", "`hour_bit`"),
    pattern("subscript", r"(?<=[\w)])\[-?\d+\](?!\s*%)", "`substr`", in_jinja=False),
    pattern(
        "division by what may be zero",
        r"(?<![/*])/(?![/*])\s*(?!nullif\b)[a-z]",
        "macro `ratio`, or `nullif(…, 0)`: 1/0 is infinity on one, null on the other",
        in_jinja=False,
    ),
    pattern(
        "mean of what may be decimals",
        functions("avg") + r"(?!\s*(?:cast\b|\{\{))",
        "macro `ratio`: the mean of decimals is a rounded decimal on one, not a double",
    ),
    pattern("group or order by all", r"\b(?:group|order)\s+by\s+all\b", "the columns"),
    pattern("distinct on", r"\bdistinct\s+on\b", "`row_number`, or `max_by`"),
    pattern("similar to, glob", r"\bsimilar\s+to\b|\bglob\b", "`like`, or a macro"),
    pattern(
        "lists and structs",
        functions(
            r"list|list_\w+|array_\w+|struct_pack|unnest|explode|sequence|flatten"
            r"|collect_\w+|array|named_struct|aggregate|list_contains"
        ),
        "`split_rows`, `overlapping_starts`, `list_contains`",
    ),
    pattern(
        "joined texts",
        functions("string_agg|listagg|group_concat"),
        "an aggregate that needs no order, or a new macro of macros/engine",
    ),
    pattern(
        "series",
        functions("generate_series|range"),
        "`date_spine`, `number_series`",
        in_jinja=False,
    ),
    pattern(
        "date function",
        functions(
            r"date_diff|datediff|date_add|date_sub|dateadd|datesub|strftime|strptime"
            r"|date_format|to_date|to_timestamp|to_days|to_hours|to_months|epoch"
            r"|epoch_\w+|unix_\w+|timezone|make_timestamp|months_between|isfinite"
        ),
        "`add_days`, `days_between`, `month_number`, `local_date`, `epoch_timestamp`",
    ),
    pattern("at time zone", r"\bat\s+time\s+zone\b", "`local_date`"),
    pattern(
        "regular expression",
        functions(r"regexp_\w+") + r"|\brlike\b",
        "`has_address`, `is_number`, or a new macro of macros/engine",
    ),
    pattern("~", r"(?<=[\w)]\s)!?~(?=\s')", "`like`, or a macro", in_jinja=False),
    pattern(
        "JSON function",
        functions(r"json_object|json_extract\w*|json_valid|to_json|get_json_object"),
        "`json_of`, `json_text`, `json_text_at`",
    ),
    pattern(
        "hash",
        functions(r"hash|sha256|sha2|xxhash64"),
        "`row_hash`, `sha256_hex`",
    ),
    pattern(
        "function of one engine",
        functions(
            r"arg_min|arg_max|strpos|starts_with|startswith|string_split|split|format"
            r"|printf|quantile\w*|first|last|any_value|nvl|ifnull|if|iff|isnull"
        ),
        "`min_by`, `max_by`, `position`, `like`, `split_part`, `coalesce`, `case`",
        in_jinja=False,
    ),
    pattern(
        "dbt's own macro",
        r"\bdbt\.(?:safe_cast|listagg|datediff|dateadd|date_trunc|last_day)\b",
        "`try_cast`, `add_days`, `days_between`: these differ between the engines",
    ),
    pattern(
        "branch on the engine",
        r"\btarget\.(?:type|name)\b|\badapter\.type\b",
        "a macro of macros/engine",
    ),
]

# Found, and right: why. An entry that nothing needs is an error.
ZERO = "division by what may be zero"
WHOLE = "text as a whole number"
MEAN = "mean of what may be decimals"
REVIEWED = {
    ("macros/engine/read_value.sql", WHOLE): "a column of whole numbers",
    ("models/intermediate/int_mrr_outlooks.sql", ZERO): "a term has a month (contract)",
    ("models/intermediate/int_outlook_periods.sql", ZERO): "a term has a month, too",
    ("models/intermediate/int_renewals.sql", ZERO): "seeds have no interval of zero",
    ("models/intermediate/int_subscription_terms.sql", ZERO): "as in int_renewals",
    ("models/intermediate/int_tenure_survival.sql", ZERO): "the case before it",
    ("models/marts/engagement/feature_retention.sql", ZERO): "a rank begins with 1",
    ("models/marts/revenue/churn_variants.sql", ZERO): "a month has days",
    ("models/marts/revenue/forecast_backtest.sql", MEAN): "0 or 1",
    ("models/marts/revenue/unit_economics.sql", MEAN): "a ratio is a double",
    ("models/marts/sentiment/csat_monthly.sql", MEAN): "scores are whole numbers",
    (
        "models/marts/sentiment/customer_loyalty_index.sql",
        MEAN,
    ): "scores are whole numbers",
    (
        "models/marts/revenue/customer_lifetime_value.sql",
        ZERO,
    ): "months reached by some",
    ("models/marts/revenue/forecast_backtest.sql", ZERO): "a sum of counts of rows",
    ("models/sources/stripe/stripe_invoiced_mrr.sql", ZERO): "the case before it",
    ("models/sources/stripe/stripe_item_states.sql", ZERO): "packages hold a unit",
}
# Braces in the texts of a block do not end it.
INSIDE = r"""(?:"[^"]*"|'[^']*'|[^"'])*?"""
JINJA = re.compile(rf"(\{{\{{{INSIDE}\}}\}}|\{{%{INSIDE}%\}})")
MACROS = {path.stem for path in (ROOT / "macros").rglob("*.sql")}
CALLED = re.compile(rf"(?<![.\w])(?:{'|'.join(sorted(MACROS))})(?=\s*\()")


def violations(text: str) -> list[tuple[int, Pattern]]:
    """What is not portable in a SQL file: line and pattern."""
    return [
        (line, one)
        for one in PATTERNS
        for found in one.regex.finditer(_seen_by(one, text))
        if (line := text.count("\n", 0, found.start()) + 1)
    ]


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _empty_literal(found: re.Match[str]) -> str:
    return "'" + " " * (len(found[0]) - 2) + "'"


def _seen_by(one: Pattern, text: str) -> str:
    """The text, with blanks for what the pattern does not look at."""
    text = re.sub(r"\{#.*?#\}", _blank, text, flags=re.S)
    parts = JINJA.split(text)
    for place, part in enumerate(parts):
        is_jinja = place % 2 == 1
        if is_jinja:
            # a macro is the right way, whatever its name
            parts[place] = (
                CALLED.sub(_blank, part)
                if one.in_jinja
                else re.sub(r"[^\n]", "_", part)
            )
            continue
        part = re.sub(r"--[^\n]*", _blank, part)
        parts[place] = (
            part if one.in_literals else re.sub(r"'[^'\n]*'", _empty_literal, part)
        )
    return "".join(parts)


def shared_by_engines(path: Path, text: str) -> str:
    """Of a file in macros/engine what is not one engine's variant, in its lines."""
    if "macros/engine" not in path.as_posix():
        return text
    return re.sub(
        r"\{%-?\s*macro\s+(?:duckdb|spark)__.*?endmacro\s*-?%\}",
        _blank,
        text,
        flags=re.S,
    )


def sql_of(path: Path) -> Iterator[tuple[int, str]]:
    """The SQL in a file, with the number of the line before it."""
    text = path.read_text("utf-8")
    if path.suffix == ".sql":
        yield 0, shared_by_engines(path, text)
        return
    for number, line in enumerate(text.splitlines()):
        if found := SQL_KEYS.search(line):
            yield number, line[found.end() :]
        if VARCHAR.search(line):
            yield number, "cast(column as varchar)"


def problems() -> list[str]:
    """All that is not portable, and reviewed patterns that are gone: a line each."""
    found = []
    reviewed = set()
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".sql", ".yml"):
                continue
            name = path.relative_to(ROOT).as_posix()
            for before, text in sql_of(path):
                for line, one in violations(text):
                    if (name, one.name) in REVIEWED:
                        reviewed.add((name, one.name))
                        continue
                    found.append(
                        f"{name}:{before + line}: {one.name} is not portable:"
                        f" {one.instead}"
                    )
    found += [
        f"{name}: {what} is reviewed in tests/project/portability.py, but not there"
        for name, what in sorted({*REVIEWED} - reviewed)
    ]
    return found


if __name__ == "__main__":
    told = problems()
    print("\n".join(told) or "SQL is portable between the engines.")
    sys.exit(bool(told))

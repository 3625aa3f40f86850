"""Models and macros are portable; each pattern finds its fault, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import portability
from tests.project.portability import PATTERNS, problems, violations

# What each pattern is there for, at least once.
FAULTS = [
    ("qualify", "select * from t qualify row_number() over (order by a) = 1"),
    ("filter in a window", "select sum(a) filter (where b) over (order by c) from t"),
    ("filter in a window", "count(*) filter (where f(b) > 1) over ()"),
    ("count(distinct) in a window", "count(distinct a) over (partition by b)"),
    ("::", "select a::date from t"),
    ("::", "{% set day = 'x::date' %}"),
    ("star with exceptions", "select * exclude (a) from t"),
    ("star with exceptions", "select t.* replace (1 as a) from t"),
    ("asof join", "from a asof join b using (c)"),
    ("recursive CTE", "with recursive t as (select 1)"),
    (
        "range frame over an interval",
        "sum(a) over (order by d range between interval 3 day preceding and c)",
    ),
    ("//", "select a // b from t"),
    ("interval", "select a + interval 1 day from t"),
    ("interval", "select a + interval '1' day from t"),
    ("arithmetic on dates", "where ended_on - started_on > 3"),
    ("arithmetic on dates", "select date_day + 1 as next_day from t"),
    ("arithmetic on dates", "where x > date '2024-01-01' - 3"),
    ("quoted identifier", 'select "a" from t'),
    ("text type", "select cast(a as varchar) from t"),
    ("text type", "{{ f('cast(a as text)') }}"),
    ("hugeint", "cast(a as hugeint)"),
    ("escape string", r"trim(a, e'\t')"),
    ("escape in a text", r"trim(both ' \f' from a)"),
    ("text as a whole number", "try_cast(answer as integer)"),
    ("mean of what may be decimals", "cast(avg(new_mrr) over w as double)"),
    ("mean of what may be decimals", "avg(case when a then score end)"),
    ("text as a whole number", "try_cast(trim(answer) as bigint)"),
    ("chr", "trim(a, chr(65279))"),
    ("^ or **", "select a ^ 2 from t"),
    ("^ or **", "select a ** 2 from t"),
    ("<<", "select 1 << a from t"),
    ("subscript", "select a[1] from t"),
    ("subscript", "select split_part(a, b, 1)[-1] from t"),
    ("division by what may be zero", "select a / b from t"),
    ("division by what may be zero", "select a / cast(b as double) from t"),
    ("group or order by all", "select a from t group by all"),
    ("distinct on", "select distinct on (a) a, b from t"),
    ("similar to, glob", "where a similar to 'b'"),
    ("lists and structs", "select list(a) from t"),
    ("lists and structs", "select list_contains(a, 1) from t"),
    ("lists and structs", "select unnest(a) from t"),
    ("joined texts", "select string_agg(a, ', ') from t"),
    ("series", "from generate_series(1, 3)"),
    ("date function", "select date_diff('day', a, b) from t"),
    ("date function", "select datediff(a, b) from t"),
    ("date function", "{{ f('epoch_ms(a)') }}"),
    ("at time zone", "select a at time zone 'UTC' from t"),
    ("regular expression", "where regexp_matches(a, 'b')"),
    ("regular expression", "where a rlike 'b'"),
    ("~", "where a ~ 'b'"),
    ("JSON function", "select json_object('a', b) from t"),
    ("hash", "select hash(a) from t"),
    ("function of one engine", "select arg_max(a, b) from t"),
    ("function of one engine", "where starts_with(a, 'b')"),
    ("dbt's own macro", "{{ dbt.datediff('a', 'b', 'week') }}"),
    ("dbt's own macro", "{{ dbt.safe_cast('a', 'date') }}"),
    ("branch on the engine", "{% if target.type == 'spark' %}"),
]
FINE = """
{#- `a::date`, // and qualify in a comment -#}
-- ended_on - started_on, in days
{{ config(materialized='table') }}
{% set half = 10 / 2 %}
select
    a,
    'text :: // "quoted" e' as sentence,
    count(*) filter (where b) as counted,
    count(distinct c) as distinct_c,
    row_number() over (partition by a order by b desc nulls last) as place,
    sum(d) over (order by m range between 2 preceding and current row) as summed,
    cast(a as {{ dbt.type_string() }}) as text_a,
    a / nullif(b, 0) as share,
    a / 12e0 as monthly,
    {{ add_days('date_day', -1) }} as day_before,
    {{ list_contains('a', 'b') }} as is_there,
    date_month,
    'https://' || host as address
from {{ ref('t') }} -- "as it was"
{{ exceptions.raise_compiler_error("of {a: {b}}: docs/a " ~ a) }}
"""


def test_models_and_macros_are_portable() -> None:
    assert problems() == []


@pytest.mark.parametrize(("name", "sql"), FAULTS)
def test_a_fault_is_found(name: str, sql: str) -> None:
    assert name in [one.name for _, one in violations(sql)]


def test_every_pattern_has_a_fault() -> None:
    assert {one.name for one in PATTERNS} == {name for name, _ in FAULTS}


def test_nothing_else_is_found() -> None:
    assert violations(FINE) == []


def test_the_line_is_right() -> None:
    assert [line for line, _ in violations("{#\n#}\nselect\n    a::date")] == [4]


def test_only_variants_of_one_engine_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = tmp_path / "macros" / "engine" / "hour.sql"
    engine.parent.mkdir(parents=True)
    engine.write_text(
        "{% macro hour(a) -%} a::date {%- endmacro %}\n"
        "{% macro duckdb__hour(a) -%} a::date {%- endmacro %}\n"
    )
    model = tmp_path / "models" / "m.yml"
    model.parent.mkdir()
    model.write_text(
        "- expression: a::date > b\n- where: b is null\n- data_type: varchar\n"
    )
    monkeypatch.setattr(portability, "ROOT", tmp_path)
    monkeypatch.setattr(portability, "REVIEWED", {("models/gone.sql", "::"): "why"})
    found = problems()
    assert [one.split(": ")[0] for one in found] == [
        "models/m.yml:1",
        "models/m.yml:3",
        "macros/engine/hour.sql:1",
        "models/gone.sql",
    ]

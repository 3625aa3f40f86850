{#- JSON text of (name, expression) pairs. -#}
{% macro json_of(pairs) -%}
    {{ return(adapter.dispatch('json_of')(pairs)) }}
{%- endmacro %}

{% macro duckdb__json_of(pairs) -%}
    cast(json_object(
        {%- for name, expression in pairs -%}
        '{{ name }}', {{ expression }}{{ ", " if not loop.last }}
        {%- endfor -%}
    ) as varchar)
{%- endmacro %}


{#- Aggregate: the starts of the periods that begin before an earlier kept one has
    ended, in order of start. With `is_known` false the period can overlap, but does not
    block others. A period without an end blocks none: the next one ends it (rule 6). -#}
{% macro overlapping_starts(started_on, ended_on, is_known) -%}
    {{ return(adapter.dispatch('overlapping_starts')(started_on, ended_on, is_known)) }}
{%- endmacro %}

{% macro duckdb__overlapping_starts(started_on, ended_on, is_known) -%}
    list_reduce(
        list(
            struct_pack(
                started_on := {{ started_on }},
                ended_on := {{ ended_on }},
                is_known := {{ is_known }}
            )
            order by {{ started_on }}
        ),
        lambda kept, period: struct_pack(
            free_from := case
                when period.is_known and period.started_on >= kept.free_from
                    then greatest(kept.free_from, coalesce(period.ended_on, kept.free_from))
                else kept.free_from
            end,
            overlapping := case
                when period.started_on >= kept.free_from then kept.overlapping
                else list_append(kept.overlapping, period.started_on)
            end
        ),
        struct_pack(free_from := date '0001-01-01', overlapping := cast([] as date[]))
    ).overlapping
{%- endmacro %}


{% macro list_contains(list, value) -%}
    {{ return(adapter.dispatch('list_contains')(list, value)) }}
{%- endmacro %}

{% macro duckdb__list_contains(list, value) -%}
    list_contains({{ list }}, {{ value }})
{%- endmacro %}


{#- SHA-256 of a text, as 64 hexadecimal digits. -#}
{% macro sha256_hex(text) -%}
    {{ return(adapter.dispatch('sha256_hex')(text)) }}
{%- endmacro %}

{% macro duckdb__sha256_hex(text) -%}
    sha256({{ text }})
{%- endmacro %}


{#- The salt of e-mail hashes. Provided by the engine, so that it is in no compiled SQL,
    log or artifact: on DuckDB by pipeline/raw/dbt_plugin.py. -#}
{% macro email_hash_salt() -%}
    {{ return(adapter.dispatch('email_hash_salt')()) }}
{%- endmacro %}

{% macro duckdb__email_hash_salt() -%}
    (select salt from email_hash.main.salts)
{%- endmacro %}

{#- Conditions, as a list, that exclude each other: one is true for a delivered timestamp
    that may be on or after a day in any time zone, and for one that is on no day: null,
    infinite, or text of another form. Written so that a scan of typed files skips what is
    older: DuckDB does not with `or`. -#}
{% macro may_be_on_or_after(raw, kind, day) -%}
    {% set before = (
        modules.datetime.date.fromisoformat(day) - modules.datetime.timedelta(days=1)
    ).isoformat() %}
    {{ return(adapter.dispatch('may_be_on_or_after')(raw, kind, before)) }}
{%- endmacro %}

{% macro duckdb__may_be_on_or_after(raw, kind, before) -%}
    {% set first = {
        'date': "date '" ~ before ~ "'",
        'timestamp': "timestamp '" ~ before ~ " 00:00:00'",
        'timestamp_tz': "timestamptz '" ~ before ~ " 00:00:00+00'",
    }.get(kind) %}
    {% if not first %}
        {% set text = as_text(raw, kind) | trim %}
        {% do return([
            "coalesce(" ~ text ~ "[5] <> '-' or " ~ text ~ "[8] <> '-' or substr(" ~ text
            ~ ", 1, 10) >= '" ~ before ~ "', true)"
        ]) %}
    {% endif %}
    {% do return([
        raw ~ ' >= ' ~ first,
        raw ~ " = '-infinity'",
        raw ~ ' is null',
    ]) %}
{%- endmacro %}

{% macro spark__may_be_on_or_after(raw, kind, before) -%}
    {% if kind == 'date' %}
        {% do return([raw ~ " >= date '" ~ before ~ "' or " ~ raw ~ ' is null']) %}
    {% elif kind == 'timestamp' %}
        {% do return([raw ~ " >= timestamp '" ~ before ~ " 00:00:00' or " ~ raw ~ ' is null']) %}
    {% endif %}
    {% set text = as_text(raw, kind) | trim %}
    {% do return([
        'coalesce(substr(' ~ text ~ ", 5, 1) <> '-' or substr(" ~ text ~ ", 8, 1) <> '-'"
        ~ ' or substr(' ~ text ~ ", 1, 10) >= '" ~ before ~ "', true)"
    ]) %}
{%- endmacro %}

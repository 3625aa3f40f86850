{#- True for a delivered timestamp that may be on or after a day in any time zone, and
    for one that is on no day: null, infinite, or text of another form. Written so that a
    scan of typed files reads nothing but the timestamps of older rows. -#}
{% macro may_be_on_or_after(raw, kind, day) -%}
    {{ return(adapter.dispatch('may_be_on_or_after')(raw, kind, day)) }}
{%- endmacro %}

{% macro duckdb__may_be_on_or_after(raw, kind, day) -%}
    {%- set before = (
        modules.datetime.date.fromisoformat(day) - modules.datetime.timedelta(days=1)
    ).isoformat() -%}
    {%- if kind == 'date' -%} ({{ raw }} >= date '{{ before }}' or {{ raw }} is null or {{ raw }} = date '-infinity')
    {%- elif kind == 'timestamp' -%}
    (
        {{ raw }} >= timestamp '{{ before }} 00:00:00'
        or {{ raw }} is null
        or {{ raw }} = timestamp '-infinity'
    )
    {%- elif kind == 'timestamp_tz' -%}
    (
        {{ raw }} >= timestamptz '{{ before }} 00:00:00+00'
        or {{ raw }} is null
        or {{ raw }} = timestamptz '-infinity'
    )
    {%- else -%}
    coalesce(
        {{ as_text(raw, kind) }}[5] <> '-'
        or {{ as_text(raw, kind) }}[8] <> '-'
        or substr({{ as_text(raw, kind) }}, 1, 10) >= '{{ before }}',
        true
    )
    {%- endif -%}
{%- endmacro %}

{% macro spark__may_be_on_or_after(raw, kind, day) -%}
    {%- set before = (
        modules.datetime.date.fromisoformat(day) - modules.datetime.timedelta(days=1)
    ).isoformat() -%}
    {%- if kind == 'date' -%} ({{ raw }} >= date '{{ before }}' or {{ raw }} is null)
    {%- elif kind == 'timestamp' -%}
    ({{ raw }} >= timestamp '{{ before }} 00:00:00' or {{ raw }} is null)
    {%- else -%}
    coalesce(
        substr({{ as_text(raw, kind) }}, 5, 1) <> '-'
        or substr({{ as_text(raw, kind) }}, 8, 1) <> '-'
        or substr({{ as_text(raw, kind) }}, 1, 10) >= '{{ before }}',
        true
    )
    {%- endif -%}
{%- endmacro %}

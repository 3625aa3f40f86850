{#- ISO 8601 (extended), a space for the T, seconds and offset optional, the hour with
    one or two digits; an offset is Z, UTC, -0500, -05 or -05:00, after a space or not
    (rule 4). In UTC. DuckDB's own cast drops the offset, so it is applied here. -#}
{% macro parse_timestamp(text) -%}
    {{ return(adapter.dispatch('parse_timestamp')(text)) }}
{%- endmacro %}

{% macro duckdb__parse_timestamp(text) -%}
    {%- set moment = '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?' -%}
    {%- set offset = '[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?' -%}
    {%- set offset_parts = '[+-]([0-9]{2}):?([0-9]{2})?$' -%}
    case
        -- the usual form first: its pattern costs half as much as the general one
        when regexp_full_match({{ text }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}Z?')
            then try_cast(substr({{ text }}, 1, 19) as timestamp)
        when regexp_full_match({{ text }}, '{{ moment }}( ?(Z|UTC))?|[0-9]{4}-[0-9]{2}-[0-9]{2}')
            then try_cast(regexp_extract({{ text }}, '^[^ZU]*[^ZU ]') as timestamp)
        when regexp_full_match({{ text }}, '{{ moment }} ?{{ offset }}')
            then try_cast(regexp_extract({{ text }}, '^{{ moment }}') as timestamp)
                - case when {{ text }} like '%-%-%-%' then -1 else 1 end
                * (
                    cast(regexp_extract({{ text }}, '{{ offset_parts }}', 1) as integer) * 60
                    + coalesce(try_cast(regexp_extract({{ text }}, '{{ offset_parts }}', 2) as integer), 0)
                )
                * interval 1 minute
    end
{%- endmacro %}

{#- 24:00 is the start of the next day, which Spark's cast does not know. -#}
{% macro spark__parse_timestamp(text) -%}
    {%- set moment = '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?' -%}
    {%- set offset = '[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?' -%}
    {%- set offset_parts = '[+-]([0-9]{2}):?([0-9]{2})?\\z' -%}
    {%- set written = "regexp_extract(" ~ text ~ ", r'^" ~ moment ~ "|^[0-9]{4}-[0-9]{2}-[0-9]{2}', 0)" -%}
    {%- set read -%}
    case
        when {{ written }} rlike r'[T ]24:00(:00([.]0*)?)?\z'
            then timestampadd(day, 1, try_cast(substr({{ text }}, 1, 10) as timestamp))
        else try_cast({{ written }} as timestamp)
    end
    {%- endset -%}
    case
        when {{ text }} rlike r'^({{ moment }}( ?(Z|UTC))?|[0-9]{4}-[0-9]{2}-[0-9]{2})\z'
            then {{ read }}
        when {{ text }} rlike r'^{{ moment }} ?{{ offset }}\z'
            then timestampadd(
                minute,
                case when {{ text }} like '%-%-%-%' then 1 else -1 end
                * (
                    cast(regexp_extract({{ text }}, r'{{ offset_parts }}', 1) as int) * 60
                    + coalesce(try_cast(regexp_extract({{ text }}, r'{{ offset_parts }}', 2) as int), 0)
                ),
                {{ read }}
            )
    end
{%- endmacro %}

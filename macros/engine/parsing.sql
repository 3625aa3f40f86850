{#- Parsing text. Each macro takes an expression of trimmed text and never fails: what
    cannot be parsed is null (or false). -#}

{#- Trimmed; null where nothing is left. Most cells need no trimming, which is cheap to
    detect. -#}
{% macro trimmed_text(expression) -%}
    {{ return(adapter.dispatch('trimmed_text')(expression)) }}
{%- endmacro %}

{% macro duckdb__trimmed_text(expression) -%}
    case
        when
            ascii({{ expression }}) between 33 and 126
            and ascii({{ expression }}[-1]) between 33 and 126
            then {{ expression }}
        else nullif(trim({{ expression }}, e' \t\n\r\f' || chr(11) || chr(160) || chr(65279)), '')
    end
{%- endmacro %}


{#- Digits, sign, point; no exponent. -#}
{% macro is_number(text) -%}
    {{ return(adapter.dispatch('is_number')(text)) }}
{%- endmacro %}

{% macro duckdb__is_number(text) -%}
    regexp_full_match({{ text }}, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)')
{%- endmacro %}


{#- A number of at most so many digits before the point, and within 1e-9 of a number
    with so many after it (rule 4): 0.30000000000000004 was meant to be 0.3. -#}
{% macro has_digits(raw, kind, before, after) -%}
    {{ return(adapter.dispatch('has_digits')(raw, kind, before, after)) }}
{%- endmacro %}

{% macro duckdb__has_digits(raw, kind, before, after) -%}
    {%- if kind == 'integer' -%}
    abs({{ raw }}) < {{ 10 ** before }}
    {%- else -%}
    {%- set number = raw if kind == 'decimal'
        else "try_cast(regexp_replace(" ~ as_text(raw, kind) | trim ~ ", '([.][0-9]{20})[0-9]+$', '\\1') as decimal(38, 20))" -%}
    coalesce(
        abs({{ number }}) < {{ 10 ** before }}
        and abs({{ number }} - round({{ number }}, {{ after }})) < 0.000000001,
        false
    )
    {%- endif -%}
{%- endmacro %}


{% macro parse_decimal(text, form) -%}
    {{ return(adapter.dispatch('parse_decimal')(text, form)) }}
{%- endmacro %}

{% macro duckdb__parse_decimal(text, form) -%}
    case when {{ is_number(text) }} then try_cast({{ text }} as decimal({{ form }})) end
{%- endmacro %}


{#- A whole number; 5.0 is one, 8.5 is null. -#}
{% macro parse_integer(text) -%}
    {{ return(adapter.dispatch('parse_integer')(text)) }}
{%- endmacro %}

{% macro duckdb__parse_integer(text) -%}
    case
        when regexp_full_match({{ text }}, '[+-]?[0-9]+(\.0*)?')
            then try_cast(regexp_replace({{ text }}, '\.0*$', '') as bigint)
    end
{%- endmacro %}


{% macro parse_boolean(text) -%}
    case
        when {{ text }} is null then false
        when lower({{ text }}) in ('true', 't', '1', 'yes', 'y') then true
        when lower({{ text }}) in ('false', 'f', '0', 'no', 'n') then false
    end
{%- endmacro %}


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


{#- The date as written, without a time after it; with an offset, its date in UTC. -#}
{% macro parse_date(text) -%}
    {{ return(adapter.dispatch('parse_date')(text)) }}
{%- endmacro %}

{% macro duckdb__parse_date(text) -%}
    case
        when regexp_full_match({{ text }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
            then try_cast({{ text }} as date)
        when regexp_matches({{ text }}, '(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$')
            then cast({{ parse_timestamp(text) }} as date)
        when {{ parse_timestamp(text) }} is not null then try_cast(substr({{ text }}, 1, 10) as date)
    end
{%- endmacro %}

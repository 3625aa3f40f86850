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

{% macro spark__parse_date(text) -%}
    case
        when {{ text }} rlike r'^[0-9]{4}-[0-9]{2}-[0-9]{2}\z'
            then try_cast({{ text }} as date)
        when {{ text }} rlike r'(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)\z'
            then cast({{ parse_timestamp(text) }} as date)
        when {{ parse_timestamp(text) }} is not null then try_cast(substr({{ text }}, 1, 10) as date)
    end
{%- endmacro %}

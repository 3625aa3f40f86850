{#- A select: columns of a relation, and as column `part` each part of a text of it that
    has a separator, trimmed; no row where the text is null. -#}
{% macro split_rows(relation, columns, text, separator) -%}
    {{ return(adapter.dispatch('split_rows')(relation, columns, text, separator)) }}
{%- endmacro %}

{% macro duckdb__split_rows(relation, columns, text, separator) -%}
    select
        {{ columns | join(', ') }},
        trim(part) as part
    from (
        select
            {{ columns | join(', ') }},
            unnest(string_split({{ text }}, '{{ separator }}')) as part
        from {{ relation }}
    ) as parts
    where trim(part) <> ''
{%- endmacro %}

{% macro spark__split_rows(relation, columns, text, separator) -%}
    select
        {{ columns | join(', ') }},
        trim(part) as part
    from (
        select
            {{ columns | join(', ') }},
            explode(split({{ text }}, r'\Q{{ separator }}\E')) as part
        from {{ relation }}
    ) as parts
    where trim(part) <> ''
{%- endmacro %}

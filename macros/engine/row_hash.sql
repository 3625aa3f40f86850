{#- A hash of a row's values, to find identical rows. -#}
{% macro row_hash(values) -%}
    {{ return(adapter.dispatch('row_hash')(values)) }}
{%- endmacro %}

{% macro duckdb__row_hash(values) -%}
    hash({{ values | join(', ') }})
{%- endmacro %}

{% macro spark__row_hash(values) -%}
    xxhash64({{ values | join(', ') }})
{%- endmacro %}

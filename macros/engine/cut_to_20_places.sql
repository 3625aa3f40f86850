{#- The text of a number as a decimal, with its first 20 places; null where it has too many
    digits before the point. -#}
{% macro cut_to_20_places(text) -%}
    {{ return(adapter.dispatch('cut_to_20_places')(text)) }}
{%- endmacro %}

{% macro duckdb__cut_to_20_places(text) -%}
    try_cast(regexp_replace({{ text }}, '([.][0-9]{20})[0-9]+$', '\1') as decimal(38, 20))
{%- endmacro %}

{% macro spark__cut_to_20_places(text) -%}
    try_cast(regexp_replace({{ text }}, r'([.][0-9]{20})[0-9]+\z', '$1') as decimal(38, 20))
{%- endmacro %}

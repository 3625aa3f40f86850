{#- What counts as an e-mail address, as `address_pattern` has it: something, an @
    (also full-width, or written %40), and a domain with a dot that ends in letters.
    `a@b`, `@handle` and `react@18.2.0` are none. Null for null. -#}
{% macro has_address(text) -%}
    {{ return(adapter.dispatch('has_address')(text)) }}
{%- endmacro %}

{% macro duckdb__has_address(text) -%}
    regexp_matches({{ text }}, '{{ address_pattern() }}')
{%- endmacro %}

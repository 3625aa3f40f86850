{#- What counts as an e-mail address, as `address_pattern` has it: something, an @
    (also full-width, or written %40), and a domain with a dot that ends in letters.
    `a@b`, `@handle` and `react@18.2.0` are none. Null for null. -#}
{% macro has_address(text) -%}
    {{ return(adapter.dispatch('has_address')(text)) }}
{%- endmacro %}

{% macro duckdb__has_address(text) -%}
    regexp_matches({{ text }}, '{{ address_pattern() }}')
{%- endmacro %}

{#- In Java \s is also the vertical tab. -#}
{% macro spark__has_address(text) -%}
    {{ text }} rlike r'{{ address_pattern() | replace("\\s", "\\t\\n\\f\\r ") }}'
{%- endmacro %}

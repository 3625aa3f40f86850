{#- What counts as an e-mail address, here and in pipeline/addresses.py: something, an @
    (also full-width, or written %40), and a domain with a dot that ends in letters.
    `a@b`, `@handle` and `react@18.2.0` are none. Null for null. -#}
{% macro has_address(text) -%}
    {{ return(adapter.dispatch('has_address')(text)) }}
{%- endmacro %}

{% macro duckdb__has_address(text) -%}
    regexp_matches({{ text }}, '{{ address_pattern() }}')
{%- endmacro %}


{#- A text in which every e-mail address is cut to its part before the @. -#}
{% macro without_domains(text) -%}
    {{ return(adapter.dispatch('without_domains')(text)) }}
{%- endmacro %}

{% macro duckdb__without_domains(text) -%}
    regexp_replace({{ text }}, '{{ address_pattern() }}', '\1', 'g')
{%- endmacro %}


{% macro address_pattern() -%}
    ([^\s@\x{FF20}])(@|\x{FF20}|%40)([\p{L}\p{N}_-]+[.])+\p{L}[\p{L}\p{N}-]+
{%- endmacro %}

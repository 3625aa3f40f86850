{#- A text in which every e-mail address is cut to its part before the @. -#}
{% macro without_domains(text) -%}
    {{ return(adapter.dispatch('without_domains')(text)) }}
{%- endmacro %}

{% macro duckdb__without_domains(text) -%}
    regexp_replace({{ text }}, '{{ address_pattern() }}', '\1', 'g')
{%- endmacro %}

{% macro spark__without_domains(text) -%}
    regexp_replace({{ text }}, r'{{ address_pattern() | replace("\\s", "\\t\\n\\f\\r ") }}', '$1')
{%- endmacro %}

{#- A text, or [redacted] where it holds an e-mail address. -#}
{% macro without_address(text) -%}
    case when {{ has_address(text) }} then '[redacted]' else {{ text }} end
{%- endmacro %}

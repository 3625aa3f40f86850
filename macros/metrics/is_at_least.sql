{#- True where a double reaches a bound, but for the noise of doubles. -#}
{% macro is_at_least(value, bound) -%}
    {{ value }} >= {{ bound }} - 1e-9 * abs({{ value }})
{%- endmacro %}

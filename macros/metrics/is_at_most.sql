{#- True where a double does not exceed a bound, but for the noise of doubles. -#}
{% macro is_at_most(value, bound) -%}
    {{ value }} <= {{ bound }} + 1e-9 * abs({{ value }})
{%- endmacro %}

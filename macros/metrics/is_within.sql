{#- True where a double is in a range, its bounds included, but for the noise of doubles;
    null without a range. -#}
{% macro is_within(value, lower, upper) -%}
    {{ value }} >= {{ lower }} - 1e-9 * abs({{ value }})
    and {{ value }} <= {{ upper }} + 1e-9 * abs({{ value }})
{%- endmacro %}

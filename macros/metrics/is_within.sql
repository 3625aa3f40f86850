{#- True where a double is in a range, its bounds included, but for the noise of doubles;
    null without a range. -#}
{% macro is_within(value, lower, upper) -%}
    {{ is_at_least(value, lower) }}
    and {{ is_at_most(value, upper) }}
{%- endmacro %}

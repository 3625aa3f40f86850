{#- A score as display text: a whole number. -#}
{% macro score_text(score) -%}
    cast(cast(round({{ score }}) as integer) as string)
{%- endmacro %}

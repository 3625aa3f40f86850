{#- Aggregate: the mean of doubles, by decimals of 18 places. A sum of doubles depends on
    the order of the rows, and the same input must give the same marts. -#}
{% macro mean_of(value) -%}
    cast(avg(cast({{ value }} as decimal(38, 18))) as double)
{%- endmacro %}

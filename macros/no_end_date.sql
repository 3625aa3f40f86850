{#- Represents "no end yet" in comparisons. In a join, `x > day or x is null` makes
    DuckDB compare every row with every row; `coalesce(x, no_end_date()) > day` keeps it
    a hash or a merge join. -#}
{% macro no_end_date() -%} date '9999-12-31' {%- endmacro %}

{#- Aggregate: the plan of the period with the largest MRR; ties by name. -#}
{% macro leading_plan(periods) -%}
    min_by({{ periods }}.plan, (-{{ periods }}.mrr, {{ periods }}.plan))
{%- endmacro %}

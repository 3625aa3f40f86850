{#- The mean of the known components, weighted by columns <component>_weight: rounded half
    up to four places, and then to an integer, as the health score is. Null where no
    known component has a weight. -#}
{% macro weighted_score(weights, components) -%}
    {%- set points = [] -%}
    {%- set weight_sum = [] -%}
    {%- for component in health_components() -%}
    {%- set weight = weights ~ '.' ~ component ~ '_weight' -%}
    {%- set score = components ~ '.' ~ component ~ '_score' -%}
    {%- do points.append(weight ~ ' * coalesce(' ~ score ~ ', 0)') -%}
    {%- do weight_sum.append('case when ' ~ score ~ ' is null then 0 else ' ~ weight ~ ' end') -%}
    {%- endfor -%}
    cast({{ exact_ratio(
        exact_ratio(points | join(' + '), weight_sum | join(' + '), places=4),
        1,
        places=0
    ) }} as integer)
{%- endmacro %}

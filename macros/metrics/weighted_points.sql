{#- The known components times their weights, summed: over known_weight it is the score.
    Arguments as there. -#}
{% macro weighted_points(weights, scores='') -%}
    {%- for component in health_components() %}
    {{ "+ " if not loop.first -}}
    {{ weights[component] }} * coalesce({{ scores }}{{ component }}_score, 0)
    {%- endfor %}
{%- endmacro %}

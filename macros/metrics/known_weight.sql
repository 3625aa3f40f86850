{#- The weights of the components that are known, summed: the others take no part. `weights`
    has SQL by component; `scores` is the relation of the columns <component>_score, with
    its point, where several are joined. -#}
{% macro known_weight(weights, scores='') -%}
    {%- for component in health_components() %}
    {{ "+ " if not loop.first -}}
    case
        when {{ scores }}{{ component }}_score is not null then {{ weights[component] }} else 0
    end
    {%- endfor %}
{%- endmacro %}

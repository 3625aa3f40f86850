{#- Band of a published health score (var health_bands). -#}
{% macro health_band(score) -%}
    case
        {%- for band in var('health_bands') if band.max_score is not none %}
        when {{ score }} <= {{ band.max_score }} then '{{ band.band }}'
        {%- endfor %}
        when {{ score }} is not null then '{{ (var("health_bands") | selectattr("max_score", "none") | first).band }}'
    end
{%- endmacro %}

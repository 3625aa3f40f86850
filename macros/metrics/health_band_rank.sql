{#- Rank of a band in health_bands, worst first; null without a band. -#}
{% macro health_band_rank(band) -%}
    case {{ band }}
        {%- for health_band in var('health_bands') %}
        when '{{ health_band.band }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}

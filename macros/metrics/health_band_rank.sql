{#- Place of a band among health_bands, from the worst on; null without one. -#}
{% macro health_band_rank(band) -%}
    case {{ band }}
        {%- for health_band in var('health_bands') %}
        when '{{ health_band.band }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}

{#- A count with its noun: 1 day, 2 days. -#}
{% macro pluralize(number, thing) -%}
    cast({{ number }} as string)
    || case when {{ number }} = 1 then ' {{ thing }}' else ' {{ thing }}s' end
{%- endmacro %}

{#- Figures in the sentences that people read. -#}

{#- Money as people read it: USD 1200.50. -#}
{% macro money_text(amount) -%}
    '{{ var("base_currency") }} ' || cast(cast({{ amount }} as decimal(18, 2)) as string)
{%- endmacro %}


{#- A score as people read it: a whole number. -#}
{% macro score_text(score) -%}
    cast(cast(round({{ score }}) as integer) as string)
{%- endmacro %}


{#- So many of a thing: 1 day, 2 days. -#}
{% macro pluralize(number, thing) -%}
    cast({{ number }} as string)
    || case when {{ number }} = 1 then ' {{ thing }}' else ' {{ thing }}s' end
{%- endmacro %}

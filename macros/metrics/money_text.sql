{#- Money as display text: USD 1200.50. -#}
{% macro money_text(amount) -%}
    '{{ var("base_currency") }} ' || cast(cast({{ amount }} as decimal(18, 2)) as string)
{%- endmacro %}

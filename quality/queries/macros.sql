{% macro monthly_amount() -%}
cast(amount as decimal(28, 4)) * case billing_interval
    when 'week' then 52
    when 'month' then 12
    when 'quarter' then 4
    when 'half_year' then 2
    when 'year' then 1
end / 12
{%- endmacro %}

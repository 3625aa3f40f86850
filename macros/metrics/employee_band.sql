{#- Segment of an account by its number of employees (rule 12). -#}
{% macro employee_band(employees) -%}
    case
        when {{ employees }} between 1 and 10 then '1-10'
        when {{ employees }} between 11 and 50 then '11-50'
        when {{ employees }} between 51 and 200 then '51-200'
        when {{ employees }} between 201 and 1000 then '201-1000'
        when {{ employees }} > 1000 then '1001+'
        else 'unknown'
    end
{%- endmacro %}

{#- A row returned is a key that occurs more than once, or lacks a part that is not
    `nullable`. -#}
{% test primary_key(model, columns, nullable=[]) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_with_key
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}

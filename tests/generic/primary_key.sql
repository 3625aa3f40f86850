{#- A row returned is a key that occurs more than once, or lacks a part that is not
    `nullable`. Keys are compared where their hashes repeat: to group all of a large
    table by long texts takes several times the memory and CPU. -#}
{% test primary_key(model, columns, nullable=[]) %}
with hashed as (
    select
        {{ columns | join(', ') }},
        {{ row_hash(columns) }} as key_hash
    from {{ model }}
),

repeated as (
    select key_hash
    from hashed
    group by key_hash
    having count(*) > 1
),

suspects as (
    select *
    from hashed
    where
        key_hash in (select repeated.key_hash from repeated)
        {%- for column in columns if column not in nullable %}
        or {{ column }} is null
        {%- endfor %}
)

select
    {{ columns | join(', ') }},
    count(*) as rows_with_key
from suspects
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}

-- Rule 85: ids that were converted through a number. `10001.0` next to `10001` in
-- another table, where all numbers of the column have that ending; or `1.00235E+15`.
with ours as (
    {%- for column in ('account_id', 'user_id') %}
    select
        '{{ column }}' as column_name,
        coalesce({{ column }}, (raw_row ->> '{{ column }}')) as id,
        sum(row_count) as row_count
    from {{ table }}
    group by id
    {{- ' union all' if not loop.last }}
    {%- endfor %}
),

others as (
    {%- for other, column in others if other in present and other != name %}
    select distinct
        '{{ column }}' as column_name,
        {{ column }} as id
    from staging.base_{{ other }}
    union
    {%- endfor %}
    select
        null as column_name,
        null as id
),

shapes as (
    select
        ours.*,
        regexp_full_match(ours.id, '[0-9]+') as is_whole,
        regexp_full_match(ours.id, '[0-9]+[.]0') as is_decimal,
        regexp_full_match(ours.id, '[0-9]+([.,][0-9]+)?[eE][+][0-9]+') as is_exponent,
        others.id is not null as is_known_elsewhere
    from ours
    left join others
        on
            ours.column_name = others.column_name
            and regexp_replace(ours.id, '[.]0$', '') = others.id
            and ours.id like '%.0'
),

columns_found as (
    select
        column_name,
        case
            when
                count(*) filter (where is_whole) = 0
                and count(*) filter (where is_decimal and is_known_elsewhere) > 0
                then sum(row_count) filter (where is_decimal)
            else 0
        end as decimals,
        coalesce(sum(row_count) filter (where is_exponent), 0) as exponents,
        min(id) filter (where is_decimal and is_known_elsewhere) as example_decimal,
        min(id) filter (where is_exponent) as example_exponent
    from shapes
    group by column_name
)

select
    sum(decimals + exponents) as broken,
    coalesce(
        string_agg(
            column_name || ': ' || (decimals + exponents) || ' rows like '
            || case when decimals > 0 then example_decimal else example_exponent end,
            '; ' order by column_name
        ) filter (where decimals + exponents > 0),
        'all as in the other tables'
    ) as message
from columns_found

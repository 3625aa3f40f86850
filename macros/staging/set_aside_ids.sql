{#-
    A select of the ids of a validated table whose rows are all rejected, some of them
    filtered or deleted at the source (rule 74): the id and `is_filtered`, true where all
    of its rows are filtered. `base` is a CTE of its rows.
-#}
{% macro set_aside_ids(id, base='base') -%}
    select
        {{ id }},
        count(*) = count(case when rejection_reason = 'filtered' then 1 end)
            as is_filtered
    from {{ base }}
    where {{ id }} is not null
    group by {{ id }}
    having
        count(case when rejection_reason is null then 1 end) = 0
        and count(
            case when rejection_reason in ('filtered', 'deleted_at_source') then 1 end
        ) > 0
{%- endmacro %}

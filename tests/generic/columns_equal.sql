{#- Compares columns that a model repeats with the model they come from, column by
    column. A row returned is one that only one of the two has. `columns` is a list of
    columns; `renamed` maps a column of this model to its expression in the other one.
    `source_where` limits the rows of the other model, `model_where` those of this one.
    -#}
{% test columns_equal(
    model, source_model, columns, renamed={}, source_where='true', model_where='true'
) %}
with repeated as (
    select
        {{ (columns + (renamed.keys() | list)) | join(', ') }}
    from {{ model }}
    where {{ model_where }}
),

original as (
    select
        {{ (columns + (renamed.values() | list)) | join(', ') }}
    from {{ source_model }}
    where {{ source_where }}
),

only_repeated as (
    select * from repeated
    except
    select * from original
),

only_original as (
    select * from original
    except
    select * from repeated
)

select * from only_repeated
union all
select * from only_original
{% endtest %}

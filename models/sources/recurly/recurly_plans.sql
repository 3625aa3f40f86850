-- Grain: one row per plan (plan_id), as the contract bills it.
{{ config(enabled=source_gives('recurly', 'subscriptions'), materialized='table') }}
with history as (
    select * from {{ source_table('recurly', 'plan_history') }}
),

versions as (
    select
        *,
        row_number() over (
            partition by id order by updated_at desc nulls last, _fivetran_synced desc nulls last
        ) as version_rank
    from history
),

-- Recurly counts days or months
in_months as (
    select
        *,
        case when interval_unit = 'months' then interval_length end as months
    from versions
    where version_rank = 1
),

final as (
    select
        id as plan_id,
        coalesce(name, code, id) as plan,
        interval_unit,
        interval_length,
        case
            when interval_unit = 'days' then 'week'
            when months = 3 then 'quarter'
            when months = 6 then 'half_year'
            when mod(months, 12) = 0 then 'year'
            when months is not null then 'month'
        end as billing_interval,
        -- a bill of two years is half as much a year: amount * multiplier / divisor
        case when interval_unit = 'days' then 7 else 1 end as multiplier,
        case
            when interval_unit = 'days' then interval_length
            when months in (3, 6) then 1
            when mod(months, 12) = 0 then cast(floor(months / 12) as bigint)
            else months
        end as divisor,
        case when months not in (1, 3, 6, 12) then months end as term_months
    from in_months
)

select * from final

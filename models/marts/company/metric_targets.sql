-- Grain: one row per month and metric of kpi_monthly with a target (date_month,
-- metric).
with kpi_monthly as (
    select * from {{ ref('kpi_monthly') }}
),

metric_catalogue as (
    select * from {{ ref('metric_catalogue') }}
),

targets as (
    select * from {{ ref('targets') }}
),

-- a month's own target comes before the one for every month
with_target as (
    select
        kpi_monthly.date_month,
        kpi_monthly.metric,
        kpi_monthly.value,
        kpi_monthly.is_small_sample,
        kpi_monthly.is_complete_month,
        metric_catalogue.direction,
        coalesce(of_the_month.target, of_every_month.target) as target_value
    from kpi_monthly
    inner join metric_catalogue on kpi_monthly.metric = metric_catalogue.metric
    left join targets as of_the_month
        on
            kpi_monthly.metric = of_the_month.metric
            and kpi_monthly.date_month = of_the_month.date_month
    left join targets as of_every_month
        on
            kpi_monthly.metric = of_every_month.metric
            and of_every_month.date_month is null
),

-- a month that is not over, and a small sample, neither meet nor miss a target; the
-- last digits of a double do not decide
final as (
    select
        date_month,
        metric,
        target_value,
        value,
        case
            when is_small_sample or not is_complete_month then null
            when direction = 'up' then {{ is_at_least('value', 'target_value') }}
            else {{ is_at_most('value', 'target_value') }}
        end as is_met,
        is_complete_month
    from with_target
    where target_value is not null
)

select * from final

-- Grain: one row per month in which accounts pay (date_month), the open month as of
-- as_of_date: health of all of them together.
with account_health as (
    select * from {{ ref('int_account_health') }}
),

summed as (
    select
        date_month,
        count(*) as accounts,
        count(health_score) as scored_accounts,
        avg(cast(health_score as double)) as health_score_mean,
        -- the number in red is unknown where nobody has a score
        case
            when count(health_score) > 0
                then count(*) filter (where health_band = 'red')
        end as red_accounts,
        cast(
            coalesce(sum(case when health_band = 'red' then mrr end), 0)
            as decimal(18, 4)
        ) as red_mrr,
        is_complete_month
    from account_health
    group by date_month, is_complete_month
),

final as (
    select
        date_month,
        accounts,
        scored_accounts,
        health_score_mean,
        red_accounts,
        {{ ratio('red_accounts', 'scored_accounts') }} as red_share,
        red_mrr,
        is_complete_month
    from summed
)

select * from final

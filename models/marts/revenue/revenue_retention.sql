-- Grain: one row per month and months back (date_month, months_back), in the months of
-- monthly_churn.
with paying_months as (
    select * from {{ ref('int_paying_months') }}
),

monthly_churn as (
    select * from {{ ref('monthly_churn') }}
),

spans as (
    {%- for months_back in (1, 3, 12) %}
    select
        date_month,
        {{ months_back }} as months_back,
        {{ add_months('date_month', -months_back) }} as month_then,
        is_complete_month
    from monthly_churn
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- a closed cohort: accounts that paid then, whether or not they pay now; newer accounts
-- are excluded
cohorts as (
    select
        spans.date_month,
        spans.months_back,
        paid_then.mrr as mrr_then,
        coalesce(paid_now.mrr, 0) as mrr_now
    from spans
    inner join paying_months as paid_then on spans.month_then = paid_then.date_month
    left join paying_months as paid_now
        on
            paid_then.account_id = paid_now.account_id
            and spans.date_month = paid_now.date_month
),

summed as (
    select
        date_month,
        months_back,
        count(*) as customers_then,
        count(*) filter (where mrr_now > 0) as customers_retained,
        sum(mrr_then) as mrr_then,
        sum(mrr_now) as mrr_now,
        sum(least(mrr_now, mrr_then)) as mrr_now_capped
    from cohorts
    group by date_month, months_back
),

final as (
    select
        spans.date_month,
        spans.months_back,
        coalesce(summed.customers_then, 0) as customers_then,
        cast(coalesce(summed.customers_retained, 0) as bigint) as customers_retained,
        cast(coalesce(summed.mrr_then, 0) as decimal(18, 4)) as mrr_then,
        cast(coalesce(summed.mrr_now, 0) as decimal(18, 4)) as mrr_now,
        cast(coalesce(summed.mrr_now_capped, 0) as decimal(18, 4)) as mrr_now_capped,
        {{ ratio('summed.mrr_now', 'summed.mrr_then') }} as nrr,
        {{ ratio('summed.mrr_now_capped', 'summed.mrr_then') }} as grr,
        spans.is_complete_month
    from spans
    left join summed
        on
            spans.date_month = summed.date_month
            and spans.months_back = summed.months_back
)

select * from final

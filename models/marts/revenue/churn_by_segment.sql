-- Grain: one row per month, kind of segment and segment (date_month, segment_type,
-- segment_value), where it had customers at the month's start.
with paying_months as (
    select * from {{ ref('int_paying_months') }}
),

churned as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month' and movement_type = 'churn'
),

months as (
    select * from {{ ref('int_months') }}
),

account_attributes as (
    select * from {{ ref('int_account_attributes') }}
),

-- an account that pays at the end of a month is a customer at the start of the next,
-- in the segments that it had then
customers as (
    select
        months.date_month,
        months.is_complete_month,
        paying_months.account_id,
        paying_months.mrr,
        paying_months.plan,
        account_attributes.industry,
        account_attributes.country,
        account_attributes.employee_band,
        account_attributes.acquisition_channel,
        churned.account_id is not null as is_churned
    from paying_months
    inner join months
        on months.date_month = {{ add_months('paying_months.date_month', 1) }}
    inner join account_attributes
        on
            paying_months.account_id = account_attributes.account_id
            and account_attributes.valid_from <= paying_months.ends_on
            and coalesce(account_attributes.valid_until, {{ no_end_date() }})
            > paying_months.ends_on
    left join churned
        on
            paying_months.account_id = churned.account_id
            and months.date_month = churned.period_start
),

segmented as (
    {%- for segment in (
        'plan', 'industry', 'country', 'employee_band', 'acquisition_channel'
    ) %}
    select
        date_month,
        is_complete_month,
        '{{ segment }}' as segment_type,
        {{ segment }} as segment_value,
        mrr,
        is_churned
    from customers
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

counted as (
    select
        date_month,
        segment_type,
        segment_value,
        count(*) as customers_at_start,
        cast(count(*) filter (where is_churned) as bigint) as churned_customers,
        {{ ratio('count(*) filter (where is_churned)', 'count(*)') }} as churn_rate,
        {{ wilson_bound('count(*) filter (where is_churned)', 'count(*)', 'lower') }}
            as churn_rate_lower,
        {{ wilson_bound('count(*) filter (where is_churned)', 'count(*)', 'upper') }}
            as churn_rate_upper,
        {{ is_small_sample('count(*)') }} as is_small_sample,
        cast(sum(mrr) as decimal(18, 4)) as mrr_at_start,
        cast(sum(case when is_churned then mrr else 0 end) as decimal(18, 4))
            as churned_mrr,
        is_complete_month
    from segmented
    group by date_month, segment_type, segment_value, is_complete_month
)

select * from counted

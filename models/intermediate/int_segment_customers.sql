-- Grain: one row per account and month at whose start it pays (account_id, date_month):
-- the segments that it is in then, and what became of it.
{% set attributes = [
    'industry', 'country', 'employee_band', 'acquisition_channel', 'csm_owner'
] %}
{% for name in var('segments') %}
{% do attributes.append('segment_' ~ name) %}
{% endfor %}
with paying_months as (
    select * from {{ ref('int_paying_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

account_attributes as (
    select * from {{ ref('int_account_attributes') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

movements as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month'
),

adopting_accounts as (
    select * from {{ ref('int_adopting_accounts') }}
),

onboarding as (
    select * from {{ ref('int_onboarding') }}
),

-- an account that pays at the end of a month is a customer at the start of the next,
-- in the segments that it had then
customers as (
    select
        paying_months.account_id,
        months.date_month,
        months.ends_on,
        months.is_complete_month,
        paying_months.mrr,
        paying_months.plan,
        paying_months.billing_interval,
        {%- for attribute in attributes %}
        coalesce(account_attributes.{{ attribute }}, 'unknown') as {{ attribute }},
        {%- endfor %}
        account_attributes.is_from_snapshot,
        {{ add_months('paying_months.date_month', 12) }} as month_a_year_later
    from paying_months
    inner join months
        on months.date_month = {{ add_months('paying_months.date_month', 1) }}
    inner join account_attributes
        on
            paying_months.account_id = account_attributes.account_id
            and {{ is_valid_on('account_attributes', 'paying_months.ends_on') }}
),

final as (
    select
        customers.*,
        'all' as everybody,
        cast(extract(year from paying_accounts.first_paid_on) as string)
        || '-Q'
        || cast(extract(quarter from paying_accounts.first_paid_on) as string)
            as cohort_quarter,
        coalesce(movements.movement_type = 'churn', false) as is_churned,
        coalesce(
            case
                when movements.movement_type in ('churn', 'contraction')
                    then -movements.mrr_change
            end,
            0
        ) as lost_mrr,
        adopting_accounts.account_id is not null as has_adopted,
        case
            when onboarding.first_value_on <= customers.ends_on
                then onboarding.days_to_value
        end as days_to_value,
        coalesce(a_year_later.mrr, 0) as mrr_a_year_later
    from customers
    inner join paying_accounts on customers.account_id = paying_accounts.account_id
    left join movements
        on
            customers.account_id = movements.account_id
            and customers.date_month = movements.period_start
    left join adopting_accounts
        on
            customers.account_id = adopting_accounts.account_id
            and customers.date_month = adopting_accounts.date_month
    left join onboarding on customers.account_id = onboarding.account_id
    left join paying_months as a_year_later
        on
            customers.account_id = a_year_later.account_id
            and customers.month_a_year_later = a_year_later.date_month
)

select * from final

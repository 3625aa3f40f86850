-- Grain: one row per subscription and period with unchanged terms, of those in use
-- (subscription_id, started_on).
with subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
    where started_on <= {{ as_of_date() }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
),

in_scope as (
    select subscriptions.*
    from subscriptions
    {{ without_internal('subscriptions', by_user=false) }}
),

-- the rate in force on the first day, once, so that rates never make a movement
priced as (
    select
        in_scope.*,
        {{ base_currency_units('in_scope.amount') }} as amount_units
    from in_scope
    {{ join_exchange_rates('in_scope', 'started_on') }}
),

-- MRR: the amount over the months of its interval, rounded once; trials have none
with_mrr as (
    select
        subscription_id,
        account_id,
        plan,
        billing_interval,
        seats,
        started_on,
        ended_on,
        is_trial,
        cancel_reason,
        case
            when is_trial then cast(0 as decimal(18, 4))
            else {{ units_as_money(divide_half_up(
                "amount_units * case billing_interval when 'week' then 52 else 1 end",
                "cast(100000000 as bigint) * case billing_interval"
                ~ " when 'week' then 12 when 'month' then 1 when 'quarter' then 3"
                ~ " when 'half_year' then 6 when 'year' then 12 end"
            )) }}
        end as mrr
    from priced
)

select * from with_mrr

-- Grain: one row per subscription and period with unchanged terms, of those in use
-- (subscription_id, started_on).
with subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
    where started_on <= {{ as_of_date() }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
),

billing_intervals as (
    select * from {{ ref('billing_intervals') }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

in_scope as (
    select subscriptions.*
    from subscriptions
    anti join internal_accounts
        on subscriptions.account_id = internal_accounts.account_id
),

-- at the rate of the period's first day, so that exchange rates never make a movement
priced as (
    select
        in_scope.*,
        billing_intervals.payments_per_year,
        in_scope.amount * exchange_rates.rate_to_base as amount_in_base_currency
    from in_scope
    {{ join_exchange_rates('in_scope', 'started_on') }}
    left join billing_intervals
        on in_scope.billing_interval = billing_intervals.billing_interval
),

-- the definition of MRR; trials have none
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
            else {{ exact_ratio(
                'amount_in_base_currency * payments_per_year', 12, places=4
            ) }}
        end as mrr
    from priced
)

select * from with_mrr

-- Grain: one row per subscription item and period with unchanged terms, in scope
-- (subscription_id, subscription_item_id, started_on).
with subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
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

without_internal as (
    select subscriptions.*
    from subscriptions
    anti join internal_accounts
        on subscriptions.account_id = internal_accounts.account_id
),

-- at the rate of the period's first day, so that exchange rates never cause a movement
priced as (
    select
        without_internal.*,
        billing_intervals.payments_per_year,
        exchange_rates.rate_to_base,
        without_internal.amount * exchange_rates.rate_to_base
            as amount_in_base_currency
    from without_internal
    {{ join_exchange_rates('without_internal', 'started_on') }}
    left join billing_intervals
        on without_internal.billing_interval = billing_intervals.billing_interval
),

-- the definition of MRR; trials have none
with_mrr as (
    select
        subscription_id,
        subscription_item_id,
        account_id,
        plan,
        billing_interval,
        term_months,
        seats,
        amount,
        list_amount,
        currency,
        rate_to_base,
        payments_per_year,
        started_on,
        ended_on,
        delivered_ended_on,
        is_trial,
        cancel_reason,
        has_cancel_reason,
        case
            when is_trial then cast(0 as decimal(18, 4))
            else {{ exact_ratio(
                'amount_in_base_currency * payments_per_year', 12, places=4
            ) }}
        end as mrr
    from priced
),

-- next_paid_start_on is the only use of rows dated after as_of_date (rule 77)
with_account_history as (
    select
        *,
        min(case when mrr > 0 then started_on end) over (partition by account_id)
            as first_paid_on,
        min(
            case
                when mrr > 0 and started_on > {{ as_of_date() }} then started_on
            end
        ) over (partition by account_id) as next_paid_start_on
    from with_mrr
),

final as (
    select
        subscription_id,
        subscription_item_id,
        account_id,
        plan,
        billing_interval,
        term_months,
        seats,
        amount,
        list_amount,
        currency,
        rate_to_base,
        payments_per_year,
        started_on,
        ended_on,
        delivered_ended_on,
        is_trial,
        -- a former customer with a trial of an add-on is not a prospect (rule 76)
        is_trial and coalesce(first_paid_on >= started_on, true) as counts_as_trial,
        cancel_reason,
        has_cancel_reason,
        next_paid_start_on,
        mrr
    from with_account_history
    where started_on <= {{ as_of_date() }}
)

select * from final

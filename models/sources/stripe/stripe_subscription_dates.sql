-- Grain: one row per subscription that was paid, tried or is running (subscription_id).
-- One whose first invoice was never paid is none.
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
{% set churn_at = source_setting('stripe', 'churn_at', 'period_end') %}
with history as (
    select * from {{ source_table('stripe', 'subscription_history') }}
),

items as (
    select * from {{ source_table('stripe', 'subscription_item') }}
),

lines as (
    select * from {{ ref('stripe_lines') }}
),

versions as (
    select
        *,
        row_number() over (
            partition by id
            order by
                coalesce(_fivetran_active, true) desc,
                _fivetran_start desc nulls last,
                _fivetran_synced desc nulls last
        ) as version_rank
    from history
    where coalesce(livemode, true) and connected_account_id is null
),

-- newer versions of Stripe have the billing period on the items alone
periods as (
    select
        subscription_id,
        max(current_period_end) as current_period_end
    from items
    group by subscription_id
),

paid as (
    select
        subscription_id,
        max(period_end) as paid_until
    from lines
    where invoice_status = 'paid' and not is_credit
    group by subscription_id
),

dated as (
    select
        versions.id as subscription_id,
        versions.customer_id as account_id,
        versions.status,
        coalesce(versions.start_date, versions.created) as started_at,
        versions.trial_start,
        versions.trial_end,
        versions.pause_collection_behavior,
        versions.pause_collection_resumes_at,
        versions._fivetran_synced,
        versions._fivetran_deleted,
        case
            when versions.status = 'unpaid' then paid.paid_until
            when versions.status = 'paused' then versions.trial_end
            {%- if churn_at == 'cancellation' %}
            when versions.canceled_at is not null then versions.canceled_at
            {%- endif %}
            when versions.ended_at is not null then versions.ended_at
            when versions.status = 'canceled' then versions.canceled_at
            when versions.cancel_at is not null then versions.cancel_at
            when versions.cancel_at_period_end
                then coalesce(versions.current_period_end, periods.current_period_end)
        end as ended_at,
        case
            when versions.status = 'unpaid' then 'payment_failure'
            when versions.cancellation_details_reason in ('payment_failed', 'payment_disputed')
                then 'payment_failure'
            when versions.cancellation_details_feedback = 'too_expensive' then 'price'
            when versions.cancellation_details_feedback = 'switched_service' then 'competitor'
            when versions.cancellation_details_feedback = 'missing_features'
                then 'missing_features'
            when versions.cancellation_details_feedback = 'customer_service' then 'support'
            when versions.cancellation_details_feedback is not null then 'other'
        end as cancel_reason
    from versions
    left join periods on versions.id = periods.subscription_id
    left join paid on versions.id = paid.subscription_id
    where
        versions.version_rank = 1
        and versions.status not in ('incomplete', 'incomplete_expired')
        and (versions.status <> 'unpaid' or paid.paid_until is not null)
),

final as (
    select
        subscription_id,
        account_id,
        status,
        cast(started_at as date) as started_on,
        cast(ended_at as date) as ended_on,
        cast(trial_start as date) as trial_started_on,
        cast(trial_end as date) as trial_ended_on,
        pause_collection_behavior,
        cast(pause_collection_resumes_at as date) as pause_resumes_on,
        cancel_reason,
        cast(_fivetran_synced as date) as synced_on,
        _fivetran_deleted
    from dated
)

select * from final

-- Grain: one row per subscription that has begun (subscription_id).
{{ config(enabled=source_gives('chargebee', 'subscriptions'), materialized='table') }}
with subscriptions as (
    select * from {{ source_table('chargebee', 'subscriptions') }}
),

currencies as (
    select * from {{ ref('stripe_currencies') }}
),

dated as (
    select
        *,
        upper(currency_code) as currency,
        coalesce(started_at, trial_start, activated_at, created_at) as begun_at,
        case
            when status in ('cancelled', 'non_renewing')
                then coalesce(cancelled_at, current_term_end, updated_at)
            -- its copy in another business entity has an id of its own
            when status = 'transferred' then updated_at
        end as ended_at
    from subscriptions
    where status <> 'future'
),

final as (
    select
        dated.id as subscription_id,
        dated.customer_id as account_id,
        dated.status,
        dated.currency,
        {{ chargebee_minor_units('dated.currency', 'currencies.decimals') }} as minor_units,
        dated.billing_period,
        dated.billing_period_unit,
        cast(dated.begun_at as date) as started_on,
        {{ chargebee_end_date('dated.ended_at') }} as ended_on,
        cast(dated.trial_start as date) as trial_started_on,
        cast(dated.trial_end as date) as trial_ended_on,
        cast(dated.pause_date as date) as paused_on,
        cast(dated.resume_date as date) as resumes_on,
        case
            when dated.status not in ('cancelled', 'non_renewing') then null
            when dated.cancel_reason in ('not_paid', 'no_card') then 'payment_failure'
            when nullif(dated.cancel_reason_code, '') is not null
                then replace(lower(trim(dated.cancel_reason_code)), ' ', '_')
            when dated.cancel_reason is not null then 'other'
        end as cancel_reason,
        cast(dated.updated_at as date) as changed_on,
        coalesce(dated.deleted, false) as _fivetran_deleted
    from dated
    left join currencies on dated.currency = currencies.currency
)

select * from final

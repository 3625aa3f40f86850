-- Grain: one row per subscription that has begun (subscription_id), by its latest version.
{{ config(enabled=source_gives('recurly', 'subscriptions'), materialized='table') }}
with history as (
    select * from {{ source_table('recurly', 'subscription_history') }}
),

versions as (
    select
        *,
        row_number() over (
            partition by id order by updated_at desc nulls last, _fivetran_synced desc nulls last
        ) as version_rank
    from history
),

-- one whose first payment failed never was; one in the future is not yet
dated as (
    select
        *,
        coalesce(
            least(activated_at, trial_started_at), activated_at, trial_started_at, created_at
        ) as started_at,
        case
            when expires_at is not null then expires_at
            when state = 'expired' then coalesce(canceled_at, updated_at)
            when state = 'canceled' then coalesce(current_period_ends_at, canceled_at)
        end as ended_at
    from versions
    where version_rank = 1 and state not in ('failed', 'future')
),

final as (
    select
        id as subscription_id,
        account_id,
        state,
        currency,
        cast(started_at as date) as started_on,
        cast(ended_at as date) as ended_on,
        cast(trial_started_at as date) as trial_started_on,
        cast(trial_ends_at as date) as trial_ended_on,
        case
            when ended_at is null or expiration_reason is null then null
            when lower(expiration_reason) like '%payment%' then 'payment_failure'
            -- that it was cancelled says nothing about why
            when lower(expiration_reason) not like 'cancel%' then 'other'
        end as cancel_reason,
        cast(_fivetran_synced as date) as synced_on,
        false as _fivetran_deleted
    from dated
)

select * from final

-- Grain: one row per subscription and day from which its plan has the terms of a version or
-- an activated change (subscription_id, started_on).
{{ config(enabled=source_gives('recurly', 'subscriptions'), materialized='table') }}
with history as (
    select * from {{ source_table('recurly', 'subscription_history') }}
),

changes as (
    select * from {{ source_table('recurly', 'subscription_change_history') }}
),

lines as (
    select * from {{ ref('recurly_lines') }}
),

subscriptions as (
    select * from {{ ref('recurly_subscription_dates') }}
),

change_versions as (
    select
        *,
        row_number() over (
            partition by id order by updated_at desc nulls last, _fivetran_synced desc nulls last
        ) as version_rank
    from changes
),

activated as (
    select
        subscription_id,
        plan_id,
        unit_amount,
        quantity,
        activate_at,
        cast(activate_at as date) as started_on
    from change_versions
    where version_rank = 1 and activated and deleted_at is null
),

versions as (
    select
        history.id as subscription_id,
        history.plan_id,
        history.unit_amount,
        history.quantity,
        history.updated_at,
        greatest(cast(history.updated_at as date), subscriptions.started_on) as known_on,
        subscriptions.started_on as begun_on,
        row_number() over (
            partition by history.id order by history.updated_at, history._fivetran_synced
        ) as version_number
    from history
    inner join subscriptions on history.id = subscriptions.subscription_id
),

version_states as (
    select
        subscription_id,
        plan_id,
        unit_amount,
        quantity,
        updated_at,
        case
            when
                version_number = 1
                and not exists (
                    select 1
                    from lines
                    where
                        lines.subscription_id = versions.subscription_id
                        and lines.item_id = 'plan'
                        and lines.started_on <= versions.known_on
                )
                and not exists (
                    select 1
                    from activated
                    where
                        activated.subscription_id = versions.subscription_id
                        and activated.started_on <= versions.known_on
                )
                then begun_on
            else known_on
        end as started_on
    from versions
),

-- where several hold on a day, the one with the highest rank counts
every_state as (
    select
        subscription_id,
        'plan' as item_id,
        started_on,
        3 as state_rank,
        updated_at as known_at,
        plan_id,
        unit_amount,
        quantity,
        false as is_removed
    from version_states
    union all
    select
        subscription_id,
        'plan' as item_id,
        started_on,
        2 as state_rank,
        activate_at as known_at,
        plan_id,
        unit_amount,
        quantity,
        false as is_removed
    from activated
),

ranked as (
    select
        *,
        {{ recurly_state_rank() }} as day_rank
    from every_state
),

final as (
    select
        subscription_id,
        item_id,
        started_on,
        state_rank,
        known_at,
        plan_id,
        unit_amount,
        quantity,
        is_removed
    from ranked
    where day_rank = 1
)

select * from final

-- Grain: one row per pause of a subscription (subscription_id, started_on).
{{ config(enabled=source_gives('recurly', 'subscriptions'), materialized='table') }}
with history as (
    select * from {{ source_table('recurly', 'subscription_history') }}
),

plans as (
    select * from {{ ref('recurly_plans') }}
),

subscriptions as (
    select * from {{ ref('recurly_subscription_dates') }}
),

versions as (
    select
        *,
        row_number() over (
            partition by id
            order by updated_at asc nulls first, _fivetran_synced asc nulls first
        ) as version_number
    from history
),

-- the last version of each pause, and the first one after it without or with another
last_versions as (
    select
        *,
        lead(paused_at) over (partition by id order by version_number) as next_paused_at,
        lead(updated_at) over (partition by id order by version_number) as next_updated_at
    from versions
),

ended as (
    select
        last_versions.id as subscription_id,
        last_versions.state,
        cast(last_versions.paused_at as date) as started_on,
        cast(last_versions.next_updated_at as date) as resumed_on,
        -- the cycles that are left, with the one that runs, count from its start
        cast(
            greatest(
                last_versions.paused_at,
                coalesce(last_versions.current_period_started_at, last_versions.paused_at)
            ) as date
        ) as cycle_started_on,
        last_versions.remaining_pause_cycles * plans.interval_length as intervals_left,
        plans.interval_unit
    from last_versions
    left join plans on last_versions.plan_id = plans.plan_id
    where
        last_versions.paused_at is not null
        and (
            last_versions.next_paused_at is null
            or last_versions.next_paused_at <> last_versions.paused_at
        )
),

planned as (
    select
        *,
        case interval_unit
            when 'days' then {{ add_days('cycle_started_on', 'intervals_left') }}
            else {{ add_months('cycle_started_on', 'intervals_left') }}
        end as planned_end_on
    from ended
),

final as (
    select
        planned.subscription_id,
        planned.started_on,
        case
            when planned.resumed_on is not null then planned.resumed_on
            -- one that is over by its cycles and still paused has no known end
            when planned.state = 'paused' and planned.planned_end_on <= subscriptions.synced_on
                then null
            else planned.planned_end_on
        end as ended_on
    from planned
    inner join subscriptions on planned.subscription_id = subscriptions.subscription_id
    -- one that was withdrawn before it began is none
    where planned.resumed_on is null or planned.resumed_on > planned.started_on
)

select * from final

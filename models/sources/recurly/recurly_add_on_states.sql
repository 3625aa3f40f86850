-- Grain: one row per subscription, add-on and day from which it has the terms of a version
-- or is taken off (subscription_id, item_id, started_on).
{{ config(enabled=source_gives('recurly', 'subscriptions'), materialized='table') }}
{% set text = dbt.type_string() %}
{% set usage = source_setting('recurly', 'usage_add_ons', []) %}
with add_ons as (
    select * from {{ source_table('recurly', 'subscription_add_on_history') }}
),

lines as (
    select * from {{ ref('recurly_lines') }}
),

add_on_versions as (
    select
        *,
        cast(coalesce(updated_at, created_at) as date) as known_on,
        row_number() over (
            partition by id order by updated_at, _fivetran_synced
        ) as version_number,
        row_number() over (
            partition by id order by updated_at desc nulls last, _fivetran_synced desc nulls last
        ) as version_rank
    from add_ons
    {%- if usage %}
    where plan_add_on_id not in ({{ text_list(usage) }})
    {%- endif %}
),

add_on_states as (
    select
        *,
        case
            when
                version_number = 1
                and not exists (
                    select 1
                    from lines
                    where
                        lines.subscription_id = add_on_versions.subscription_id
                        and lines.item_id = add_on_versions.plan_add_on_id
                        and lines.started_on <= add_on_versions.known_on
                )
                then cast(coalesce(created_at, updated_at) as date)
            else known_on
        end as started_on
    from add_on_versions
),

unlisted as (
    select
        lines.subscription_id,
        lines.item_id,
        max(lines.ended_on) as ended_on
    from lines
    left join add_ons
        on
            lines.subscription_id = add_ons.subscription_id
            and lines.item_id = add_ons.plan_add_on_id
    where lines.item_id <> 'plan' and add_ons.id is null
    group by lines.subscription_id, lines.item_id
),

-- where several hold on a day, the one with the highest rank counts
every_state as (
    select
        subscription_id,
        plan_add_on_id as item_id,
        started_on,
        2 as state_rank,
        updated_at as known_at,
        cast(null as {{ text }}) as plan_id,
        unit_amount,
        quantity,
        false as is_removed
    from add_on_states
    where expired_at is null or started_on < cast(expired_at as date)
    union all
    select
        subscription_id,
        plan_add_on_id as item_id,
        cast(expired_at as date) as started_on,
        0 as state_rank,
        updated_at as known_at,
        cast(null as {{ text }}) as plan_id,
        unit_amount,
        quantity,
        true as is_removed
    from add_on_versions
    where version_rank = 1 and expired_at is not null
    union all
    select
        subscription_id,
        item_id,
        ended_on as started_on,
        0 as state_rank,
        cast(ended_on as timestamp) as known_at,
        cast(null as {{ text }}) as plan_id,
        cast(null as decimal(28, 8)) as unit_amount,
        cast(null as bigint) as quantity,
        true as is_removed
    from unlisted
    where ended_on is not null
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

-- Grain: one row per item of a subscription.
{{ config(enabled=source_is_landed_by('stripe', 'airbyte', ['subscriptions'])) }}
-- the subscription lists its items as they are; stream subscription_items keeps those
-- that were taken off
with subscriptions as (
    {{ airbyte_rows('stripe', 'subscriptions') }}
),

items as (
    {{ json_rows('subscriptions', ['id', '_airbyte_extracted_at'], 'items', 'data') }}
),

final as (
    select
        {{ json_text('part', 'id') }} as id,
        id as subscription_id,
        coalesce(
            {{ json_text('part', 'price.id') }}, {{ json_text('part', 'plan.id') }}
        ) as plan_id,
        cast({{ json_text('part', 'quantity') }} as bigint) as quantity,
        {{ epoch_timestamp(json_text('part', 'created')) }} as created,
        {{ epoch_timestamp(json_text('part', 'current_period_start')) }}
            as current_period_start,
        {{ epoch_timestamp(json_text('part', 'current_period_end')) }}
            as current_period_end,
        _airbyte_extracted_at as _fivetran_synced,
        false as _fivetran_deleted
    from items
)

select * from final

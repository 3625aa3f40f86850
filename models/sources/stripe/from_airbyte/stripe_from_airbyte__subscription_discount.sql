-- Grain: one row per discount of a subscription.
{{ config(enabled=source_is_landed_by('stripe', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('stripe', 'subscriptions') }}
),

final as (
    select
        id as subscription_id,
        {{ json_text('discount', 'coupon.id') }} as coupon_id,
        {{ epoch_timestamp(json_text('discount', 'start')) }} as started_at,
        {{ epoch_timestamp(json_text('discount', 'end')) }} as ended_at
    from delivered
    where {{ json_text('discount', 'coupon.id') }} is not null
)

select * from final

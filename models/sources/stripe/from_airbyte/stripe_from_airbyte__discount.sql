-- Grain: one row per discount of a customer.
{{ config(enabled=source_is_landed_by('stripe', 'airbyte', ['subscriptions'])) }}
-- the version of the API that Airbyte asks for has no discounts of items
with delivered as (
    {{ airbyte_rows('stripe', 'customers') }}
),

final as (
    select
        'customer' as type,
        id as type_id,
        id as customer_id,
        cast(null as {{ dbt.type_string() }}) as subscription_id,
        {{ json_text('discount', 'coupon.id') }} as coupon_id,
        {{ epoch_timestamp(json_text('discount', 'start')) }} as started_at,
        {{ epoch_timestamp(json_text('discount', 'end')) }} as ended_at
    from delivered
    where {{ json_text('discount', 'coupon.id') }} is not null
)

select * from final

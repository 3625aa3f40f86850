-- Grain: one row per price.
{{ config(enabled=source_is_landed_by('stripe', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('stripe', 'prices') }}
),

final as (
    select
        id,
        product as product_id,
        nickname,
        currency,
        unit_amount,
        unit_amount_decimal,
        {{ json_text('recurring', 'interval') }} as recurring_interval,
        cast({{ json_text('recurring', 'interval_count') }} as bigint)
            as recurring_interval_count,
        {{ json_text('recurring', 'usage_type') }} as recurring_usage_type,
        billing_scheme,
        cast({{ json_text('transform_quantity', 'divide_by') }} as bigint)
            as transform_quantity_divide_by,
        {{ json_text('transform_quantity', 'round') }} as transform_quantity_round
    from delivered
)

select * from final

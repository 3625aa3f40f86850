-- Grain: one row per plan, addon or charge of a subscription.
{{ config(enabled=source_is_landed_by('chargebee', 'airbyte', ['subscriptions'])) }}
with parents as (
    {{ airbyte_rows('chargebee', 'subscription') }}
),

elements as (
    {{ json_rows('parents', ['id'], 'subscription_items') }}
),

final as (
    select
        id as subscription_id,
        {{ json_text('part', 'item_price_id') }} as item_price_id,
        {{ json_text('part', 'item_type') }} as item_type,
        cast({{ json_text('part', 'quantity') }} as bigint) as quantity,
        cast({{ json_text('part', 'amount') }} as decimal(28, 8)) as amount,
        cast({{ json_text('part', 'amount_in_decimal') }} as decimal(28, 8))
            as amount_in_decimal
    from elements
)

select * from final

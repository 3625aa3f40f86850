-- Grain: one row per line of an invoice.
{{ config(enabled=source_is_landed_by('chargebee', 'airbyte', ['subscriptions'])) }}
with parents as (
    {{ airbyte_rows('chargebee', 'invoice') }}
),

elements as (
    {{ json_rows('parents', ['id'], 'line_items') }}
),

final as (
    select
        {{ json_text('part', 'id') }} as id,
        id as invoice_id,
        {{ json_text('part', 'subscription_id') }} as subscription_id,
        {{ json_text('part', 'entity_type') }} as entity_type,
        {{ json_text('part', 'entity_id') }} as entity_id,
        cast({{ json_text('part', 'quantity') }} as bigint) as quantity,
        cast({{ json_text('part', 'amount') }} as decimal(28, 8)) as amount,
        cast({{ json_text('part', 'amount_in_decimal') }} as decimal(28, 8))
            as amount_in_decimal,
        cast({{ json_text('part', 'discount_amount') }} as decimal(28, 8))
            as discount_amount,
        {{ epoch_timestamp(json_text('part', 'date_from')) }} as date_from,
        {{ epoch_timestamp(json_text('part', 'date_to')) }} as date_to
    from elements
)

select * from final

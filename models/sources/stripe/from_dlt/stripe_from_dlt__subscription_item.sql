-- Grain: one row per item of a subscription.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions'])) }}
with items as (
    select * from {{ source('stripe_dlt', 'subscription__items__data') }}
),

subscriptions as (
    select * from {{ source('stripe_dlt', 'subscription') }}
),

final as (
    select
        items.id,
        subscriptions.id as subscription_id,
        coalesce(items.price__id, items.plan__id) as plan_id,
        items.quantity,
        items.created,
        items.current_period_start,
        items.current_period_end,
        {{ epoch_timestamp('subscriptions._dlt_load_id') }} as _fivetran_synced,
        false as _fivetran_deleted
    from items
    inner join subscriptions on items._dlt_parent_id = subscriptions._dlt_id
)

select * from final

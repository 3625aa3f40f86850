-- Grain: one row per coupon.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions'])) }}
with delivered as (
    select * from {{ source('stripe_dlt', 'coupon') }}
),

final as (
    select
        id,
        percent_off,
        amount_off,
        currency,
        duration,
        duration_in_months
    from delivered
)

select * from final

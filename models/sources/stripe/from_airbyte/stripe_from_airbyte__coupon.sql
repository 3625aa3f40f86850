-- Grain: one row per coupon.
{{ config(enabled=source_is_landed_by('stripe', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('stripe', 'coupons') }}
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

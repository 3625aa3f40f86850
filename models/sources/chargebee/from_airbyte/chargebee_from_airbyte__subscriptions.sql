-- Grain: one row per subscription.
{{ config(enabled=source_is_landed_by('chargebee', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('chargebee', 'subscription') }}
),

final as (
    select
        id,
        customer_id,
        status,
        currency_code,
        billing_period,
        billing_period_unit,
        plan_id,
        plan_quantity,
        plan_amount,
        plan_amount_in_decimal,
        started_at,
        trial_start,
        trial_end,
        activated_at,
        created_at,
        updated_at,
        current_term_end,
        pause_date,
        resume_date,
        cancelled_at,
        cancel_reason,
        cancel_reason_code,
        deleted
    from delivered
)

select * from final

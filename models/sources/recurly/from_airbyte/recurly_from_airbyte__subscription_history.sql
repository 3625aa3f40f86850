-- Grain: one row per version of a subscription.
{{ config(enabled=source_is_landed_by('recurly', 'airbyte', ['subscriptions'])) }}
with delivered as (
    select * from {{ source('recurly_airbyte', 'subscriptions') }}
),

final as (
    select
        id,
        {{ json_text('account', 'id') }} as account_id,
        {{ json_text('plan', 'id') }} as plan_id,
        state,
        unit_amount,
        quantity,
        currency,
        created_at,
        updated_at,
        activated_at,
        canceled_at,
        expires_at,
        current_period_started_at,
        current_period_ends_at,
        trial_started_at,
        trial_ends_at,
        paused_at,
        remaining_pause_cycles,
        expiration_reason,
        _airbyte_extracted_at as _fivetran_synced
    from delivered
)

select * from final

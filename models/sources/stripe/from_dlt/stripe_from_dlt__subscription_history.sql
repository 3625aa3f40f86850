-- Grain: one row per subscription.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions'])) }}
with delivered as (
    select * from {{ source('stripe_dlt', 'subscription') }}
),

final as (
    select
        id,
        customer as customer_id,
        status,
        start_date,
        created,
        trial_start,
        trial_end,
        current_period_start,
        current_period_end,
        cancel_at,
        cancel_at_period_end,
        canceled_at,
        ended_at,
        pause_collection__behavior as pause_collection_behavior,
        pause_collection__resumes_at as pause_collection_resumes_at,
        cancellation_details__reason as cancellation_details_reason,
        cancellation_details__feedback as cancellation_details_feedback,
        livemode,
        cast(null as {{ dbt.type_string() }}) as connected_account_id,
        true as _fivetran_active,
        cast(null as {{ dbt.type_timestamp() }}) as _fivetran_start,
        {{ epoch_timestamp('_dlt_load_id') }} as _fivetran_synced,
        false as _fivetran_deleted
    from delivered
)

select * from final

-- Grain: one row per version of a subscription.
{{ config(enabled=source_is_landed_by('stripe', 'airbyte', ['subscriptions'])) }}
-- with append, each sync or change has a row
with versions as (
    select
        *,
        row_number() over (
            partition by id
            order by
                coalesce(updated, _airbyte_extracted_at) desc nulls last,
                _airbyte_extracted_at desc nulls last
        ) as recency
    from {{ source('stripe_airbyte', 'subscriptions') }}
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
        {{ json_text('pause_collection', 'behavior') }} as pause_collection_behavior,
        {{ epoch_timestamp(json_text('pause_collection', 'resumes_at')) }}
            as pause_collection_resumes_at,
        {{ json_text('cancellation_details', 'reason') }}
            as cancellation_details_reason,
        {{ json_text('cancellation_details', 'feedback') }}
            as cancellation_details_feedback,
        livemode,
        cast(null as {{ dbt.type_string() }}) as connected_account_id,
        recency = 1 as _fivetran_active,
        coalesce(updated, _airbyte_extracted_at) as _fivetran_start,
        _airbyte_extracted_at as _fivetran_synced,
        false as _fivetran_deleted
    from versions
)

select * from final

-- Grain: one row per version of an account.
{{ config(
    enabled=source_is_landed_by(
        'recurly', 'airbyte', ['subscriptions', 'invoices', 'accounts']
    )
) }}
with delivered as (
    select * from {{ source('recurly_airbyte', 'accounts') }}
),

final as (
    select
        id,
        code,
        company,
        first_name,
        last_name,
        email,
        {{ json_text('address', 'country') }} as account_country,
        created_at,
        updated_at,
        _airbyte_extracted_at as _fivetran_synced
    from delivered
)

select * from final

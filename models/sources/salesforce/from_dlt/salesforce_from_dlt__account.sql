-- Grain: one row per account.
{{ config(
    enabled=source_is_landed_by(
        'salesforce', 'dlt', ['accounts', 'subscriptions']
    )
) }}
with delivered as (
    {{ dlt_rows('salesforce', 'account', 'system_modstamp') }}
),

final as (
    select
        id,
        name,
        type,
        industry,
        billing_country,
        number_of_employees,
        account_source,
        website,
        owner_id,
        master_record_id,
        created_date,
        last_modified_date,
        external_id,
        signed_up,
        csm_owner,
        channel,
        is_deleted,
        false as _fivetran_deleted,
        true as _fivetran_active
    from delivered
)

select * from final

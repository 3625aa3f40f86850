-- Grain: one row per opportunity.
{{ config(enabled=source_is_landed_by('salesforce', 'dlt', ['subscriptions'])) }}
with delivered as (
    {{ dlt_rows('salesforce', 'opportunity', 'system_modstamp') }}
),

final as (
    select
        id,
        account_id,
        type,
        record_type_id,
        amount,
        currency_iso_code,
        is_won,
        last_modified_date,
        contract_start,
        contract_end,
        term_months,
        contract_key,
        plan,
        seats,
        is_deleted,
        false as _fivetran_deleted,
        true as _fivetran_active
    from delivered
)

select * from final

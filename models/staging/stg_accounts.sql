-- Grain: one row per accepted account.
with base as (
    select * from {{ ref('base_accounts') }}
),

accepted as (
    select
        account_id,
        account_name,
        industry,
        country,
        employees,
        acquisition_channel,
        csm_owner,
        signed_up_on,
        is_internal,
        {{ segments_json() }} as segments
    from base
    where rejection_reason is null
)

select * from accepted

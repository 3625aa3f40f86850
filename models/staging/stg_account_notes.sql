-- Grain: one row per accepted note of a person about an account.
with base as (
    select * from {{ ref('base_account_notes') }}
),

accepted as (
    select
        note_id,
        account_id,
        noted_on,
        author,
        csm_pulse,
        risk_reason,
        next_step
    from base
    where rejection_reason is null
)

select * from accepted

-- Grain: one row per note about an account in scope (note_id), up to as_of_date: which
-- is the account's latest, and which the latest with a pulse.
with account_notes as (
    select * from {{ ref('stg_account_notes') }}
    where noted_on <= {{ as_of_date() }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

in_scope as (
    select
        account_notes.note_id,
        account_notes.account_id,
        account_notes.noted_on,
        {{ owner_name('account_notes.author') }} as author,
        account_notes.csm_pulse,
        account_notes.risk_reason,
        account_notes.next_step
    from account_notes
    anti join internal_accounts
        on account_notes.account_id = internal_accounts.account_id
),

final as (
    select
        *,
        row_number() over (
            partition by account_id order by noted_on desc, note_id desc
        ) = 1 as is_latest,
        csm_pulse is not null
        and row_number() over (
            partition by account_id, csm_pulse is null
            order by noted_on desc, note_id desc
        ) = 1 as is_latest_pulse
    from in_scope
)

select * from final

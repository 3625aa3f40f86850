-- Grain: one row per account (alias_id), with what says which account it is.
{{ config(enabled=source_gives('recurly', ['accounts', 'subscriptions', 'invoices'])) }}
with history as (
    select * from {{ source_table('recurly', 'account_history') }}
),

versions as (
    select
        *,
        row_number() over (
            partition by id order by updated_at desc nulls last, _fivetran_synced desc nulls last
        ) as version_rank
    from history
),

final as (
    select
        id as alias_id,
        -- the code is the id that you gave the account
        code as external_id,
        nullif({{ email_domain('email') }}, '') as domain,
        company as name
    from versions
    where version_rank = 1
)

select * from final

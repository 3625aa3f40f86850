-- Grain: one row per invoice that charges (invoice_id); invoices of credit are none.
{{ config(enabled=source_gives('recurly', 'invoices')) }}
with history as (
    select * from {{ source_table('recurly', 'invoice_history') }}
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
        id as invoice_id,
        account_id,
        cast(greatest(total, 0) as decimal(18, 4)) as amount,
        upper(currency) as currency,
        cast(created_at as date) as issued_on,
        cast(coalesce(due_at, created_at) as date) as due_on,
        case when state in ('paid', 'closed') then cast(closed_at as date) end as paid_on,
        case
            when state in ('open', 'pending', 'processing', 'past_due') then 'open'
            when state in ('paid', 'closed') then 'paid'
            when state = 'failed' then 'uncollectible'
            when state = 'voided' then 'void'
            else state
        end as status
    from versions
    where version_rank = 1 and coalesce(type, 'charge') <> 'credit'
)

select * from final

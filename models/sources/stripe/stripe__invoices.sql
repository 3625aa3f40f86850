-- Grain: one row per finalized invoice (invoice_id).
{{ config(enabled=source_gives('stripe', 'invoices')) }}
with invoices as (
    select * from {{ source_table('stripe', 'invoice') }}
),

currencies as (
    select * from {{ ref('stripe_currencies') }}
),

-- a draft is no invoice yet, and test data none at all
finalized as (
    select
        *,
        upper(currency) as currency_code,
        cast(coalesce(status_transitions_finalized_at, created) as date) as issued_on
    from invoices
    where status <> 'draft' and coalesce(livemode, true)
),

final as (
    select
        finalized.id as invoice_id,
        finalized.customer_id as account_id,
        case
            -- a negative total is a credit to the customer's balance: nothing is due
            when finalized.total < 0 then 0
            else {{ stripe_amount('finalized.total', 'coalesce(currencies.decimals, 2)') }}
        end as amount,
        finalized.currency_code as currency,
        finalized.issued_on,
        coalesce(cast(finalized.due_date as date), finalized.issued_on) as due_on,
        cast(finalized.status_transitions_paid_at as date) as paid_on,
        finalized.status,
        finalized._fivetran_deleted
    from finalized
    left join currencies on finalized.currency_code = currencies.currency
)

select * from final

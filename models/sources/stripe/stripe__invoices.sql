-- Grain: one row per finalized invoice (invoice_id).
{{ config(enabled=source_gives('stripe', 'invoices')) }}
with invoices as (
    select * from {{ source_table('stripe', 'invoice') }}
),

currencies as (
    select * from {{ ref('stripe_currencies') }}
),

-- a draft is no invoice yet, test data none at all, a connected account's not ours
finalized as (
    select
        *,
        upper(currency) as currency_code,
        greatest(
            total
            - coalesce(pre_payment_credit_notes_amount, 0)
            - coalesce(post_payment_credit_notes_amount, 0),
            0
        ) as amount_minor,
        cast(coalesce(status_transitions_finalized_at, created) as date) as issued_on
    from invoices
    where
        status <> 'draft'
        and coalesce(livemode, true)
        and connected_account_id is null
),

final as (
    select
        finalized.id as invoice_id,
        finalized.customer_id as account_id,
        -- less credit notes; a negative total is a credit to the customer's balance
        {{ stripe_amount('finalized.amount_minor', 'coalesce(currencies.decimals, 2)') }}
            as amount,
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

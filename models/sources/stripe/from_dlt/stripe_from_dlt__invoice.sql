-- Grain: one row per invoice.
{{ config(enabled=source_is_landed_by('stripe', 'dlt', ['subscriptions', 'invoices'])) }}
with delivered as (
    select * from {{ source('stripe_dlt', 'invoice') }}
),

final as (
    select
        id,
        customer as customer_id,
        coalesce(subscription, parent__subscription_details__subscription)
            as subscription_id,
        total,
        currency,
        created,
        due_date,
        status,
        status_transitions__finalized_at as status_transitions_finalized_at,
        status_transitions__paid_at as status_transitions_paid_at,
        livemode,
        pre_payment_credit_notes_amount,
        post_payment_credit_notes_amount,
        cast(null as {{ dbt.type_string() }}) as connected_account_id,
        false as _fivetran_deleted
    from delivered
)

select * from final

-- Grain: one row per invoice.
{{ config(
    enabled=source_is_landed_by(
        'stripe', 'airbyte', ['subscriptions', 'invoices']
    )
) }}
with delivered as (
    {{ airbyte_rows('stripe', 'invoices') }}
),

final as (
    select
        id,
        customer as customer_id,
        subscription as subscription_id,
        total,
        currency,
        created,
        due_date,
        status,
        {{ epoch_timestamp(json_text('status_transitions', 'finalized_at')) }}
            as status_transitions_finalized_at,
        {{ epoch_timestamp(json_text('status_transitions', 'paid_at')) }}
            as status_transitions_paid_at,
        livemode,
        pre_payment_credit_notes_amount,
        post_payment_credit_notes_amount,
        cast(null as {{ dbt.type_string() }}) as connected_account_id,
        is_deleted as _fivetran_deleted
    from delivered
)

select * from final

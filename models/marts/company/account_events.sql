-- Grain: one row per event of an account that no other mart has row by row
-- (event_type, record_id): tickets opened and closed, invoices overdue and paid late,
-- notes.
{% set text = dbt.type_string() %}
with support_tickets as (
    select * from {{ ref('int_support_tickets') }}
),

invoices as (
    select * from {{ ref('int_invoices') }}
    where not is_void
),

account_notes as (
    select * from {{ ref('int_account_notes') }}
),

of_tickets as (
    select
        account_id,
        opened_on as event_on,
        'ticket_opened' as event_type,
        ticket_id as record_id,
        priority,
        cast(null as bigint) as days_after
    from support_tickets
    union all
    select
        account_id,
        closed_on as event_on,
        'ticket_closed' as event_type,
        ticket_id as record_id,
        priority,
        case
            when closed_on >= opened_on
                then {{ days_between('opened_on', 'closed_on') }}
        end as days_after
    from support_tickets
    where closed_on is not null
),

-- an invoice that is settled on the day after it was due was overdue on no day, as for
-- alerts
of_invoices as (
    select
        account_id,
        {{ add_days('due_on', 1) }} as event_on,
        'invoice_overdue' as event_type,
        invoice_id as record_id,
        amount,
        cast(null as bigint) as days_after
    from invoices
    where
        due_on < {{ as_of_date() }}
        and coalesce(settled_from, {{ no_end_date() }}) > {{ add_days('due_on', 1) }}
    union all
    select
        account_id,
        paid_from as event_on,
        'invoice_paid_late' as event_type,
        invoice_id as record_id,
        amount,
        {{ days_between('due_on', 'paid_from') }} as days_after
    from invoices
    where paid_from > {{ add_days('due_on', 1) }}
),

final as (
    select
        account_id,
        event_on,
        event_type,
        record_id,
        priority,
        cast(null as decimal(18, 4)) as amount,
        days_after,
        cast(null as {{ text }}) as note_author,
        cast(null as bigint) as csm_pulse,
        cast(null as {{ text }}) as risk_reason,
        cast(null as {{ text }}) as next_step
    from of_tickets
    union all
    select
        account_id,
        event_on,
        event_type,
        record_id,
        cast(null as {{ text }}) as priority,
        amount,
        days_after,
        cast(null as {{ text }}) as note_author,
        cast(null as bigint) as csm_pulse,
        cast(null as {{ text }}) as risk_reason,
        cast(null as {{ text }}) as next_step
    from of_invoices
    union all
    select
        account_id,
        noted_on as event_on,
        'note' as event_type,
        note_id as record_id,
        cast(null as {{ text }}) as priority,
        cast(null as decimal(18, 4)) as amount,
        cast(null as bigint) as days_after,
        author as note_author,
        csm_pulse,
        risk_reason,
        next_step
    from account_notes
)

select * from final

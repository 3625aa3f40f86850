-- Grain: one row per support ticket in use (ticket_id).
with support_tickets as (
    select * from {{ ref('stg_support_tickets') }}
    where opened_on <= {{ as_of_date() }}
),

in_scope as (
    select
        support_tickets.ticket_id,
        support_tickets.account_id,
        support_tickets.user_id,
        support_tickets.priority,
        support_tickets.opened_on,
        case
            when
                support_tickets.closed_on <= {{ as_of_date() }}
                then support_tickets.closed_on
        end
            as closed_on
    from support_tickets
    {{ without_internal('support_tickets') }}
)

select * from in_scope

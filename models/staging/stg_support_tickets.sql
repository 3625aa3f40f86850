-- Grain: one row per accepted ticket.
with base as (
    select * from {{ ref('base_support_tickets') }}
),

accepted as (
    select
        ticket_id,
        account_id,
        user_id,
        priority,
        opened_at,
        {{ local_date('opened_at') }} as opened_on,
        first_response_at,
        closed_at,
        {{ local_date('closed_at') }} as closed_on
    from base
    where rejection_reason is null
)

select * from accepted

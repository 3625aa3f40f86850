-- Grain: one row per support ticket in scope (ticket_id).
with support_tickets as (
    select * from {{ ref('stg_support_tickets') }}
    where opened_on <= {{ as_of_date() }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

internal_users as (
    select * from {{ ref('int_users_unfiltered') }}
    where is_internal
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
    anti join internal_accounts
        on support_tickets.account_id = internal_accounts.account_id
    anti join internal_users on support_tickets.user_id = internal_users.user_id
)

select * from in_scope

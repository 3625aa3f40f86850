-- Grain: one row per account and month at whose end it pays (account_id, date_month):
-- the support component of its health, null where support tickets are not delivered.
with paying_months as (
    select * from {{ ref('int_paying_months') }}
),

support_tickets as (
    select * from {{ ref('int_support_tickets') }}
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

-- tickets opened in the window, or still open at its end
ticket_penalties as (
    select
        paying_months.account_id,
        paying_months.date_month,
        sum(
            case support_tickets.priority
                {%- for priority, points in var('ticket_penalties').items() %}
                when '{{ priority }}' then {{ points }}
                {%- endfor %}
            end
        ) as penalty
    from paying_months
    inner join support_tickets
        on
            paying_months.account_id = support_tickets.account_id
            and support_tickets.opened_on <= paying_months.ends_on
            and (
                support_tickets.opened_on
                > {{ add_days('paying_months.ends_on', -var('health_window_days')) }}
                or coalesce(support_tickets.closed_on, {{ no_end_date() }})
                > paying_months.ends_on
            )
    group by paying_months.account_id, paying_months.date_month
),

-- the definition: 100 less the penalties, never below zero
final as (
    select
        paying_months.account_id,
        paying_months.date_month,
        cast(
            case
                when available_sources.has_support_tickets
                    then greatest(100 - coalesce(ticket_penalties.penalty, 0), 0)
            end
            as decimal(18, 4)
        ) as support_score
    from paying_months
    cross join available_sources
    left join ticket_penalties
        on
            paying_months.account_id = ticket_penalties.account_id
            and paying_months.date_month = ticket_penalties.date_month
)

select * from final

-- Grain: one row per account and month at whose end it pays (account_id, date_month):
-- the billing component of its health, null where invoices are not delivered.
with paying_months as (
    select * from {{ ref('int_paying_months') }}
),

invoices as (
    select * from {{ ref('int_invoices') }}
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

-- days past due of the oldest invoice overdue at the month's end
overdue as (
    select
        paying_months.account_id,
        paying_months.date_month,
        max({{ days_between('invoices.due_on', 'paying_months.ends_on') }})
            as days_overdue
    from paying_months
    inner join invoices
        on
            paying_months.account_id = invoices.account_id
            and {{ is_overdue_on('invoices', 'paying_months.ends_on') }}
    group by paying_months.account_id, paying_months.date_month
),

-- the definition: first match wins
final as (
    select
        paying_months.account_id,
        paying_months.date_month,
        cast(
            case
                when not available_sources.has_invoices then null
                {%- for step in var('billing_scores') %}
                when coalesce(overdue.days_overdue, 0) <= {{ step.max_days_overdue }}
                    then {{ step.score }}
                {%- endfor %}
                else 0
            end
            as decimal(18, 4)
        ) as billing_score
    from paying_months
    cross join available_sources
    left join overdue
        on
            paying_months.account_id = overdue.account_id
            and paying_months.date_month = overdue.date_month
)

select * from final

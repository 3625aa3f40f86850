-- Grain: one row per account, month, subscription item, period and due date
-- (account_id, date_month, subscription_id, subscription_item_id, started_on, due_on):
-- what falls due in the renewal_window_days after the month's end.
with renewals as (
    select * from {{ ref('int_renewals') }}
),

months as (
    select * from {{ ref('int_months') }}
),

-- a period that had not started by the month's end was not due yet
final as (
    select
        renewals.account_id,
        months.date_month,
        renewals.subscription_id,
        renewals.subscription_item_id,
        renewals.started_on,
        renewals.due_on,
        renewals.mrr,
        row_number() over (
            partition by
                renewals.account_id,
                months.date_month,
                renewals.subscription_id,
                renewals.due_on
            order by renewals.subscription_item_id, renewals.started_on
        ) = 1 as is_first_item
    from renewals
    inner join months
        on
            months.ends_on < renewals.due_on
            and months.ends_on
            >= {{ add_days('renewals.due_on', -var('renewal_window_days')) }}
            and months.ends_on >= renewals.started_on
)

select * from final

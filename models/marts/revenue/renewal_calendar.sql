-- Grain: one row per account, subscription item and due date in the coming
-- renewal_window_days (account_id, subscription_id, subscription_item_id, due_on).
with renewals as (
    select * from {{ ref('int_renewals') }}
    where is_open
),

account_health as (
    select * from {{ ref('int_account_health') }}
    where ends_on = {{ as_of_date() }}
),

-- no band where the account's health is unknown
final as (
    select
        renewals.account_id,
        renewals.subscription_id,
        renewals.subscription_item_id,
        renewals.due_on,
        renewals.mrr,
        renewals.plan,
        account_health.health_band,
        renewals.is_cancel_scheduled
    from renewals
    left join account_health on renewals.account_id = account_health.account_id
)

select * from final

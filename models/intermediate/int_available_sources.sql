-- Grain: a single row: which optional tables were delivered. A missing source means
-- unknown, not zero: metrics that need it are null.
with accounts as (
    {{ is_available(ref('base_accounts')) }}
),

users as (
    {{ is_available(ref('base_users')) }}
),

feature_events as (
    {{ is_available(ref('base_feature_events')) }}
),

support_tickets as (
    {{ is_available(ref('base_support_tickets')) }}
),

invoices as (
    {{ is_available(ref('base_invoices')) }}
),

referrals as (
    {{ is_available(ref('base_referrals')) }}
)

select
    accounts.has_rows as has_accounts,
    users.has_rows as has_users,
    feature_events.has_rows as has_feature_events,
    support_tickets.has_rows as has_support_tickets,
    invoices.has_rows as has_invoices,
    referrals.has_rows as has_referrals
from accounts
cross join users
cross join feature_events
cross join support_tickets
cross join invoices
cross join referrals

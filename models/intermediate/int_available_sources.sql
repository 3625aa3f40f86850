-- Grain: one row in all: which optional tables deliver rows. Without a feed the figures
-- that need it are null, not zero.
select
    (select count(*) > 0 from {{ ref('stg_users') }}) as has_users,
    (select count(*) > 0 from {{ ref('stg_feature_days') }}) as has_feature_events,
    (select count(*) > 0 from {{ ref('stg_support_tickets') }}) as has_support_tickets,
    (select count(*) > 0 from {{ ref('stg_invoices') }}) as has_invoices,
    (select count(*) > 0 from {{ ref('stg_referrals') }}) as has_referrals

-- Grain: one row per account and feature that it used on its first day or later
-- (account_id, feature_key): the day of the first use.
with accounts as (
    select * from {{ ref('int_accounts') }}
    where first_day_on is not null
),

feature_days as (
    select * from {{ ref('int_feature_days') }}
),

-- usage before the first day was not by a customer yet
first_uses as (
    select
        feature_days.account_id,
        feature_days.feature_key,
        min(feature_days.date_day) as first_used_on
    from feature_days
    inner join accounts
        on
            feature_days.account_id = accounts.account_id
            and feature_days.date_day >= accounts.first_day_on
    group by feature_days.account_id, feature_days.feature_key
)

select * from first_uses

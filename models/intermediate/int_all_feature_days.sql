-- Grain: one row per account, user, feature and day of use (account_id, user_id,
-- feature_key, date_day). Everybody's, also internal users' and days after as_of_date:
-- int_feature_days has those in use.
with feature_events as (
    select * from {{ ref('stg_feature_events') }}
),

days as (
    select
        account_id,
        user_id,
        feature_key,
        date_day,
        count(*) as events,
        min(occurred_at) as first_event_at
    from feature_events
    group by account_id, user_id, feature_key, date_day
)

select * from days

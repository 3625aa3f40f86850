-- Grain: one row per account, user, feature and day with accepted use (account_id,
-- user_id, feature_key, date_day), in the reporting time zone. Includes internal users
-- and days after as_of_date: int_feature_days has those in scope.
with base as (
    select * from {{ ref('base_feature_events') }}
),

accepted as (
    select
        account_id,
        user_id,
        feature_key,
        date_day,
        row_count as events,
        first_at as first_event_at
    from base
    where rejection_reason is null
)

select * from accepted

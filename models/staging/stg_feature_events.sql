-- Grain: one row per accepted use of a feature.
with base as (
    select * from {{ ref('base_feature_events') }}
),

accepted as (
    select
        event_id,
        user_id,
        account_id,
        feature_key,
        occurred_at,
        {{ local_date('occurred_at') }} as date_day
    from base
    where rejection_reason is null
)

select * from accepted

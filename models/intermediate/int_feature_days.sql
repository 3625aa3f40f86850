-- Grain: one row per account, user, feature and day of use, in scope (account_id,
-- user_id, feature_key, date_day).
with feature_days as (
    select * from {{ ref('stg_feature_days') }}
    where date_day <= {{ as_of_date() }}
),

feature_catalogue as (
    select * from {{ ref('feature_catalogue') }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

internal_users as (
    select * from {{ ref('int_users_unfiltered') }}
    where is_internal
),

-- a key that is not in the catalogue is counted, never dropped
named as (
    select
        feature_days.account_id,
        feature_days.user_id,
        feature_days.feature_key,
        feature_days.date_day,
        feature_days.events,
        feature_days.first_event_at,
        feature_catalogue.feature_key is not null as is_in_catalogue,
        coalesce(feature_catalogue.is_core, false) as is_core,
        coalesce(feature_catalogue.impact_score, 1) as impact_score
    from feature_days
    left join
        feature_catalogue
        on feature_days.feature_key = feature_catalogue.feature_key
),

in_scope as (
    select named.*
    from named
    anti join internal_accounts
        on named.account_id = internal_accounts.account_id
    anti join internal_users on named.user_id = internal_users.user_id
)

select * from in_scope

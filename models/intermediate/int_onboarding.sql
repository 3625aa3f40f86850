-- Grain: one row per account that has a first day (account_id): how far its onboarding
-- got by as_of_date.
with accounts as (
    select * from {{ ref('int_accounts') }}
    where first_day_on is not null
),

first_uses as (
    select * from {{ ref('int_first_feature_uses') }}
),

feature_catalogue as (
    select * from {{ ref('feature_catalogue') }}
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

steps as (
    select coalesce(sum(onboarding_points), 0) as points_possible
    from feature_catalogue
),

-- the first day is day 0
started as (
    select
        account_id,
        first_day_on,
        {{ days_between('first_day_on', as_of_date()) }} as days_since_start,
        {{ add_days('first_day_on', var('onboarding_days') - 1) }}
            as onboarding_ends_on,
        {{ add_days('first_day_on', var('alert_thresholds').stalled_from_day) }}
            as stalled_from_on
    from accounts
),

progress as (
    select
        first_uses.account_id,
        min(
            case
                when feature_catalogue.is_value_moment then first_uses.first_used_on
            end
        ) as first_value_on,
        sum(
            case
                when first_uses.first_used_on <= started.onboarding_ends_on
                    then feature_catalogue.onboarding_points
            end
        ) as points_earned
    from first_uses
    inner join started on first_uses.account_id = started.account_id
    inner join feature_catalogue
        on first_uses.feature_key = feature_catalogue.feature_key
    group by first_uses.account_id
),

-- a missing source means unknown, not zero: nobody knows who stalls
followed as (
    select
        started.account_id,
        started.first_day_on,
        started.days_since_start,
        started.onboarding_ends_on,
        started.stalled_from_on,
        progress.first_value_on,
        {{ days_between('started.first_day_on', 'progress.first_value_on') }}
            as days_to_value,
        case
            when available_sources.has_feature_events
                then coalesce(progress.points_earned, 0)
        end as points_earned,
        steps.points_possible,
        case
            when available_sources.has_feature_events
                then
                    progress.first_value_on is null
                    and {{ as_of_date() }}
                    between started.stalled_from_on and started.onboarding_ends_on
        end as is_stalled
    from started
    left join progress on started.account_id = progress.account_id
    cross join steps
    cross join available_sources
)

select * from followed

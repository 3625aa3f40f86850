-- Grain: one row per month (date_month), from the first use of a feature to the one of
-- as_of_date.
with feature_days as (
    select
        *,
        {{ month_of('date_day') }} as date_month
    from {{ ref('int_feature_days') }}
),

user_days as (
    select
        *,
        {{ month_of('date_day') }} as date_month
    from {{ ref('int_user_days') }}
    where is_active
),

users as (
    select * from {{ ref('int_users') }}
),

accounts as (
    select * from {{ ref('int_accounts') }}
),

adopting_accounts as (
    select * from {{ ref('int_adopting_accounts') }}
),

months as (
    select * from {{ ref('int_months') }}
    where date_month >= (select min(feature_days.date_month) from feature_days)
),

core_features as (
    select count(*) as core_features
    from {{ ref('feature_catalogue') }}
    where is_core
),

-- in steps: a count of distinct days holds all of them in memory
core_days as (
    select distinct
        date_month,
        user_id,
        date_day
    from feature_days
    where is_core
),

-- a user adopts with core use on enough days of the month, whatever the account
adopting_users as (
    select
        date_month,
        user_id
    from core_days
    group by date_month, user_id
    having count(*) >= {{ var('adoption_min_days') }}
),

user_counts as (
    select
        months.date_month,
        count(*) as signed_up_users,
        count(adopting_users.user_id) as adopted_users
    from months
    inner join users on users.created_on <= months.ends_on
    left join adopting_users
        on
            users.user_id = adopting_users.user_id
            and months.date_month = adopting_users.date_month
    group by months.date_month
),

account_counts as (
    select
        months.date_month,
        count(distinct accounts.account_id) as signed_up_accounts,
        count(distinct adopting_accounts.account_id) as adopted_accounts
    from months
    inner join accounts on accounts.first_day_on <= months.ends_on
    left join adopting_accounts
        on
            accounts.account_id = adopting_accounts.account_id
            and months.date_month = adopting_accounts.date_month
    group by months.date_month
),

active_accounts as (
    select distinct
        date_month,
        account_id
    from user_days
),

core_features_used as (
    select
        date_month,
        account_id,
        count(distinct feature_key) as core_features_used
    from feature_days
    where is_core
    group by date_month, account_id
),

-- breadth: the share of core features that an account with active users uses
breadth as (
    select
        active_accounts.date_month,
        {{ ratio(
            'sum(coalesce(core_features_used.core_features_used, 0))',
            'count(*) * max(core_features.core_features)'
        ) }} as adoption_breadth
    from active_accounts
    left join core_features_used
        on
            active_accounts.date_month = core_features_used.date_month
            and active_accounts.account_id = core_features_used.account_id
    cross join core_features
    group by active_accounts.date_month
),

events as (
    select
        date_month,
        sum(case when is_core then events else 0 end) as core_events,
        sum(case when not is_in_catalogue then events else 0 end) as unmapped_events
    from feature_days
    group by date_month
),

active_user_days as (
    select
        date_month,
        count(*) as active_user_days
    from (select distinct
        date_month,
        user_id,
        date_day
    from user_days) as distinct_days
    group by date_month
),

final as (
    select
        months.date_month,
        coalesce(user_counts.signed_up_users, 0) as signed_up_users,
        coalesce(user_counts.adopted_users, 0) as adopted_users,
        {{ ratio('user_counts.adopted_users', 'user_counts.signed_up_users') }}
            as adoption_rate,
        {{ wilson_bound(
            'user_counts.adopted_users', 'user_counts.signed_up_users', 'lower'
        ) }} as adoption_rate_lower,
        {{ wilson_bound(
            'user_counts.adopted_users', 'user_counts.signed_up_users', 'upper'
        ) }} as adoption_rate_upper,
        {{ is_small_sample('coalesce(user_counts.signed_up_users, 0)') }}
            as is_small_sample,
        coalesce(account_counts.signed_up_accounts, 0) as signed_up_accounts,
        coalesce(account_counts.adopted_accounts, 0) as adopted_accounts,
        {{ ratio(
            'account_counts.adopted_accounts', 'account_counts.signed_up_accounts'
        ) }} as account_adoption_rate,
        breadth.adoption_breadth,
        {{ ratio(
            'coalesce(events.core_events, 0)', 'active_user_days.active_user_days'
        ) }} as adoption_depth,
        cast(coalesce(events.unmapped_events, 0) as bigint) as unmapped_events,
        months.is_complete_month
    from months
    left join user_counts on months.date_month = user_counts.date_month
    left join account_counts on months.date_month = account_counts.date_month
    left join breadth on months.date_month = breadth.date_month
    left join events on months.date_month = events.date_month
    left join active_user_days on months.date_month = active_user_days.date_month
)

select * from final

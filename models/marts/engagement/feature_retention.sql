-- Grain: one row per feature and number of days since an account's first day
-- (feature_key, within_days).
with accounts as (
    select * from {{ ref('int_accounts') }}
    where first_day_on is not null
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

ledger as (
    select * from {{ ref('int_mrr_ledger') }}
),

feature_days as (
    select * from {{ ref('int_feature_days') }}
),

first_uses as (
    select * from {{ ref('int_first_feature_uses') }}
),

a_year_later as (
    select
        account_id,
        first_day_on,
        {{ add_months('first_day_on', 12) }} as watched_until_on
    from accounts
),

-- everyone is watched for the same time; who first paid later was no customer in it
customers as (
    select
        a_year_later.account_id,
        a_year_later.first_day_on,
        coalesce(ledger.mrr_balance > 0, false) as is_retained
    from a_year_later
    inner join paying_accounts
        on
            a_year_later.account_id = paying_accounts.account_id
            and a_year_later.watched_until_on > paying_accounts.first_paid_on
    left join ledger
        on
            a_year_later.account_id = ledger.account_id
            and {{ is_effective_on('ledger', 'a_year_later.watched_until_on') }}
    where a_year_later.watched_until_on <= {{ as_of_date() }}
),

totals as (
    select
        count(*) as customers,
        count(*) filter (where is_retained) as retained
    from customers
),

features as (
    select distinct feature_key
    from feature_days
),

windows as (
    {%- for days in var('feature_retention_days') %}
    select cast({{ days }} as bigint) as within_days
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

users_of_feature as (
    select
        first_uses.feature_key,
        windows.within_days,
        count(*) as customers,
        count(*) filter (where customers.is_retained) as retained
    from first_uses
    inner join customers on first_uses.account_id = customers.account_id
    inner join windows
        on
            {{ days_between('customers.first_day_on', 'first_uses.first_used_on') }}
            <= windows.within_days
    group by first_uses.feature_key, windows.within_days
),

counted as (
    select
        features.feature_key,
        windows.within_days,
        coalesce(users_of_feature.customers, 0) as customers_with,
        coalesce(users_of_feature.retained, 0) as retained_with,
        totals.customers - coalesce(users_of_feature.customers, 0)
            as customers_without,
        totals.retained - coalesce(users_of_feature.retained, 0) as retained_without
    from features
    cross join windows
    cross join totals
    left join users_of_feature
        on
            features.feature_key = users_of_feature.feature_key
            and windows.within_days = users_of_feature.within_days
),

with_shares as (
    select
        feature_key,
        within_days,
        customers_with,
        customers_without,
        {{ ratio('retained_with', 'customers_with') }} as retained_share_with,
        {{ ratio('retained_without', 'customers_without') }} as retained_share_without,
        {{ wilson_bound('retained_with', 'customers_with', 'lower') }} as with_lower,
        {{ wilson_bound('retained_with', 'customers_with', 'upper') }} as with_upper,
        {{ wilson_bound('retained_without', 'customers_without', 'lower') }}
            as without_lower,
        {{ wilson_bound('retained_without', 'customers_without', 'upper') }}
            as without_upper,
        {{ ratio(
            'retained_with + retained_without', 'customers_with + customers_without'
        ) }} as pooled_share
    from counted
),

-- z of the pooled test of two proportions; 0 where all customers, or none, are retained
tested as (
    select
        *,
        retained_share_with - retained_share_without as difference,
        coalesce(
            abs(retained_share_with - retained_share_without) / nullif(
                sqrt(
                    pooled_share * (1 - pooled_share)
                    * (
                        1e0 / nullif(customers_with, 0)
                        + 1e0 / nullif(customers_without, 0)
                    )
                ),
                0
            ),
            0e0
        ) as z
    from with_shares
),

ranked as (
    select
        *,
        2 * {{ normal_tail('z') }} as p_value,
        row_number() over (
            partition by within_days, difference is null
            order by z desc, feature_key asc
        ) as p_rank,
        count(difference) over (partition by within_days) as features_tested
    from tested
),

-- Benjamini and Hochberg, J. R. Stat. Soc. B 57 (1995): the smallest of p * m / rank of
-- this p-value and the larger ones. Newcombe, Stat. Med. 17 (1998), method 10
final as (
    select
        feature_key,
        within_days,
        customers_with,
        retained_share_with,
        customers_without,
        retained_share_without,
        difference,
        difference - sqrt(
            power(retained_share_with - with_lower, 2)
            + power(without_upper - retained_share_without, 2)
        ) as lower,
        difference + sqrt(
            power(with_upper - retained_share_with, 2)
            + power(retained_share_without - without_lower, 2)
        ) as upper,
        case
            when difference is not null
                then min(least(1e0, p_value * features_tested / p_rank)) over (
                    partition by within_days, difference is null
                    order by p_rank desc
                    rows between unbounded preceding and current row
                )
        end as p_adjusted,
        {{ is_small_sample('customers_with') }}
        or {{ is_small_sample('customers_without') }} as is_small_sample
    from ranked
)

select * from final

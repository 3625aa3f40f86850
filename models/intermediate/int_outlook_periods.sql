-- Grain: one row per day of an outlook and paid subscription item (made_on,
-- subscription_id, subscription_item_id, started_on): the ends of the last 36 complete
-- months, and as_of_date. What was known then of what the item will pay.
{% set months_back = 36 %}
with subscription_terms as (
    select * from {{ ref('int_subscription_terms') }}
),

months as (
    select * from {{ ref('int_months') }}
    where is_complete_month
),

scheduled_ends as (
    select * from {{ ref('int_scheduled_ends') }}
),

forecasts as (
    select * from {{ ref('int_renewal_forecasts') }}
),

base_rates as (
    select * from {{ ref('int_renewal_base_rates') }}
),

outlook_days as (
    select ends_on as made_on
    from months
    where
        date_month
        >= {{ add_months(month_of(add_days(as_of_date(), 1)), -months_back) }}
    union
    select {{ as_of_date() }} as made_on
),

running as (
    select
        outlook_days.made_on,
        subscription_terms.*,
        {{ month_number('outlook_days.made_on') }}
        - {{ month_number('subscription_terms.started_on') }} as months_since_start
    from outlook_days
    inner join subscription_terms
        on {{ is_active_on('subscription_terms', 'outlook_days.made_on') }}
),

-- terms that were over by the day; one that ends later in its month is not
counted as (
    select
        *,
        floor(months_since_start / cast(term_months as double))
        - case
            when
                {{ add_months(
                    'started_on', 'months_since_start - months_since_start % term_months'
                ) }} > made_on
                then 1
            else 0
        end as terms_over
    from running
),

with_due as (
    select
        *,
        {{ add_months('started_on', 'term_months * (terms_over + 1)') }} as first_due_on
    from counted
),

-- ends that were scheduled on an earlier day are not known any more
final as (
    select
        with_due.made_on,
        with_due.subscription_id,
        with_due.subscription_item_id,
        with_due.started_on,
        with_due.account_id,
        with_due.mrr,
        with_due.term_months,
        cast(with_due.terms_over as bigint) as terms_over,
        case
            when with_due.made_on = {{ as_of_date() }}
                then scheduled_ends.scheduled_end_on
        end as scheduled_end_on,
        coalesce(forecasts.probability, base_rates.renewed_share, 1)
            as first_probability,
        coalesce(base_rates.renewed_share, 1) as later_probability
    from with_due
    left join scheduled_ends
        on
            with_due.subscription_id = scheduled_ends.subscription_id
            and with_due.subscription_item_id = scheduled_ends.subscription_item_id
            and with_due.started_on = scheduled_ends.started_on
    left join forecasts
        on
            with_due.account_id = forecasts.account_id
            and with_due.subscription_id = forecasts.subscription_id
            and with_due.first_due_on = forecasts.due_on
            and with_due.made_on = forecasts.made_on
    left join base_rates on {{ is_valid_on('base_rates', 'with_due.made_on') }}
)

select * from final

-- Grain: one row per term and day on which its renewal is forecast (account_id,
-- subscription_id, due_on, made_on): an open one on as_of_date, a decided one on
-- certain days before, and each at the ends of the months before.
with terms as (
    select * from {{ ref('int_renewal_terms') }}
),

months as (
    select * from {{ ref('int_months') }}
    where is_complete_month
),

days as (
    select
        account_id,
        subscription_id,
        due_on,
        {{ as_of_date() }} as made_on
    from terms
    where is_open
    {%- for days in forecast_horizons() %}
    union
    select
        account_id,
        subscription_id,
        due_on,
        {{ add_days('due_on', -days) }} as made_on
    from terms
    where not is_open
    {%- endfor %}
    union
    select
        terms.account_id,
        terms.subscription_id,
        terms.due_on,
        months.ends_on as made_on
    from terms
    inner join months
        on
            months.ends_on < terms.due_on
            and months.ends_on
            >= {{ add_days('terms.due_on', -var('renewal_window_days')) }}
),

-- what a forecast made on a day knows is of the last complete month that ended by then
final as (
    select
        days.account_id,
        days.subscription_id,
        days.due_on,
        days.made_on,
        {{ add_months(month_of(add_days('days.made_on', 1)), -1) }} as known_month,
        terms.plan,
        terms.mrr,
        terms.is_open,
        terms.is_cancel_scheduled and days.made_on = {{ as_of_date() }}
            as is_cancel_scheduled,
        terms.is_renewed,
        not terms.is_open
        and {{ days_between('days.made_on', 'days.due_on') }}
        in ({{ forecast_horizons() | join(', ') }}) as is_at_horizon
    from days
    inner join terms
        on
            days.account_id = terms.account_id
            and days.subscription_id = terms.subscription_id
            and days.due_on = terms.due_on
            and days.made_on >= terms.started_on
)

select * from final

-- Grain: one row per account and month in which its MRR expanded or contracted
-- (account_id, date_month): how much of the change has which cause.
{% set causes = ['price', 'seats', 'plan', 'discount', 'currency'] %}
with movements as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month' and movement_type in ('expansion', 'contraction')
),

months as (
    select * from {{ ref('int_months') }}
),

subscription_periods as (
    select * from {{ ref('int_subscription_periods') }}
    where not is_trial
),

moved as (
    select
        movements.account_id,
        months.date_month,
        months.ends_on,
        movements.mrr_change
    from movements
    inner join months on movements.period_start = months.date_month
),

-- each item's terms on the day before the month, and on its last day
{% for side, day in [
    ('old', add_days('moved.date_month', -1)),
    ('new', 'moved.ends_on'),
] -%}
{{ side }}_terms as (
    select
        moved.account_id,
        moved.date_month,
        subscription_periods.subscription_id,
        subscription_periods.subscription_item_id,
        subscription_periods.started_on,
        subscription_periods.plan,
        -- seats that are not given, or zero, count as one
        coalesce(nullif(subscription_periods.seats, 0), 1) as seats,
        subscription_periods.amount,
        subscription_periods.list_amount,
        subscription_periods.currency,
        subscription_periods.rate_to_base,
        subscription_periods.payments_per_year,
        subscription_periods.mrr
    from moved
    inner join subscription_periods
        on
            moved.account_id = subscription_periods.account_id
            and {{ is_active_on('subscription_periods', day) }}
),

{% endfor -%}
-- an item that is there on one side only has no common plan
items as (
    select
        coalesce(new_terms.account_id, old_terms.account_id) as account_id,
        coalesce(new_terms.date_month, old_terms.date_month) as date_month,
        case
            when new_terms.started_on = old_terms.started_on then 'same_period'
            when new_terms.currency = old_terms.currency then 'same_currency'
            else 'no_common_rate'
        end as comparison,
        coalesce(new_terms.plan = old_terms.plan, false) as is_same_plan,
        coalesce(old_terms.mrr, 0) as old_mrr,
        coalesce(new_terms.mrr, 0) as new_mrr,
        old_terms.seats as old_seats,
        new_terms.seats as new_seats,
        old_terms.amount as old_amount,
        old_terms.list_amount as old_list_amount,
        old_terms.payments_per_year as old_payments,
        old_terms.rate_to_base as old_rate,
        new_terms.list_amount as new_list_amount,
        new_terms.payments_per_year as new_payments,
        new_terms.rate_to_base as new_rate
    from old_terms
    full outer join new_terms
        on
            old_terms.account_id = new_terms.account_id
            and old_terms.date_month = new_terms.date_month
            and old_terms.subscription_id = new_terms.subscription_id
            and old_terms.subscription_item_id = new_terms.subscription_item_id
),

-- the old terms at the new term's rate, as MRR
at_new_rate as (
    select
        *,
        case
            when comparison <> 'same_currency' or old_rate = new_rate then old_mrr
            else {{ exact_ratio('old_amount * new_rate * old_payments', 12, places=4) }}
        end as old_mrr_at_new_rate,
        case
            when comparison = 'same_currency'
                then {{ exact_ratio(
                    'old_list_amount * new_rate * old_payments', 12, places=4
                ) }}
        end as old_list_mrr,
        case
            when comparison = 'same_currency'
                then {{ exact_ratio(
                    'new_list_amount * new_rate * new_payments', 12, places=4
                ) }}
        end as new_list_mrr
    from items
),

-- of one plan in one currency: what the change of seats costs at the old price, and at
-- the old list price
with_seats as (
    select
        *,
        is_same_plan and comparison = 'same_currency' as is_comparable,
        new_mrr - old_mrr_at_new_rate as terms_change,
        sign(new_seats - old_seats) * coalesce(
            {{ money_share(
                'old_mrr_at_new_rate', 'abs(new_seats - old_seats)', 'old_seats'
            ) }},
            0
        ) as seats_change,
        sign(new_seats - old_seats)
        * {{ money_share('old_list_mrr', 'abs(new_seats - old_seats)', 'old_seats') }}
            as list_seats_change
    from at_new_rate
    where comparison <> 'same_period'
),

priced as (
    select
        *,
        terms_change - seats_change as price_and_discount_change,
        new_list_mrr - old_list_mrr - list_seats_change as list_change
    from with_seats
),

-- the definition of the causes: a change of plan is not split; of one plan, what the
-- seats do not explain is the price and, where the list price is known, the discount
split as (
    select
        account_id,
        date_month,
        old_mrr_at_new_rate - old_mrr as currency_change,
        case when not is_same_plan then terms_change else 0 end as plan_change,
        case when is_comparable then seats_change else 0 end as seats_change,
        case
            when is_comparable then coalesce(list_change, price_and_discount_change)
            else 0
        end as price_change,
        case
            when is_comparable
                then coalesce(price_and_discount_change - list_change, 0)
            else 0
        end as discount_change
    from priced
),

summed as (
    select
        account_id,
        date_month,
        sum(price_change) as price_change,
        sum(seats_change) as seats_change,
        sum(plan_change) as plan_change,
        sum(discount_change) as discount_change,
        sum(currency_change) as currency_change
    from split
    group by account_id, date_month
),

final as (
    select
        moved.account_id,
        moved.date_month,
        {%- for cause in causes %}
        cast(coalesce(summed.{{ cause }}_change, 0) as decimal(18, 4))
            as {{ cause }}_change,
        {%- endfor %}
        cast(
            moved.mrr_change
            {%- for cause in causes %}
            - coalesce(summed.{{ cause }}_change, 0)
            {%- endfor %} as decimal(18, 4)
        ) as other_change
    from moved
    left join summed
        on
            moved.account_id = summed.account_id
            and moved.date_month = summed.date_month
)

select * from final

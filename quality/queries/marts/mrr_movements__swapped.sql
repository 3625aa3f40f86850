-- Churned and new customers, relative to the existing ones.
with months as (
    select
        date_month,
        count(*) filter (where movement_type = 'churn') as churned,
        count(*) filter (where movement_type = 'new') as arrived,
        count(*) filter (where movement_type in ('new', 'reactivation')) as came
    from {{ table }}
    group by date_month
),

usual as (
    select
        date_month,
        churned,
        arrived,
        sum(came - churned) over (
            order by date_month rows between unbounded preceding and 1 preceding
        ) as customers,
        median(churned) over (
            order by date_month rows between 12 preceding and 1 preceding
        ) as usual_churned
    from months
),

recent as (
    select
        *,
        least(churned, arrived) / customers as swapped
    from usual
    where
        customers >= {{ small }}
        and date_month >= date_trunc('month', date '{{ as_of }}') - interval 1 month
)

select
    max(swapped) as swapped,
    max(churned / usual_churned) filter (
        where usual_churned >= 1 and churned >= {{ small }}
    ) as burst,
    string_agg(
        strftime(date_month, '%Y-%m') || ': of ' || customers || ' customers '
        || churned || ' left (usual ' || usual_churned || '), ' || arrived
        || ' new came', '; ' order by date_month
    ) as message
from recent

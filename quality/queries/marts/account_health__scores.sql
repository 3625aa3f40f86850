-- Health of the paying accounts in the last complete month, and in the one before.
with months as (
    select
        date_month,
        count(*) as accounts,
        count(health_score) as scored,
        avg(health_score) as mean,
        count(*) filter (where health_band = 'red')
        / nullif(count(health_score), 0) as red,
        avg(score_coverage) as coverage
    from {{ table }}
    where last_day(date_month) <= date '{{ as_of }}'
    group by date_month
),

steps as (
    select
        *,
        lag(mean) over (order by date_month) as mean_before,
        lag(scored) over (order by date_month) as scored_before,
        lag(coverage) over (order by date_month) as coverage_before
    from months
    order by date_month desc
    limit 1
)

select
    max(case when scored >= {{ small }} then mean end) as mean,
    max(case when scored >= {{ small }} then red end) as red,
    max(
        case
            when
                least(scored, scored_before) >= {{ small }}
                then abs(mean - mean_before)
        end
    ) as change,
    max(
        case
            when least(scored, scored_before) >= {{ small }}
                then coverage_before - coverage
        end
    ) as coverage_lost,
    max(case when accounts >= {{ small }} then (accounts - scored) / accounts end)
        as unscored,
    max(
        strftime(date_month, '%Y-%m') || ': mean score ' || round(mean, 1) || ' ('
        || coalesce(cast(round(mean_before, 1) as varchar), 'unknown') || ' before), '
        || round(100 * coalesce(red, 0), 1) || '% red, ' || scored || ' of ' || accounts
        || ' accounts scored'
    ) as message
from steps

-- Grain: one row per tenure month (tenure_month), from 0 to the longest observed and
-- clv_horizon_months beyond it: the Kaplan-Meier curve of paying tenure.
-- Kaplan and Meier, JASA 53 (1958); the variance is Greenwood's.
with paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

-- accounts that still pay are censored, not churned
last_months as (
    select
        tenure_months,
        count(*) as accounts,
        count(*) filter (where not is_paying) as churned
    from paying_accounts
    group by tenure_months
),

observed as (
    select
        series.number as tenure_month,
        cast(sum(coalesce(last_months.accounts, 0)) over (
            order by series.number
            rows between current row and unbounded following
        ) as bigint) as at_risk,
        cast(coalesce(last_months.churned, 0) as bigint) as churned,
        cast(coalesce(last_months.accounts - last_months.churned, 0) as bigint)
            as censored
    from {{ number_series(
        0, '(select max(last_months.tenure_months) from last_months)'
    ) }} as series
    left join last_months on series.number = last_months.tenure_months
),

-- beyond the last observed tenure the curve is extended with the pooled hazard of its
-- last 12 months
last_hazard as (
    select
        max(tenure_month) as longest_tenure,
        {{ ratio('sum(churned)', 'sum(at_risk)') }} as hazard_rate
    from observed
    where
        tenure_month > (select max(longest.tenure_month) - 12 from observed as longest)
),

hazards as (
    select
        tenure_month,
        at_risk,
        churned,
        censored,
        {{ ratio('churned', 'at_risk') }} as hazard_rate,
        true as is_observed
    from observed
    union all
    select
        series.number as tenure_month,
        null as at_risk,
        null as churned,
        null as censored,
        last_hazard.hazard_rate,
        false as is_observed
    from last_hazard
    cross join {{ number_series(
        '(select last_hazard.longest_tenure + 1 from last_hazard)',
        '(select last_hazard.longest_tenure + '
        ~ var('clv_horizon_months')
        ~ ' from last_hazard)'
    ) }} as series
),

-- a product of survivals is a sum of logarithms, as long as any account is left
summed as (
    select
        *,
        sum(ln(nullif(1 - hazard_rate, 0))) over up_to_month as log_survival,
        max(hazard_rate) over up_to_month = 1 as is_extinct,
        sum(
            cast(churned as double) / nullif(at_risk * (at_risk - churned), 0)
        ) over up_to_month as greenwood
    from hazards
    window up_to_month as (
        order by tenure_month
        rows between unbounded preceding and current row
    )
),

curve as (
    select
        tenure_month,
        at_risk,
        churned,
        censored,
        hazard_rate,
        case when is_extinct then 0e0 else exp(log_survival) end as survival_rate,
        case when not is_extinct then log_survival end as log_survival,
        greenwood,
        is_observed
    from summed
),

-- log-log 95% confidence interval: S ** exp(± z √variance / ln S); no width while
-- nobody churned
bounded as (
    select
        tenure_month,
        at_risk,
        churned,
        censored,
        hazard_rate,
        survival_rate,
        case
            when log_survival = 0 then 1e0
            else exp(log_survival * exp({{ z_95() }} * sqrt(greenwood) / -log_survival))
        end as survival_lower,
        case
            when log_survival = 0 then 1e0
            else exp(log_survival * exp({{ z_95() }} * sqrt(greenwood) / log_survival))
        end as survival_upper,
        is_observed
    from curve
)

select * from bounded

-- Grain: one row per tenure month (tenure_month), from 0 to the longest.
with tenure_survival as (
    select * from {{ ref('int_tenure_survival') }}
),

-- the extrapolation is only for survival_clv
observed as (
    select
        tenure_month,
        at_risk,
        churned,
        censored,
        hazard_rate,
        survival_rate,
        survival_lower,
        survival_upper
    from tenure_survival
    where is_observed
)

select * from observed

-- Grain: one row per account and month at whose end it pays (account_id, date_month):
-- the components of its health, as decimals of four places, and its score, null where
-- too few of them are known.
{% set weights = var('health_weights') %}
{% set total_weight = weights.values() | join(' + ') %}
{% set components = health_components() %}
with paying_months as (
    select * from {{ ref('int_paying_months') }}
),

usage_scores as (
    select * from {{ ref('int_usage_scores') }}
),

billing_scores as (
    select * from {{ ref('int_billing_scores') }}
),

support_scores as (
    select * from {{ ref('int_support_scores') }}
),

nps_scores as (
    select * from {{ ref('int_nps_scores') }}
),

trend_scores as (
    select * from {{ ref('int_trend_scores') }}
),

component_scores as (
    select
        paying_months.account_id,
        paying_months.date_month,
        paying_months.ends_on,
        paying_months.is_complete_month,
        paying_months.mrr,
        usage_scores.usage_score,
        billing_scores.billing_score,
        support_scores.support_score,
        nps_scores.nps_score,
        trend_scores.trend_score
    from paying_months
    left join usage_scores
        on
            paying_months.account_id = usage_scores.account_id
            and paying_months.date_month = usage_scores.date_month
    left join billing_scores
        on
            paying_months.account_id = billing_scores.account_id
            and paying_months.date_month = billing_scores.date_month
    left join support_scores
        on
            paying_months.account_id = support_scores.account_id
            and paying_months.date_month = support_scores.date_month
    left join nps_scores
        on
            paying_months.account_id = nps_scores.account_id
            and paying_months.date_month = nps_scores.date_month
    left join trend_scores
        on
            paying_months.account_id = trend_scores.account_id
            and paying_months.date_month = trend_scores.date_month
),

-- a missing component is left out: the weights of the others are scaled up
weighed as (
    select
        *,
        {{ known_weight(weights) }} as weight_sum,
        {{ weighted_points(weights) }} as weighted_score
    from component_scores
),

-- too little weight is not enough for a score: with invoices alone, everyone who pays
-- on time would score 100. All decimals, so that a share of exactly the minimum is
-- enough
scored as (
    select
        *,
        case
            when
                weight_sum
                >= {{ var('min_score_coverage') }} * ({{ total_weight }})
                then {{ exact_ratio('weighted_score', 'weight_sum', places=4) }}
        end as health_score_exact
    from weighed
),

-- the integer is rounded from the published decimal, and banded
rounded as (
    select
        *,
        cast({{ exact_ratio('health_score_exact', 1, places=0) }} as integer)
            as health_score
    from scored
),

banded as (
    select
        account_id,
        date_month,
        ends_on,
        is_complete_month,
        mrr,
        {%- for component in components %}
        {{ component }}_score,
        {%- endfor %}
        weight_sum,
        weighted_score,
        health_score_exact,
        health_score,
        {{ health_band('health_score') }} as health_band
    from rounded
)

select * from banded

-- Grain: one row per account, subscription and day on which a term of it falls due in
-- the renewal window (account_id, subscription_id, due_on).
with forecasts as (
    select * from {{ ref('int_renewal_forecasts') }}
    where is_open and made_on = {{ as_of_date() }}
),

final as (
    select
        account_id,
        subscription_id,
        due_on,
        plan,
        mrr,
        probability,
        probability_lower,
        probability_upper,
        mrr * probability as expected_mrr,
        mrr * probability_upper as best_mrr,
        mrr * probability_lower as worst_mrr,
        top_factors
    from forecasts
)

select * from final

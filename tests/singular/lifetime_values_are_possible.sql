-- A row returned is a customer with a lifetime value that is not finite, or a survival
-- value beyond what it would be worth if it never left within the horizon.
select
    account_id,
    formula_clv,
    survival_clv
from {{ ref('customer_lifetime_value') }}
where
    -- NaN is greater than any number, and infinity than this one
    not coalesce(formula_clv, 0) < 1e300
    or not survival_clv between -0.01 and 0.01 + {{ var('gross_margin') }}
    * (
        cast(revenue_to_date as double)
        + cast(current_mrr as double) * {{ var('clv_horizon_months') }}
    )

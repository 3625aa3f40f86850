-- A row returned means that the cohort sizes do not sum to the accounts that ever paid
-- in the ledger, the lifetime values and the survival curve.
with cohorts as (
    select coalesce(sum(cohort_customers), 0) as customers
    from {{ ref('cohort_retention') }}
    where months_since_start = 0
),

ever_paid as (
    select
        'fct_mrr_ledger' as mart,
        count(distinct account_id) as customers
    from {{ ref('fct_mrr_ledger') }}
    union all
    select
        'customer_lifetime_value' as mart,
        count(*) as customers
    from {{ ref('customer_lifetime_value') }}
    union all
    select
        'tenure_survival' as mart,
        coalesce(sum(churned + censored), 0) as customers
    from {{ ref('tenure_survival') }}
)

select
    ever_paid.mart,
    ever_paid.customers,
    cohorts.customers as customers_in_cohorts
from ever_paid
cross join cohorts
where ever_paid.customers <> cohorts.customers

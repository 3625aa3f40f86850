-- Grain: one row per model of the renewal forecast and feature (trained_to, feature).
with models as (
    select * from {{ source('history', 'renewal_coefficients') }}
),

fitted as (
    select
        trained_from,
        trained_to,
        terms,
        renewed_terms,
        feature,
        coefficient,
        standard_error,
        mean_value
    from models
)

select * from fitted

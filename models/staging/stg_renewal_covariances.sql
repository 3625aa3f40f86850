-- Grain: one row per model of the renewal forecast and pair of features (trained_to,
-- feature, other_feature).
with models as (
    select * from {{ source('history', 'renewal_covariances') }}
),

fitted as (
    select
        trained_to,
        feature,
        other_feature,
        covariance
    from models
)

select * from fitted

-- Grain: one row per reason and feature (reason, feature_id).
{{ config(enabled=source_gives('pendo', 'feature_events')) }}
with uses as (
    select * from {{ ref('pendo_feature_uses') }}
),

reasons as (
    select
        *,
        case
            when not is_user then 'anonymous'
            when account_id is null then 'no_account'
            when feature_key is null then 'unmapped'
        end as reason
    from uses
),

final as (
    select
        reason,
        feature_id,
        min(feature_name) as feature_name,
        sum(num_events) as events,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from reasons
    where reason is not null
    group by reason, feature_id
)

select * from final

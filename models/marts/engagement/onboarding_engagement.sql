-- Grain: one row per account that has a first day (account_id).
with onboarding as (
    select * from {{ ref('int_onboarding') }}
),

final as (
    select
        account_id,
        days_since_start,
        cast(points_earned as bigint) as points_earned,
        cast(points_possible as bigint) as points_possible,
        {{ ratio('points_earned', 'points_possible') }} as onboarding_score,
        is_stalled
    from onboarding
)

select * from final

-- Grain: one row per plan.
{{ config(enabled=source_is_landed_by('chargebee', 'airbyte', ['subscriptions'])) }}
with delivered as (
    {{ airbyte_rows('chargebee', 'plan') }}
),

final as (
    select
        id,
        name,
        period,
        period_unit
    from delivered
)

select * from final

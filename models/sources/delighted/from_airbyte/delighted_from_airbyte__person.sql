-- Grain: one row per person.
{{ config(enabled=source_is_landed_by('delighted', 'airbyte', ['surveys'])) }}
with delivered as (
    {{ airbyte_rows('delighted', 'people') }}
),

final as (
    select
        id,
        email
    from delivered
)

select * from final

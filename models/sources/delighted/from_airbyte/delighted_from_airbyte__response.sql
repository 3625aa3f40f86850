-- Grain: one row per response.
{{ config(enabled=source_is_landed_by('delighted', 'airbyte', ['surveys'])) }}
with delivered as (
    {{ airbyte_rows('delighted', 'survey_responses') }}
),

final as (
    select
        id,
        person as person_id,
        survey_type,
        score,
        comment,
        created_at,
        updated_at,
        person_properties,
        cast(null as {{ dbt.type_string() }}) as response_person_properties,
        cast(null as boolean) as _fivetran_deleted
    from delivered
)

select * from final

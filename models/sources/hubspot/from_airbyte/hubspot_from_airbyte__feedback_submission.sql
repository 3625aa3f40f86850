-- Grain: one row per answer to a survey.
{{ config(enabled=source_is_landed_by('hubspot', 'airbyte', ['surveys'])) }}
with delivered as (
    {{ airbyte_rows('hubspot', 'feedback_submissions') }}
),

final as (
    select
        id,
        properties_hs_survey_type as property_hs_survey_type,
        properties_hs_survey_id as property_hs_survey_id,
        properties_hs_value as property_hs_value,
        properties_hs_response_group as property_hs_response_group,
        properties_hs_content as property_hs_content,
        properties_hs_submission_timestamp as property_hs_submission_timestamp,
        properties_hs_contact_id as property_hs_contact_id,
        archived as is_deleted,
        false as _fivetran_deleted
    from delivered
)

select * from final

-- Grain: one row per answer to an NPS or CSAT survey (response_id).
{{ config(enabled=source_gives('hubspot', 'surveys')) }}
{% set surveys = source_setting('hubspot', 'surveys', {}) %}
with submissions as (
    select
        *,
        {% if surveys -%}
        case property_hs_survey_id
            {%- for id, survey_type in surveys.items() %}
            when '{{ id }}' then '{{ survey_type }}'
            {%- endfor %}
            else lower(property_hs_survey_type)
        end
        {%- else -%}
        lower(property_hs_survey_type)
        {%- endif %} as survey_type,
        {{ parse_integer('trim(property_hs_value)') }} as value
    from {{ source_table('hubspot', 'feedback_submission') }}
),

contacts as (
    select * from {{ ref('hubspot_contact_companies') }}
),

-- CSAT by faces is 0, 1 and 2; the group tells 2 of 2 from 2 of 5
scored as (
    select
        *,
        case
            when survey_type <> 'csat' then value
            when value = 0 then 1
            when value = 1 and upper(property_hs_response_group) = 'PASSIVE' then 3
            when value = 2 and upper(property_hs_response_group) = 'PROMOTER' then 5
            else value
        end as score
    from submissions
    -- effort, articles and free questions have scales that no metric uses
    where coalesce(survey_type, '') not in ('ces', 'knowledge', 'custom')
),

final as (
    select
        scored.id as response_id,
        scored.survey_type,
        case scored.survey_type
            when 'nps' then 'recommend'
            when 'csat' then 'satisfaction'
        end as question,
        contacts.company_id as account_id,
        coalesce(contacts.product_user_id, scored.property_hs_contact_id) as user_id,
        scored.score,
        scored.property_hs_content as comment,
        scored.property_hs_submission_timestamp as sent_at,
        scored.property_hs_submission_timestamp as responded_at,
        coalesce(scored.is_deleted, false)
        or coalesce(scored._fivetran_deleted, false) as _fivetran_deleted
    from scored
    left join contacts on scored.property_hs_contact_id = contacts.contact_id
)

select * from final

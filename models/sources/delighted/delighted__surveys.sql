-- Grain: one row per response (response_id).
{{ config(enabled=source_gives('delighted', 'surveys')) }}
{% set csat_types = text_list(source_setting('delighted', 'csat_types', ['csat'])) %}
with responses as (
    select * from {{ ref('delighted_responses') }}
),

-- other kinds keep their name: staging lists them as rejected
final as (
    select
        response_id,
        case
            when delighted_type = 'nps' then 'nps'
            when delighted_type in ({{ csat_types }}) then 'csat'
            else delighted_type
        end as survey_type,
        case
            when delighted_type = 'nps' then 'recommend'
            when delighted_type in ({{ csat_types }}) then 'satisfaction'
            else delighted_type
        end as question,
        coalesce(given_account_id, domain) as account_id,
        user_id,
        score,
        comment,
        created_at as sent_at,
        created_at as responded_at,
        updated_at,
        _fivetran_deleted
    from responses
)

select * from final

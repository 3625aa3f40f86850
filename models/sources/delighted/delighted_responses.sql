-- Grain: one row per response, with the person's account and user.
{{ config(enabled=source_gives('delighted', 'surveys')) }}
{% set account_id_key = source_setting('delighted', 'account_id_key', 'account_id') %}
{% set user_id_key = source_setting('delighted', 'user_id_key', 'user_id') %}
with responses as (
    select * from {{ source_table('delighted', 'response') }}
),

people as (
    select * from {{ source_table('delighted', 'person') }}
),

free_email_domains as (
    select * from {{ ref('free_email_domains') }}
),

with_properties as (
    select
        *,
        coalesce(person_properties, response_person_properties) as properties
    from responses
),

-- without a property, the domain of the person's address is the company
final as (
    select
        with_properties.id as response_id,
        with_properties.survey_type as delighted_type,
        nullif({{ json_text('with_properties.properties', account_id_key) }}, '')
            as given_account_id,
        {{ company_domain('people.email', 'free_email_domains.domain') }} as domain,
        coalesce(
            nullif({{ json_text('with_properties.properties', user_id_key) }}, ''),
            with_properties.person_id
        ) as user_id,
        with_properties.score,
        with_properties.comment,
        with_properties.created_at,
        with_properties.updated_at,
        with_properties._fivetran_deleted
    from with_properties
    left join people on with_properties.person_id = people.id
    left join free_email_domains
        on {{ email_domain('people.email') }} = free_email_domains.domain
)

select * from final

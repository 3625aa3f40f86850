-- Grain: one row per response, recorded or invited (response_id).
{{ config(enabled=source_gives('qualtrics', 'surveys')) }}
{% set account_id_key = source_setting('qualtrics', 'account_id_key', 'account_id') %}
{% set user_id_key = source_setting('qualtrics', 'user_id_key', 'user_id') %}
{% set reference = source_setting('qualtrics', 'external_reference', 'user') %}
with responses as (
    select * from {{ source_table('qualtrics', 'survey_response') }}
),

invitations as (
    select * from {{ ref('qualtrics_invitations') }}
),

contacts as (
    select * from {{ source_table('qualtrics', 'directory_contact') }}
),

free_email_domains as (
    select * from {{ ref('free_email_domains') }}
),

embedded_data as (
    select
        response_id,
        max(case when key = {{ text_list(account_id_key) }} then value end)
            as account_id,
        max(case when key = {{ text_list(user_id_key) }} then value end) as user_id
    from {{ source_table('qualtrics', 'survey_embedded_data') }}
    group by response_id
),

-- previews and generated test responses are marked as such by Qualtrics
recorded as (
    select
        *,
        coalesce(distribution_channel, '') = 'preview'
        or coalesce(status, '') in ('1', '2', 'Survey Preview', 'Survey Test')
            as is_test
    from responses
),

-- a response may come of several invitations: the first counts
invited as (
    select
        survey_id,
        contact_id,
        sent_at,
        response_id,
        coalesce(response_id, distribution_id || ':' || contact_id) as invited_id,
        row_number() over (
            partition by coalesce(response_id, distribution_id || ':' || contact_id)
            order by sent_at asc, contact_id asc
        ) as precedence
    from invitations
),

respondents as (
    select
        coalesce(recorded.id, invited.invited_id) as response_id,
        coalesce(recorded.survey_id, invited.survey_id) as survey_id,
        invited.contact_id,
        recorded.recipient_email,
        invited.sent_at as invited_at,
        recorded.start_date as started_at,
        recorded.recorded_date as recorded_at,
        recorded.last_modified_date as updated_at
    from recorded
    full outer join invited on recorded.id = invited.invited_id
    where
        coalesce(invited.precedence, 1) = 1
        and not coalesce(recorded.is_test, false)
),

with_contacts as (
    select
        respondents.*,
        contacts.ext_ref,
        coalesce(contacts.email, respondents.recipient_email) as email
    from respondents
    left join contacts on respondents.contact_id = contacts.id
),

final as (
    select
        with_contacts.response_id,
        with_contacts.survey_id,
        coalesce(
            embedded_data.account_id
            {%- if reference == 'account' %},
            with_contacts.ext_ref
            {%- else %},
            null
            {%- endif %}
        ) as given_account_id,
        {{ company_domain('with_contacts.email', 'free_email_domains.domain') }}
            as domain,
        coalesce(
            embedded_data.user_id,
            {%- if reference == 'user' %}
            with_contacts.ext_ref,
            {%- endif %}
            with_contacts.contact_id
        ) as user_id,
        with_contacts.invited_at,
        with_contacts.started_at,
        with_contacts.recorded_at,
        with_contacts.updated_at
    from with_contacts
    left join embedded_data on with_contacts.response_id = embedded_data.response_id
    left join free_email_domains
        on {{ email_domain('with_contacts.email') }} = free_email_domains.domain
)

select * from final

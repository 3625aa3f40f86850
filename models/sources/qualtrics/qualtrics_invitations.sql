-- Grain: one row per invitation and contact whom it reached (distribution_id,
-- contact_id); reminders are part of the invitation.
{{ config(enabled=source_gives('qualtrics', 'surveys')) }}
{% set undelivered = source_setting('qualtrics', 'undelivered_statuses', [
    'Blocked', 'Duplicate', 'Error', 'Failure', 'HardBounce', 'Pending', 'Skipped', 'SoftBounce',
]) %}
with distributions as (
    select * from {{ source_table('qualtrics', 'distribution') }}
),

sendings as (
    select * from {{ source_table('qualtrics', 'distribution_contact') }}
),

invitations as (
    select
        coalesce(distributions.parent_distribution_id, distributions.id)
            as distribution_id,
        sendings.contact_id,
        distributions.survey_link_survey_id as survey_id,
        sendings.sent_at,
        sendings.response_id
    from sendings
    inner join distributions on sendings.distribution_id = distributions.id
    where
        sendings.sent_at is not null
        and coalesce(sendings.status, '') not in ({{ text_list(undelivered) }})
        and coalesce(distributions.request_type, '') <> 'ThankYou'
),

final as (
    select
        distribution_id,
        contact_id,
        max(survey_id) as survey_id,
        max(response_id) as response_id,
        min(sent_at) as sent_at
    from invitations
    group by distribution_id, contact_id
)

select * from final

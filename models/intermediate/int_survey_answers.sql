-- Grain: one row per survey response and question, in scope (response_id, question).
-- Answers after as_of_date do not count yet.
with surveys as (
    select * from {{ ref('stg_surveys') }}
    where sent_on <= {{ as_of_date() }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

internal_users as (
    select * from {{ ref('int_users_unfiltered') }}
    where is_internal
),

in_scope as (
    select surveys.*
    from surveys
    anti join internal_accounts
        on surveys.account_id = internal_accounts.account_id
    anti join internal_users on surveys.user_id = internal_users.user_id
),

answered as (
    select
        response_id,
        survey_type,
        question,
        account_id,
        user_id,
        coalesce(user_id, response_id) as respondent_key,
        user_id is null as is_anonymous,
        comment,
        sent_on,
        responded_on <= {{ as_of_date() }} and score is not null as is_answered,
        case when responded_on <= {{ as_of_date() }} then score end as score,
        case when responded_on <= {{ as_of_date() }} then responded_at end
            as responded_at,
        case when responded_on <= {{ as_of_date() }} then responded_on end
            as responded_on
    from in_scope
)

select * from answered

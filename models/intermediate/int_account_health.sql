-- Grain: one row per account and month at whose end it pays (account_id, date_month):
-- the components of its health, as decimals of four places, and its score.
{% set weights = var('health_weights') %}
{% set components = ['usage', 'billing', 'support', 'nps'] %}
with account_months as (
    select * from {{ ref('int_account_months') }}
),

users as (
    select * from {{ ref('int_users') }}
),

feature_days as (
    select * from {{ ref('int_feature_days') }}
),

user_days as (
    select * from {{ ref('int_user_days') }}
    where is_active
),

invoices as (
    select * from {{ ref('int_invoices') }}
    where not is_void
),

support_tickets as (
    select * from {{ ref('int_support_tickets') }}
),

nps_answers as (
    select * from {{ ref('int_survey_answers') }}
    where survey_type = 'nps' and is_answered
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

paying_months as (
    select distinct
        date_month,
        ends_on
    from account_months
),

-- the days of each month's usage window: a day can be in two
window_days as (
    select
        paying_months.date_month,
        spine.date_day
    from paying_months
    inner join {{ date_spine(
        '(select '
        ~ add_days('min(ends_on)', -var('health_window_days'))
        ~ ' from paying_months)',
        as_of_date()
    ) }} as spine
        on
            spine.date_day
            > {{ add_days('paying_months.ends_on', -var('health_window_days')) }}
            and spine.date_day <= paying_months.ends_on
),

-- impact points; without a feed of feature use, a login day counts as one
points_by_day as (
    select
        feature_days.account_id,
        feature_days.date_day,
        sum(feature_days.impact_score) as points
    from feature_days
    group by feature_days.account_id, feature_days.date_day
    union all
    select
        user_days.account_id,
        user_days.date_day,
        cast(count(*) as decimal(18, 4)) as points
    from user_days
    inner join available_sources on not available_sources.has_feature_events
    group by user_days.account_id, user_days.date_day
),

usage_points as (
    select
        points_by_day.account_id,
        window_days.date_month,
        sum(points_by_day.points) as points
    from points_by_day
    inner join window_days on points_by_day.date_day = window_days.date_day
    group by points_by_day.account_id, window_days.date_month
),

provisioned as (
    select
        account_months.account_id,
        account_months.date_month,
        count(*) as provisioned_users
    from account_months
    inner join users
        on
            account_months.account_id = users.account_id
            and users.created_on <= account_months.ends_on
            and coalesce(users.deactivated_on, {{ no_end_date() }})
            > account_months.ends_on
    group by account_months.account_id, account_months.date_month
),

overdue as (
    select
        account_months.account_id,
        account_months.date_month,
        max({{ days_between('invoices.due_on', 'account_months.ends_on') }})
            as days_overdue
    from account_months
    inner join invoices
        on
            account_months.account_id = invoices.account_id
            and invoices.due_on < account_months.ends_on
            and coalesce(invoices.paid_from, {{ no_end_date() }})
            > account_months.ends_on
    group by account_months.account_id, account_months.date_month
),

-- tickets opened in the window, or still open at its end
ticket_penalties as (
    select
        account_months.account_id,
        account_months.date_month,
        sum(
            case support_tickets.priority
                {%- for priority, points in var('ticket_penalties').items() %}
                when '{{ priority }}' then {{ points }}
                {%- endfor %}
            end
        ) as penalty
    from account_months
    inner join support_tickets
        on
            account_months.account_id = support_tickets.account_id
            and support_tickets.opened_on <= account_months.ends_on
            and (
                support_tickets.opened_on
                > {{ add_days('account_months.ends_on', -var('health_window_days')) }}
                or coalesce(support_tickets.closed_on, {{ no_end_date() }})
                > account_months.ends_on
            )
    group by account_months.account_id, account_months.date_month
),

ranked_answers as (
    select
        account_months.account_id,
        account_months.date_month,
        nps_answers.score,
        row_number() over (
            partition by
                account_months.account_id,
                account_months.date_month,
                nps_answers.is_anonymous,
                nps_answers.respondent_key
            order by nps_answers.responded_at desc, nps_answers.response_id desc
        ) as answer_rank
    from account_months
    inner join nps_answers
        on
            account_months.account_id = nps_answers.account_id
            and nps_answers.responded_on
            > {{ add_days('account_months.ends_on', -var('nps_health_window_days')) }}
            and nps_answers.responded_on <= account_months.ends_on
),

latest_answers as (
    select
        account_id,
        date_month,
        sum(score) as score_sum,
        count(*) as answers
    from ranked_answers
    where answer_rank = 1
    group by account_id, date_month
),

-- components rounded half up to four places; null where there is no data
component_scores as (
    select
        account_months.account_id,
        account_months.date_month,
        account_months.ends_on,
        account_months.is_complete_month,
        account_months.mrr,
        case
            when provisioned.provisioned_users > 0
                then least(
                    {{ exact_ratio(
                        '100 * coalesce(usage_points.points, 0)',
                        'provisioned.provisioned_users * ' ~ var('usage_target_per_user'),
                        places=4
                    ) }},
                    cast({{ var('usage_score_cap') }} as decimal(18, 4))
                )
        end as usage_score,
        cast(
            case
                when not available_sources.has_invoices then null
                {%- for step in var('billing_scores') %}
                when coalesce(overdue.days_overdue, 0) <= {{ step.max_days_overdue }}
                    then {{ step.score }}
                {%- endfor %}
                else 0
            end
            as decimal(18, 4)
        ) as billing_score,
        cast(
            case
                when available_sources.has_support_tickets
                    then greatest(100 - coalesce(ticket_penalties.penalty, 0), 0)
            end
            as decimal(18, 4)
        ) as support_score,
        {{ exact_ratio('10 * latest_answers.score_sum', 'latest_answers.answers', places=4) }}
            as nps_score
    from account_months
    cross join available_sources
    left join provisioned
        on
            account_months.account_id = provisioned.account_id
            and account_months.date_month = provisioned.date_month
    left join usage_points
        on
            account_months.account_id = usage_points.account_id
            and account_months.date_month = usage_points.date_month
    left join overdue
        on
            account_months.account_id = overdue.account_id
            and account_months.date_month = overdue.date_month
    left join ticket_penalties
        on
            account_months.account_id = ticket_penalties.account_id
            and account_months.date_month = ticket_penalties.date_month
    left join latest_answers
        on
            account_months.account_id = latest_answers.account_id
            and account_months.date_month = latest_answers.date_month
),

-- a missing component takes no part: the weights of the others stand for all
weighed as (
    select
        *,
        {%- for component in components %}
        {{ "+ " if not loop.first -}}
        case
            when {{ component }}_score is not null then {{ weights[component] }} else 0
        end
        {%- endfor %} as weight_sum,
        {%- for component in components %}
        {{ "+ " if not loop.first -}}
        {{ weights[component] }} * coalesce({{ component }}_score, 0)
        {%- endfor %} as weighted_score
    from component_scores
),

scored as (
    select
        *,
        {{ exact_ratio('weighted_score', 'weight_sum', places=4) }}
            as health_score_exact
    from weighed
),

-- the integer is rounded from the published decimal, and banded
rounded as (
    select
        *,
        cast({{ exact_ratio('health_score_exact', 1, places=0) }} as integer)
            as health_score
    from scored
),

banded as (
    select
        account_id,
        date_month,
        ends_on,
        is_complete_month,
        mrr,
        {%- for component in components %}
        {{ component }}_score,
        {%- endfor %}
        weight_sum,
        health_score_exact,
        health_score,
        {{ health_band('health_score') }} as health_band
    from rounded
)

select * from banded

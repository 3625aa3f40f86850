-- Grain: one row per account, kind of alert and complete month that raised it
-- (account_id, alert_type, raised_on: the month's last day): band_worsened, score_drop,
-- contraction, usage_drop.
{% set thresholds = var('alert_thresholds') %}
{% set window_days = thresholds.usage_drop_window_days %}
with months as (
    select * from {{ ref('int_months') }}
    where is_complete_month
),

health_changes as (
    select * from {{ ref('int_health_changes') }}
    where is_complete_month and previous_health_score is not null
),

movements as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month' and movement_type = 'contraction'
),

paying_months as (
    select * from {{ ref('int_paying_months') }}
    where is_complete_month
),

window_use as (
    select * from {{ ref('int_usage_trends') }}
),

-- what fell since the month before, in words
described_changes as (
    select
        account_id,
        ends_on,
        health_score,
        health_band,
        previous_health_score,
        previous_health_band,
        'Health ' || cast(previous_health_score as string)
        || ' on ' || cast(previous_ends_on as string)
        || ', ' || cast(health_score as string)
        || ' on ' || cast(ends_on as string)
        || coalesce(': ' || nullif(concat_ws(
            ', '
            {%- for component in health_components() %}
            {%- set score = component ~ '_score' %},
            case
                when {{ score }} < previous_{{ score }}
                    then
                        '{{ component }} ' || {{ score_text('previous_' ~ score) }}
                        || ' to ' || {{ score_text(score) }}
                when previous_{{ score }} is null
                    then
                        '{{ component }} ' || {{ score_text(score) }}
                        || ', not known before'
                when {{ score }} is null
                    then
                        '{{ component }} ' || {{ score_text('previous_' ~ score) }}
                        || ', not known now'
            end
            {%- endfor %}
        ), ''), '') as change_text
    from health_changes
),

worsened_bands as (
    select
        account_id,
        'band_worsened' as alert_type,
        ends_on as raised_on,
        case when health_band = 'red' then 'high' else 'medium' end as severity,
        'From ' || previous_health_band || ' to ' || health_band
        || '. ' || change_text || '.' as detail
    from described_changes
    where
        {{ health_band_rank('health_band') }}
        < {{ health_band_rank('previous_health_band') }}
),

score_drops as (
    select
        account_id,
        'score_drop' as alert_type,
        ends_on as raised_on,
        'medium' as severity,
        'Down ' || {{ pluralize('(previous_health_score - health_score)', 'point') }}
        || '. ' || change_text || '.' as detail
    from described_changes
    where previous_health_score - health_score >= {{ thresholds.score_drop }}
),

contractions as (
    select
        movements.account_id,
        'contraction' as alert_type,
        months.ends_on as raised_on,
        'medium' as severity,
        'MRR down by ' || {{ money_text('-movements.mrr_change') }}
        || ': from ' || {{ money_text('movements.mrr_at_start') }}
        || ' on ' || cast({{ add_days('months.date_month', -1) }} as string)
        || ' to ' || {{ money_text('movements.mrr_at_end') }}
        || ' on ' || cast(months.ends_on as string) || '.' as detail
    from movements
    inner join months on movements.period_start = months.date_month
),

usage_drops as (
    select
        paying_months.account_id,
        'usage_drop' as alert_type,
        paying_months.ends_on as raised_on,
        'medium' as severity,
        {{ pluralize('window_use.recent_user_days', 'user-day') }}
        || ' with a login in the {{ window_days }} days to '
        || cast(paying_months.ends_on as string) || ', '
        || cast(window_use.earlier_user_days as string)
        || ' in the {{ window_days }} days before.' as detail
    from paying_months
    inner join window_use
        on
            paying_months.account_id = window_use.account_id
            and paying_months.date_month = window_use.date_month
    where
        window_use.earlier_user_days >= {{ thresholds.usage_drop_min_user_days }}
        and window_use.recent_user_days
        <= {{ thresholds.usage_drop_share }} * window_use.earlier_user_days
),

raised as (
    select * from worsened_bands
    union all
    select * from score_drops
    union all
    select * from contractions
    union all
    select * from usage_drops
),

-- open until the next month is complete
with_state as (
    select
        account_id,
        alert_type,
        raised_on,
        severity,
        raised_on = (select max(months.ends_on) from months) as is_open,
        detail
    from raised
)

select * from with_state

-- Grain: one row per account (account_id) whose latest recent pulse and health band
-- disagree: pulse_disagrees (rule 87).
{% set thresholds = var('alert_thresholds') %}
with recent_pulses as (
    select * from {{ ref('int_account_notes') }}
    where
        is_latest_pulse
        and noted_on > {{ add_days(as_of_date(), -thresholds.pulse_days) }}
),

current_health as (
    select
        account_id,
        health_band
    from {{ ref('int_account_health') }}
    where ends_on = {{ as_of_date() }}
),

final as (
    select
        recent_pulses.account_id,
        'pulse_disagrees' as alert_type,
        recent_pulses.noted_on as raised_on,
        'medium' as severity,
        true as is_open,
        'Pulse ' || cast(recent_pulses.csm_pulse as string) || ' of 5 on '
        || cast(recent_pulses.noted_on as string) || ', health band '
        || current_health.health_band || ' now.' as detail
    from recent_pulses
    inner join current_health on recent_pulses.account_id = current_health.account_id
    where
        (
            recent_pulses.csm_pulse <= 2
            and current_health.health_band in ('green', 'thriving')
        )
        or (recent_pulses.csm_pulse >= 4 and current_health.health_band = 'red')
)

select * from final

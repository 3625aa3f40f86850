-- Grain: one row per account and trial (account_id, started_on). Each period is checked
-- on its own (rule 76); then adjoining and overlapping ones are one trial (rule 27).
with trial_periods as (
    select * from {{ ref('int_subscription_periods') }}
    where counts_as_trial
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

-- a trial without an end continues, and includes everything that follows
bounded as (
    select
        account_id,
        started_on,
        coalesce(ended_on, {{ no_end_date() }}) as ended_on
    from trial_periods
),

with_last_end as (
    select
        *,
        max(ended_on) over (
            partition by account_id
            order by started_on, ended_on
            rows between unbounded preceding and 1 preceding
        ) as last_ended_on
    from bounded
),

numbered as (
    select
        *,
        sum(case when started_on <= last_ended_on then 0 else 1 end) over (
            partition by account_id
            order by started_on, ended_on
            rows between unbounded preceding and current row
        ) as trial_number
    from with_last_end
),

trials as (
    select
        account_id,
        min(started_on) as started_on,
        max(ended_on) as ended_on
    from numbered
    group by account_id, trial_number
),

-- a period that counts as a trial starts before any MRR, so the first MRR is after it
final as (
    select
        trials.account_id,
        trials.started_on,
        case when trials.ended_on <= {{ as_of_date() }} then trials.ended_on end
            as ended_on,
        paying_accounts.first_paid_on
    from trials
    left join paying_accounts on trials.account_id = paying_accounts.account_id
)

select * from final

-- Rule 77: active paid periods that end after today and that no later period with MRR
-- of the account follows. A few are cancellations; most of them are terms.
{% if vars.future_end_is_cancellation is defined
    and not vars.future_end_is_cancellation -%}
select
    null as share,
    'var future_end_is_cancellation is false' as message
{%- else -%}
with paid as (
    select
        account_id,
        started_on,
        ended_on
    from {{ table }}
    where rejection_reason is null and amount > 0 and not coalesce(is_trial, false)
),

running as (
    select
        account_id,
        ended_on
    from paid
    where
        started_on <= date '{{ as_of }}'
        and coalesce(ended_on, date '9999-12-31') > date '{{ as_of }}'
),

next_starts as (
    select
        account_id,
        min(started_on) as started_on
    from paid
    where started_on > date '{{ as_of }}'
    group by account_id
),

counted as (
    select
        count(*) as running,
        count(*) filter (
            where
            running.ended_on is not null
            and coalesce(next_starts.started_on, date '9999-12-31') > running.ended_on
        ) as ending
    from running
    left join next_starts on running.account_id = next_starts.account_id
)

select
    ending / nullif(running, 0) as share,
    ending || ' of ' || running || ' running paid periods have an end in the future'
        as message
from counted
{%- endif %}

-- Grain: one row per account and month at whose end it pays (account_id, date_month):
-- its health, and what it was in the calendar month before.
{% set figures = [
    'usage_score',
    'billing_score',
    'support_score',
    'nps_score',
    'health_score',
    'health_band',
] %}
with account_health as (
    select * from {{ ref('int_account_health') }}
),

with_last as (
    select
        *,
        {%- for figure in figures %}
        lag({{ figure }}) over by_account as last_{{ figure }},
        {%- endfor %}
        lag(date_month) over by_account as last_month
    from account_health
    window by_account as (partition by account_id order by date_month)
),

-- the row before may be of an earlier month: there is nothing to compare then
with_previous as (
    select
        account_id,
        date_month,
        ends_on,
        is_complete_month,
        mrr,
        weight_sum,
        health_score_exact,
        {%- for figure in figures %}
        {{ figure }},
        case
            when last_month = {{ add_months('date_month', -1) }}
                then last_{{ figure }}
        end as previous_{{ figure }},
        {%- endfor %}
        {{ add_days('date_month', -1) }} as previous_ends_on
    from with_last
)

select * from with_previous

-- Grain: one row per account and month at whose end it pays (account_id, date_month):
-- its health, and that of the calendar month before.
{% set compared_columns = ['health_score', 'health_band'] %}
{% for component in health_components() %}
{% do compared_columns.append(component ~ '_score') %}
{% endfor %}
with account_health as (
    select * from {{ ref('int_account_health') }}
),

with_last as (
    select
        *,
        {%- for column in compared_columns %}
        lag({{ column }}) over by_account as last_{{ column }},
        {%- endfor %}
        lag(date_month) over by_account as last_month
    from account_health
    window by_account as (partition by account_id order by date_month)
),

-- the previous row may be of an earlier month: then there is nothing to compare
with_previous as (
    select
        account_id,
        date_month,
        ends_on,
        is_complete_month,
        mrr,
        weight_sum,
        weighted_score,
        health_score_exact,
        {%- for column in compared_columns %}
        {{ column }},
        case
            when last_month = {{ add_months('date_month', -1) }}
                then last_{{ column }}
        end as previous_{{ column }},
        {%- endfor %}
        {{ add_days('date_month', -1) }} as previous_ends_on
    from with_last
)

select * from with_previous

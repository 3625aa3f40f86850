-- Grain: one row per account and month at whose end it pays, if the three months after
-- are over (account_id, date_month): its health, and whether it churned in them.
{% set months_ahead = 3 %}
with account_health as (
    select * from {{ ref('int_account_health') }}
),

months as (
    select * from {{ ref('int_months') }}
),

movements as (
    select * from {{ ref('int_mrr_movements') }}
    where period_grain = 'month'
),

decided_months as (
    select months.date_month
    from months
    inner join months as last_months
        on
            {{ add_months('months.date_month', months_ahead) }}
            = last_months.date_month
            and last_months.is_complete_month
),

churned_accounts as (
    select distinct
        movements.account_id,
        decided_months.date_month
    from decided_months
    inner join movements
        on
            decided_months.date_month < movements.period_start
            and movements.period_start
            <= {{ add_months('decided_months.date_month', months_ahead) }}
    where movements.movement_type = 'churn'
),

final as (
    select
        account_health.account_id,
        account_health.date_month,
        {%- for component in health_components() %}
        account_health.{{ component }}_score,
        {%- endfor %}
        account_health.health_score,
        account_health.health_band,
        churned_accounts.account_id is not null as is_churned
    from account_health
    inner join decided_months on account_health.date_month = decided_months.date_month
    left join churned_accounts
        on
            account_health.account_id = churned_accounts.account_id
            and account_health.date_month = churned_accounts.date_month
)

select * from final

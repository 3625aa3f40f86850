-- Grain: one row per account (account_id).
with accounts as (
    select * from {{ ref('int_accounts') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

current_plans as (
    select * from {{ ref('int_current_plans') }}
),

lifecycle_stages as (
    select * from {{ ref('int_lifecycle_stages') }}
),

final as (
    select
        accounts.account_id,
        accounts.is_inferred,
        accounts.account_name,
        accounts.industry,
        accounts.country,
        accounts.employee_band,
        accounts.acquisition_channel,
        accounts.csm_owner,
        accounts.signed_up_on,
        paying_accounts.first_paid_on,
        paying_accounts.churned_on,
        current_plans.current_plan,
        coalesce(paying_accounts.current_mrr, 0) as current_mrr,
        lifecycle_stages.lifecycle_stage
    from accounts
    inner join lifecycle_stages on accounts.account_id = lifecycle_stages.account_id
    left join paying_accounts on accounts.account_id = paying_accounts.account_id
    left join current_plans on accounts.account_id = current_plans.account_id
)

select * from final

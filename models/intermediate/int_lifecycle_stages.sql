-- Grain: one row per account (account_id): its lifecycle stage on as_of_date.
with accounts as (
    select * from {{ ref('int_accounts') }}
),

current_months as (
    select * from {{ ref('int_lifecycle_months') }}
    where ends_on = {{ as_of_date() }}
),

-- an account without a first day never had a trial, and never paid
final as (
    select
        accounts.account_id,
        coalesce(current_months.lifecycle_stage, 'prospect') as lifecycle_stage
    from accounts
    left join current_months on accounts.account_id = current_months.account_id
)

select * from final

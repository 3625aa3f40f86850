-- Grain: one row per account and month from its first day (account_id, date_month): the
-- customer-success manager who has it at the month's end.
with lifecycle_months as (
    select * from {{ ref('int_lifecycle_months') }}
),

account_attributes as (
    select * from {{ ref('int_account_attributes') }}
),

-- whose accounts they are is known from an account's first snapshot on
final as (
    select
        lifecycle_months.account_id,
        lifecycle_months.date_month,
        lifecycle_months.ends_on,
        coalesce(account_attributes.csm_owner, 'unknown') as csm_owner,
        not account_attributes.is_from_snapshot as is_todays_owner
    from lifecycle_months
    inner join account_attributes
        on
            lifecycle_months.account_id = account_attributes.account_id
            and {{ is_valid_on('account_attributes', 'lifecycle_months.ends_on') }}
)

select * from final

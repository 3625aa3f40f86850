-- Of the paying accounts of today, those in the accounts table.
{% if 'accounts' not in present -%}
select
    null as share,
    'accounts are not delivered' as message
{%- else -%}
with paying as (
    select distinct account_id
    from {{ table }}
    where
        coalesce(rejection_reason, 'unknown_account') = 'unknown_account'
        and amount > 0
        and not coalesce(is_trial, false)
        and started_on <= date '{{ as_of }}'
        and coalesce(ended_on, date '9999-12-31') > date '{{ as_of }}'
),

known as (
    select distinct account_id from staging.base_accounts
),

counted as (
    select
        count(*) as paying,
        count(known.account_id) as known
    from paying
    left join known on paying.account_id = known.account_id
)

select
    case when paying >= {{ small }} then known / paying end as share,
    known || ' of the ' || paying || ' accounts that pay are in accounts' as message
from counted
{%- endif %}

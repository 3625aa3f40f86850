-- Grain: one row per account and span of days with unchanged segment attributes
-- (account_id, valid_from). Days before an account's first snapshot have today's
-- attributes: what they were then is not known (rule 12).
with accounts as (
    select * from {{ ref('int_accounts') }}
),

account_history as (
    select * from {{ ref('stg_account_history') }}
),

first_snapshots as (
    select
        account_id,
        min(valid_from) as first_snapshot_on
    from account_history
    group by account_id
),

-- the contract has no earlier day than in 1990
before_snapshots as (
    select
        accounts.account_id,
        date '1990-01-01' as valid_from,
        first_snapshots.first_snapshot_on as valid_until,
        accounts.industry,
        accounts.country,
        accounts.employee_band,
        accounts.acquisition_channel,
        accounts.csm_owner,
        {%- for name in var('segments') %}
        coalesce({{ json_text('accounts.segments', name) }}, 'unknown')
            as segment_{{ name }},
        {%- endfor %}
        false as is_from_snapshot
    from accounts
    left join first_snapshots on accounts.account_id = first_snapshots.account_id
),

snapshots as (
    select
        account_history.account_id,
        account_history.valid_from,
        account_history.valid_until,
        coalesce(account_history.industry, 'unknown') as industry,
        coalesce(account_history.country, 'unknown') as country,
        {{ employee_band('account_history.employees') }} as employee_band,
        coalesce(account_history.acquisition_channel, 'unknown')
            as acquisition_channel,
        {{ owner_name('account_history.csm_owner') }} as csm_owner,
        -- today's, in snapshots from before the column was named in var segments
        {%- for name in var('segments') %}
        coalesce(
            {{ json_text('account_history.segments', name) }},
            {{ json_text('accounts.segments', name) }},
            'unknown'
        ) as segment_{{ name }},
        {%- endfor %}
        true as is_from_snapshot
    from account_history
    inner join accounts on account_history.account_id = accounts.account_id
),

final as (
    select * from before_snapshots
    union all
    select * from snapshots
)

select * from final

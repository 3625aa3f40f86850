-- Grain: one row per account and span of days with unchanged attributes (account_id,
-- valid_from), from the account's first snapshot on.
with snapshots as (
    select * from {{ source('history', 'account_history') }}
),

versions as (
    select
        account_id,
        industry,
        country,
        employees,
        acquisition_channel,
        csm_owner,
        segments,
        is_deleted,
        valid_from,
        lead(valid_from) over (
            partition by account_id order by valid_from
        ) as valid_until
    from snapshots
)

select * from versions

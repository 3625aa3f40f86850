-- Grain: one row per account whose rows are all rejected, some of them filtered or
-- deleted at the source (account_id): the attributes they still provide for an account
-- that other rows name (rule 74).
with base as (
    select * from {{ ref('base_accounts') }}
),

ids as (
    {{ set_aside_ids('account_id') }}
),

-- of several deleted rows the one that would hold the key
deleted as (
    select * from base
    where rejection_reason = 'deleted_at_source' and key_rank = 1
),

described as (
    select
        ids.account_id,
        ids.is_filtered,
        coalesce(deleted.is_internal, false) as is_internal,
        deleted.account_name,
        deleted.industry,
        deleted.country,
        case when deleted.employees >= 0 then deleted.employees end as employees,
        deleted.acquisition_channel,
        deleted.csm_owner,
        {{ segments_json('deleted.') }} as segments,
        case
            when deleted.signed_up_on between date '1990-01-01' and date '2100-01-01'
                then deleted.signed_up_on
        end as signed_up_on
    from ids
    left join deleted on ids.account_id = deleted.account_id
)

select * from described

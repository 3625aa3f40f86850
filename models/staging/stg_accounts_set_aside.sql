-- Grain: one row per account whose rows are all rejected, some of them filtered or
-- deleted at the source (account_id): the attributes they still provide for an account
-- that other rows name (rule 74).
with base as (
    select * from {{ ref('base_accounts') }}
    where account_id is not null
),

ids as (
    select
        account_id,
        count(*) = count(case when rejection_reason = 'filtered' then 1 end)
            as is_filtered
    from base
    group by account_id
    having
        count(case when rejection_reason is null then 1 end) = 0
        and count(
            case when rejection_reason in ('filtered', 'deleted_at_source') then 1 end
        ) > 0
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
        case
            when deleted.signed_up_on between date '1990-01-01' and date '2100-01-01'
                then deleted.signed_up_on
        end as signed_up_on
    from ids
    left join deleted on ids.account_id = deleted.account_id
)

select * from described

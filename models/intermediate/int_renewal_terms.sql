-- Grain: one row per account, subscription and day on which a term of it falls due
-- (account_id, subscription_id, due_on): all items together.
with renewals as (
    select * from {{ ref('int_renewals') }}
),

-- the items of a subscription that fall due on one day are one renewal (rule 26)
terms as (
    select
        renewals.account_id,
        renewals.subscription_id,
        renewals.due_on,
        min(renewals.started_on) as started_on,
        {{ leading_plan('renewals') }} as plan,
        cast(sum(renewals.mrr) as decimal(18, 4)) as mrr,
        bool_or(renewals.is_open) as is_open,
        bool_and(renewals.is_cancel_scheduled) as is_cancel_scheduled,
        bool_and(renewals.is_renewed) as is_renewed
    from renewals
    group by renewals.account_id, renewals.subscription_id, renewals.due_on
)

select * from terms

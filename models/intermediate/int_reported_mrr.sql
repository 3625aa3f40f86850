-- Grain: one row per account and month (account_id, date_month) with the MRR that the
-- billing system reports, else what its paid invoices bill, in the base currency.
with reported as (
    select * from {{ ref('stg_mrr_reported') }}
    where date_month <= {{ as_of_date() }}
),

invoiced as (
    select * from {{ ref('source_invoiced_mrr') }}
    where date_month <= {{ as_of_date() }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
),

internal_accounts as (
    select * from {{ ref('int_internal_accounts') }}
),

-- a delivered report takes precedence over what invoices say
compared as (
    select
        'mrr_reported' as basis,
        account_id,
        date_month,
        mrr,
        cast(0 as decimal(18, 4)) as mrr_credited,
        currency
    from reported
    union all
    select
        'invoice_lines' as basis,
        account_id,
        date_month,
        mrr,
        mrr_credited,
        currency
    from invoiced
    where not exists (select 1 from reported)
),

converted as (
    select
        compared.basis,
        compared.account_id,
        compared.date_month,
        compared.currency,
        {{ in_base_currency('compared.mrr') }} as mrr,
        {{ in_base_currency('compared.mrr_credited') }} as mrr_credited
    from compared
    {{ join_exchange_rates('compared', 'date_month') }}
    anti join internal_accounts on compared.account_id = internal_accounts.account_id
),

final as (
    select
        account_id,
        date_month,
        min(basis) as basis,
        max(case when currency <> '{{ var("base_currency") }}' then 1 else 0 end) = 1
            as is_converted,
        cast(sum(mrr) as decimal(18, 4)) as mrr_reported,
        cast(sum(mrr_credited) as decimal(18, 4)) as mrr_credited
    from converted
    group by account_id, date_month
)

select * from final

-- Grain: one row per customer, month and currency (account_id, date_month, currency): what
-- the paid invoice lines that run at the month's end bill a month, after discounts and
-- credit notes.
{{ config(enabled=source_gives('stripe', 'subscriptions'), materialized='table') }}
with lines as (
    select * from {{ ref('stripe_lines') }}
    where invoice_status = 'paid' and not is_credit and not is_proration
),

invoices as (
    select * from {{ source_table('stripe', 'invoice') }}
),

prices as (
    select * from {{ ref('stripe_prices') }}
),

billing_intervals as (
    select * from {{ ref('billing_intervals') }}
),

currencies as (
    select * from {{ ref('stripe_currencies') }}
),

months as (
    select
        date_month,
        least(last_day(date_month), {{ as_of_date() }}) as ends_on
    from {{ date_spine("date '2010-01-01'", as_of_date(), 'month') }} as spine
),

-- an invoice's discount is shared by its lines; taxes would raise the total, which is no
-- revenue
invoice_lines as (
    select
        invoice_id,
        sum(amount) as lines_amount
    from {{ ref('stripe_lines') }}
    group by invoice_id
),

billed as (
    select
        id as invoice_id,
        customer_id,
        total,
        greatest(
            total
            - coalesce(pre_payment_credit_notes_amount, 0)
            - coalesce(post_payment_credit_notes_amount, 0),
            0
        ) as kept
    from invoices
),

monthly as (
    select
        billed.customer_id as account_id,
        lines.period_start,
        lines.period_end,
        coalesce(lines.currency, prices.currency) as currency,
        case
            when billed.total > 0 then cast(billed.kept as double) / billed.total
            else 1
        end as share_kept,
        cast(
            case
                when invoice_lines.lines_amount <= 0 then 0
                else cast(lines.amount as double)
                    * least(cast(billed.total as double) / invoice_lines.lines_amount, 1)
                    * prices.multiplier / prices.divisor
                    / {{ stripe_minor_units('coalesce(currencies.decimals, 2)') }}
                    * billing_intervals.payments_per_year / 12
            end as decimal(18, 4)
        ) as mrr_billed
    from lines
    inner join billed on lines.invoice_id = billed.invoice_id
    inner join invoice_lines on lines.invoice_id = invoice_lines.invoice_id
    inner join prices on lines.price_id = prices.price_id
    inner join billing_intervals on prices.billing_interval = billing_intervals.billing_interval
    left join currencies on coalesce(lines.currency, prices.currency) = currencies.currency
),

final as (
    select
        monthly.account_id,
        months.date_month,
        monthly.currency,
        cast(sum(monthly.mrr_billed * monthly.share_kept) as decimal(18, 4)) as mrr,
        cast(sum(monthly.mrr_billed * (1 - monthly.share_kept)) as decimal(18, 4))
            as mrr_credited
    from monthly
    inner join months
        on
            months.ends_on >= cast(monthly.period_start as date)
            and months.ends_on < cast(monthly.period_end as date)
    group by monthly.account_id, months.date_month, monthly.currency
)

select * from final

-- Grain: one row per month (date_month), in the months of monthly_churn.
with monthly_churn as (
    select * from {{ ref('monthly_churn') }}
),

costs as (
    select * from {{ ref('int_costs') }}
),

spend as (
    select
        date_month,
        sum(case when cost_type = 'acquisition' then amount end) as acquisition_spend,
        sum(case when cost_type = 'retention' then amount end) as retention_spend
    from costs
    group by date_month
),

-- the last three complete months up to this one; the open month's rate is not final yet
with_mean_churn as (
    select
        date_month,
        customers_at_start,
        new_customers,
        {{ ratio('mrr_at_end', 'customers_at_end') }} as arpa,
        cast({{ var('gross_margin') }} as double) as gross_margin,
        case
            when is_complete_month
                then avg(churn_rate) over (
                    order by date_month
                    rows between 2 preceding and current row
                )
            else avg(churn_rate) over (
                order by date_month
                rows between 3 preceding and 1 preceding
            )
        end as churn_rate_3m,
        is_complete_month
    from monthly_churn
),

unit_costs as (
    select
        with_mean_churn.*,
        with_mean_churn.arpa * with_mean_churn.gross_margin as margin_per_account,
        {{ ratio('spend.acquisition_spend', 'with_mean_churn.new_customers') }} as cac,
        {{ ratio('spend.retention_spend', 'with_mean_churn.customers_at_start') }}
            as crc
    from with_mean_churn
    left join spend on with_mean_churn.date_month = spend.date_month
),

valued as (
    select
        *,
        {{ ratio('margin_per_account', 'churn_rate_3m') }} as ltv,
        {{ ratio('cac', 'margin_per_account') }} as cac_payback_months
    from unit_costs
),

compared as (
    select
        *,
        {{ ratio('ltv', 'cac') }} as ltv_to_cac,
        {{ ratio('ltv', 'crc') }} as ltv_to_crc
    from valued
),

final as (
    select
        date_month,
        arpa,
        gross_margin,
        churn_rate_3m,
        ltv,
        cac,
        ltv_to_cac,
        cac_payback_months,
        crc,
        ltv_to_crc,
        ltv_to_cac < {{ var('low_ratio_threshold') }} as is_ltv_to_cac_low,
        ltv_to_crc < {{ var('low_ratio_threshold') }} as is_ltv_to_crc_low,
        is_complete_month
    from compared
)

select * from final

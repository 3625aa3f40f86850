-- Grain: one row per month in which terms fall due (date_month), to the end of the
-- renewal window.
with renewals as (
    select * from {{ ref('int_renewals') }}
),

-- rates and MRR are over the decided ones: what is open may still be renewed
counted as (
    select
        {{ month_of('due_on') }} as date_month,
        count(*) as due,
        cast(count(*) filter (where is_renewed) as bigint) as renewed,
        cast(count(*) filter (where not is_renewed) as bigint) as lost,
        cast(count(*) filter (where is_open) as bigint) as open,
        {{ ratio(
            'count(*) filter (where is_renewed)', 'count(*) filter (where not is_open)'
        ) }} as renewal_rate,
        {{ wilson_bound(
            'count(*) filter (where is_renewed)',
            'count(*) filter (where not is_open)',
            'lower'
        ) }} as renewal_rate_lower,
        {{ wilson_bound(
            'count(*) filter (where is_renewed)',
            'count(*) filter (where not is_open)',
            'upper'
        ) }} as renewal_rate_upper,
        {{ is_small_sample('count(*) filter (where not is_open)') }} as is_small_sample,
        cast(sum(case when is_open then 0 else mrr end) as decimal(18, 4)) as mrr_due,
        cast(coalesce(sum(mrr_renewed), 0) as decimal(18, 4)) as mrr_renewed
    from renewals
    group by {{ month_of('due_on') }}
),

final as (
    select
        date_month,
        due,
        renewed,
        lost,
        open,
        renewal_rate,
        renewal_rate_lower,
        renewal_rate_upper,
        is_small_sample,
        mrr_due,
        mrr_renewed,
        {{ ratio('mrr_renewed', 'mrr_due') }} as mrr_renewal_rate,
        {{ is_complete('last_day(date_month)') }} as is_complete_month
    from counted
)

select * from final

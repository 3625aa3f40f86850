-- Grain: one row per number of days before a term fell due and tenth of the forecasts
-- by their probability (horizon_days, decile).
with forecasts as (
    select
        *,
        {{ days_between('made_on', 'due_on') }} as horizon_days
    from {{ ref('int_renewal_forecasts') }}
    where is_at_horizon
),

features as (
    select * from {{ ref('int_renewal_features') }}
    where feature like 'band=%'
),

evaluated as (
    select
        forecasts.*,
        case when forecasts.is_renewed then 1e0 else 0e0 end as outcome,
        features.feature as health_band
    from forecasts
    inner join features
        on
            forecasts.account_id = features.account_id
            and forecasts.subscription_id = features.subscription_id
            and forecasts.due_on = features.due_on
            and forecasts.made_on = features.made_on
),

-- how terms with the same band, as many days before, had ended by each day
band_days as (
    select
        horizon_days,
        health_band,
        due_on,
        count(*) as decided,
        sum(outcome) as renewed
    from evaluated
    group by horizon_days, health_band, due_on
),

band_rates as (
    select
        horizon_days,
        health_band,
        {{ add_days('due_on', 1) }} as valid_from,
        {{ add_days('lead(due_on) over up_to_day', 1) }} as valid_until,
        sum(renewed) over up_to_day / sum(decided) over up_to_day as band_rate
    from band_days
    window up_to_day as (partition by horizon_days, health_band order by due_on)
),

with_band_rate as (
    select
        evaluated.*,
        coalesce(band_rates.band_rate, evaluated.base_rate) as band_rate,
        ntile(10) over (
            partition by evaluated.horizon_days
            order by
                evaluated.probability,
                evaluated.due_on,
                evaluated.account_id,
                evaluated.subscription_id
        ) as decile
    from evaluated
    left join band_rates
        on
            evaluated.horizon_days = band_rates.horizon_days
            and evaluated.health_band = band_rates.health_band
            and {{ is_valid_on('band_rates', 'evaluated.made_on') }}
    where evaluated.has_model
),

final as (
    select
        cast(horizon_days as bigint) as horizon_days,
        cast(decile as bigint) as decile,
        count(*) as renewals,
        {{ mean_of('probability') }} as mean_probability,
        avg(outcome) as renewed_share,
        {{ mean_of('power(probability - outcome, 2)') }} as brier,
        {{ mean_of('power(base_rate - outcome, 2)') }} as brier_base_rate,
        {{ mean_of('power(band_rate - outcome, 2)') }} as brier_health_band
    from with_band_rate
    group by horizon_days, decile
)

select * from final

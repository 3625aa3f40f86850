-- Expected customer lifetime of the formula, and how many customers have a value.
with counted as (
    select
        count(*) filter (where is_paying) as paying,
        count(*) filter (where is_paying and formula_clv is null) as without_value,
        sum(formula_clv)
        / nullif(
            {{ vars.gross_margin | default(0.8) }}
            * sum(current_mrr) filter (where formula_clv is not null), 0
        ) as months
    from {{ table }}
)

select
    case when paying >= {{ small }} then without_value / paying end as without_value,
    case when paying >= {{ small }} then months end as months,
    without_value || ' of ' || paying || ' payers have no value, customers are '
    || 'expected to stay ' || coalesce(cast(round(months) as varchar), 'unknown')
    || ' months' as message
from counted

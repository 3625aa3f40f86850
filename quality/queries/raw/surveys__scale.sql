-- Of the delivered scores, those within the contract's scale.
with scored as (
    select rejection_reason is null as is_on_scale
    from {{ table }}
    where
        (rejection_reason is null and score is not null)
        or rejection_reason in ('invalid_score', 'unparseable_score')
)

select
    case
        when count(*) >= {{ small }} then count(*) filter (where is_on_scale) / count(*)
    end
        as share,
    count(*) filter (where is_on_scale)
    || ' of '
    || count(*)
    || ' scores on scale' as message
from scored

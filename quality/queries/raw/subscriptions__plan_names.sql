-- One plan with two spellings: plan names are compared exactly.
with plans as (
    select distinct plan
    from {{ table }}
    where rejection_reason is null
),

spellings as (
    select string_agg(plan, ' and ' order by plan) as plans
    from plans
    group by lower(plan)
    having count(*) > 1
)

select
    count(*) as doubled,
    coalesce(string_agg(plans, '; ' order by plans), 'each plan has one') as message
from spellings

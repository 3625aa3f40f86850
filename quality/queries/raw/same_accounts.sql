-- The table's accounts compared with the known ones: do both exports use the same ids?
{% set account = account | default('account_id') -%}
{% set known = 'accounts' if 'accounts' in present else 'subscriptions' -%}
{% if known == name or known not in present -%}
select
    null as share,
    'no other table to compare with' as message
{%- else -%}
with ours as (
    select distinct coalesce({{ account }}, (raw_row ->> '{{ account }}')) as id
    from {{ table }}
),

theirs as (
    select distinct account_id as id from staging.base_{{ known }}
),

counted as (
    select
        count(ours.id) as in_ours,
        count(theirs.id) as in_theirs,
        count(*) filter (where ours.id = theirs.id) as shared
    from ours
    full join theirs on ours.id = theirs.id
)

select
    case when least(in_ours, in_theirs) >= {{ small }} then shared / in_ours end
        as share,
    shared || ' of ' || in_ours || ' accounts are in {{ known }}' as message
from counted
{%- endif %}

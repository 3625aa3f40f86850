-- Grain: one row per source that var sources names (source).
{% set named = [] %}
{% for table in var('sources') %}
{% for source in sources_of(table) if source not in named %}
{% do named.append(source) %}
{% endfor %}
{% endfor %}
with source_ids as (
    select * from {{ ref('int_source_ids') }}
),

paying_accounts as (
    select * from {{ ref('int_paying_accounts') }}
),

named_sources as (
    {%- for source in named %}
    select '{{ source }}' as source
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select cast(null as {{ dbt.type_string() }}) as source
    where false
    {%- endfor %}
),

-- several unmatched ids may be one account: its MRR counts once
unmatched_accounts as (
    select distinct
        source,
        account_id
    from source_ids
    where not is_matched
),

unmatched_mrr as (
    select
        unmatched_accounts.source,
        sum(paying_accounts.current_mrr) as mrr
    from unmatched_accounts
    inner join paying_accounts
        on unmatched_accounts.account_id = paying_accounts.account_id
    group by unmatched_accounts.source
),

final as (
    select
        named_sources.source,
        count(source_ids.id) as ids,
        count(case when source_ids.is_matched then 1 end) as matched,
        count(case when not source_ids.is_matched then 1 end) as unmatched,
        cast(coalesce(max(unmatched_mrr.mrr), 0) as decimal(18, 4)) as unmatched_mrr,
        cast(
            coalesce(
                sum(case when not source_ids.is_matched then source_ids.activity end), 0
            ) as bigint
        ) as unmatched_activity
    from named_sources
    left join source_ids on named_sources.source = source_ids.source
    left join unmatched_mrr on named_sources.source = unmatched_mrr.source
    group by named_sources.source
)

select * from final

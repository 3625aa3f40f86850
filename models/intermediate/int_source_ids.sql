-- Grain: one row per source and id of a company that it names (source, id), with the
-- account that it belongs to.
{% set event_days = {} %}
{% for table, days, count in [
    ('logins', 'stg_login_days', 'logins'),
    ('feature_events', 'stg_feature_days', 'events'),
] if sources_of(table) | length == 1 %}
{% do event_days.update({table: (sources_of(table)[0], ref(days), count)}) %}
{% endfor %}
with named as (
    select * from {{ ref('source_account_ids') }}
),

accounts as (
    select * from {{ ref('stg_accounts') }}
),

aliases as (
    select * from {{ ref('stg_account_aliases') }}
),

available_sources as (
    select * from {{ ref('int_available_sources') }}
),

aliased as (
    select
        named.source,
        named.id,
        named.activity,
        named.first_seen_on,
        named.last_seen_on,
        coalesce(
            max(case when aliases.source = named.source then aliases.account_id end),
            max(case when aliases.source = '' then aliases.account_id end),
            named.id
        ) as account_id
    from named
    left join aliases on named.id = aliases.alias_id
    group by
        named.source,
        named.id,
        named.activity,
        named.first_seen_on,
        named.last_seen_on
),

-- events are counted by account: their ids are already replaced by accounts
active as (
    {%- for source, days, count in event_days.values() %}
    select
        '{{ source }}' as source,
        account_id,
        sum({{ count }}) as activity,
        min(date_day) as first_seen_on,
        max(date_day) as last_seen_on
    from {{ days }}
    where date_day <= {{ as_of_date() }}
    group by account_id
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as source,
        cast(null as {{ dbt.type_string() }}) as account_id,
        0 as activity,
        cast(null as date) as first_seen_on,
        cast(null as date) as last_seen_on
    where false
),

-- of several ids of one account, the first stands for its events
first_ids as (
    select
        source,
        account_id,
        min(id) as id
    from aliased
    group by source, account_id
),

combined as (
    select
        source,
        id,
        account_id,
        activity,
        first_seen_on,
        last_seen_on
    from aliased
    union all
    select
        active.source,
        coalesce(first_ids.id, active.account_id) as id,
        active.account_id,
        active.activity,
        active.first_seen_on,
        active.last_seen_on
    from active
    left join first_ids
        on
            active.source = first_ids.source
            and active.account_id = first_ids.account_id
),

summed as (
    select
        source,
        id,
        account_id,
        cast(sum(activity) as bigint) as activity,
        min(first_seen_on) as first_seen_on,
        max(last_seen_on) as last_seen_on
    from combined
    group by source, id, account_id
),

final as (
    select
        summed.source,
        summed.id,
        summed.account_id,
        -- without a table of accounts, every id is an account
        accounts.account_id is not null or not available_sources.has_accounts
            as is_matched,
        summed.activity,
        summed.first_seen_on,
        summed.last_seen_on
    from summed
    cross join available_sources
    left join accounts on summed.account_id = accounts.account_id
)

select * from final

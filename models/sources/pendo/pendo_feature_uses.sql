-- Grain: one row per visitor, account, feature and moment
-- (visitor_id, account_id, feature_id, occurred_at).
{{ config(enabled=source_gives('pendo', 'feature_events')) }}
{% set count_all = source_setting('pendo', 'unmapped_events') == 'count' %}
with feature_events as (
    select * from {{ source_table('pendo', 'feature_event') }}
),

versions as (
    select
        id,
        name,
        row_number() over (
            partition by id order by last_updated_at desc nulls last, name asc
        ) as recency
    from {{ source_table('pendo', 'feature_history') }}
),

features as (
    select * from {{ ref('event_features') }}
    where source = 'pendo'
),

-- the same visitor may click in two browsers or applications at a moment
uses as (
    select
        visitor_id,
        nullif(account_id, '') as account_id,
        feature_id,
        timestamp as occurred_at,
        sum(coalesce(num_events, 1)) as num_events
    from feature_events
    group by visitor_id, nullif(account_id, ''), feature_id, timestamp
),

final as (
    select
        uses.visitor_id,
        uses.account_id,
        uses.feature_id,
        coalesce(versions.name, uses.feature_id) as feature_name,
        coalesce(
            by_id.feature_key,
            by_name.feature_key
            {%- if count_all %},
            versions.name,
            uses.feature_id
            {%- endif %}
        ) as feature_key,
        {{ is_pendo_user('uses.visitor_id') }} as is_user,
        uses.occurred_at,
        uses.num_events
    from uses
    left join versions on uses.feature_id = versions.id and versions.recency = 1
    left join features as by_id on uses.feature_id = by_id.event
    left join features as by_name on versions.name = by_name.event
)

select * from final

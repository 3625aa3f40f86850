-- Grain: one row per use of a feature by a known visitor (event_id).
{{ config(enabled=source_gives('pendo', 'feature_events')) }}
with uses as (
    select * from {{ ref('pendo_feature_uses') }}
    where is_user and feature_key is not null
),

-- what Pendo counts in one row is as many uses
final as (
    select
        md5(concat_ws(
            '|',
            uses.visitor_id,
            coalesce(uses.account_id, ''),
            uses.feature_id,
            coalesce(cast(uses.occurred_at as {{ dbt.type_string() }}), '')
        )) || ':' || cast(series.number as {{ dbt.type_string() }}) as event_id,
        uses.visitor_id as user_id,
        uses.account_id,
        uses.feature_key,
        uses.occurred_at
    from uses
    inner join {{ number_series(1, '(select max(num_events) from uses)') }} as series
        on series.number <= uses.num_events
)

select * from final

-- Grain: one row per raw row, with the first rule that it breaks.
{% set table = 'subscriptions' %}
{% set dependencies = [raw_table(table), ref('stg_account_aliases')] %}
{% set accounts = ref('base_accounts') %}
{% set exchange_rates = ref('stg_exchange_rates') %}
{% if execute %}
{% set delivered = delivered_columns(table) %}
with source as (
    select * from {{ delivered_rows(table) }}
),

cells as (
    {{ read_cells(table, delivered) }}
),

-- of several terms on one day the last one wins: the latest start timestamp, then the
-- latest version, then the latest end timestamp (rule 72)
ranked as (
    {{ rank_by_key(
        table,
        delivered,
        order_by=[
            read_value('delivered.raw_started_on', 'timestamp', delivered.started_on) | trim
            ~ ' desc nulls last',
            'updated_at desc nulls last',
            'case when delivered.raw_ended_on is null then 0 else 1 end',
            read_value('delivered.raw_ended_on', 'timestamp', delivered.get('ended_on', 'text')) | trim
            ~ ' desc nulls last',
        ] | join(', ')
    ) }}
),

checked as (
    select
        *,
        coalesce(
            {{ own_reason(table, delivered) }},
            case when ended_on <= started_on then 'ends_before_start' end
        ) as own_reason
    from ranked
),

related as (
    {{ relation_reason(
        table,
        'checked',
        accounts=accounts,
        rates=exchange_rates
    ) }}
),

-- a period that starts before an accepted earlier one has ended is set aside (rule 6)
conflicts as (
    select
        subscription_id,
        subscription_item_id,
        {{ overlapping_starts('started_on', 'ended_on', 'relation_reason is null') }}
            as overlapping_starts
    from related
    where own_reason is null
    group by subscription_id, subscription_item_id
),

reasoned as (
    select
        related.*,
        case
            when related.own_reason is not null then related.own_reason
            when {{ list_contains('conflicts.overlapping_starts', 'related.started_on') }}
                then 'overlapping_period'
            else related.relation_reason
        end as rejection_reason
    from related
    left join conflicts
        on
            related.subscription_id = conflicts.subscription_id
            and related.subscription_item_id = conflicts.subscription_item_id
),

final as (
    select {{ validated_columns(table, delivered) }}
    from reasoned
)

select * from final
{% endif %}

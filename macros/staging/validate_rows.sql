{#-
    Every row of a raw table with its typed values and the first rule that it breaks. The
    rules are data: models/staging/sources.yml. A table with rules of its own writes these
    steps out in its model (base_subscriptions, base_surveys); base_logins and
    base_feature_events count rows by day (validate_events).
-#}
{% macro validate_rows(
    table, rates=none, accounts=none, users=none, account_columns=('account_id',)
) %}
{#- Outside of `execute`, for dbt to see the dependencies. -#}
{%- set dependencies = [raw_table(table), ref('stg_account_aliases')] -%}
{%- if execute -%}
{%- set delivered = delivered_columns(table) -%}
with source as (
    select * from {{ delivered_rows(table) }}
),

cells as (
    {{ read_cells(table, delivered) }}
),

ranked as (
    {{ rank_by_key(table, delivered) }}
),

checked as (
    select
        *,
        {{ own_reason(table, delivered) }} as own_reason
    from ranked
),

related as (
    {{ relation_reason(table, 'checked', rates, accounts, users, account_columns) }}
),

final as (
    select {{ validated_columns(table, delivered, 'coalesce(own_reason, relation_reason)') }}
    from related
)

select * from final
{%- endif -%}
{% endmacro %}

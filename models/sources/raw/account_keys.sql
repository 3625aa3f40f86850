-- Grain: one row per id by which other systems know an account (known_as).
{{ config(enabled=(var('sources') | length > 0)) }}
{% set merging =
    sources_of('accounts') | select('in', ['hubspot', 'salesforce']) | list %}
{% set accounts = raw_table('accounts') %}
{% set kinds = {} %}
{% if execute %}
{% for column in adapter.get_columns_in_relation(accounts) %}
{% do kinds.update({column.name | lower: delivered_kind(column.data_type)}) %}
{% endfor %}
{% endif %}
{% set text = dbt.type_string() %}
with account_ids as (
    select distinct
        {{ trimmed_text(
            as_text('account_id', kinds.get('account_id', 'text')) | trim
        ) }}
            as account_id
    from {{ accounts }}
),

-- accounts that their own source has merged into others
merged_accounts as (
    {%- for name in merging %}
    select
        alias_id,
        account_id
    from {{ ref(name ~ '_merged_accounts') }}
    {%- if not loop.last %}
    union
    {%- endif %}
    {%- else %}
    select
        cast(null as {{ text }}) as alias_id,
        cast(null as {{ text }}) as account_id
    where false
    {%- endfor %}
),

final as (
    select
        account_ids.account_id as known_as,
        account_ids.account_id,
        false as is_merged
    from account_ids
    left join merged_accounts on account_ids.account_id = merged_accounts.alias_id
    where account_ids.account_id is not null and merged_accounts.alias_id is null
    union all
    select
        alias_id as known_as,
        account_id,
        true as is_merged
    from merged_accounts
)

select * from final

-- Grain: one row per alias of an account (source, alias_id): those delivered, and those
-- that follow from what the sources say of a company.
{{ config(enabled=(var('sources') | length > 0), alias='account_aliases_of_sources') }}
{% set delivered = source('raw', 'raw_account_aliases') %}
{% set kinds = {} %}
{% if execute %}
{% for column in adapter.get_columns_in_relation(delivered) %}
{% do kinds.update({column.name | lower: delivered_kind(column.data_type)}) %}
{% endfor %}
{% endif %}
{% set text = dbt.type_string() %}
with delivered as (
    select
        *
        {%- for name in ['source', 'alias_id', 'account_id'] if name not in kinds %},
        cast(null as {{ text }}) as {{ name }}
        {%- endfor %}
    from {{ delivered }}
),

delivered_keys as (
    select distinct
        {% for name in ['source', 'alias_id'] -%}
        {{ trimmed_text(as_text(name, kinds.get(name, 'text')) | trim) }} as {{ name }}{{ "," if not loop.last }}
        {% endfor -%}
    from delivered
),

account_keys as (
    select * from {{ ref('account_keys') }}
),

matches as (
    select * from {{ ref('source_matches') }}
),

derived as (
    select
        matches.source,
        matches.alias_id,
        matches.account_id
    from matches
    left join delivered_keys as of_source
        on
            matches.alias_id = of_source.alias_id
            and matches.source = of_source.source
    left join delivered_keys as of_all
        on
            matches.alias_id = of_all.alias_id
            and coalesce(of_all.source, '') = ''
    where of_source.alias_id is null and of_all.alias_id is null
    union all
    -- in any table, an account that was merged into another means the other one
    select
        '' as source,
        account_keys.known_as as alias_id,
        account_keys.account_id
    from account_keys
    left join delivered_keys on account_keys.known_as = delivered_keys.alias_id
    where account_keys.is_merged and delivered_keys.alias_id is null
),

final as (
    select
        {% for name in ['source', 'alias_id', 'account_id'] -%}
        {{ as_text(name, kinds.get(name, 'text')) | trim }} as {{ name }}{{ "," if not loop.last }}
        {% endfor -%}
        {%- for name in kinds if name not in ('source', 'alias_id', 'account_id') %},
        {{ name }}
        {%- endfor %}
    from delivered
    union all
    select
        source,
        alias_id,
        account_id
        {%- for name in kinds if name not in ('source', 'alias_id', 'account_id') %},
        {{ 'true' if name == '_passes_raw_filter' else 'null' }}
        {%- endfor %}
    from derived
)

select * from final

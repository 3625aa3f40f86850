-- Grain: one row per alias of an account (source, alias_id): those delivered, and those
-- that follow from what the sources say of a company.
{{ config(enabled=(var('sources') | length > 0), alias='account_aliases_of_sources') }}
{% set of_accounts = sources_of('accounts') %}
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

identities as (
    select * from {{ ref('source_identities') }}
),

to_match as (
    select
        identities.source,
        identities.alias_id,
        identities.external_id,
        case
            when free_email_domains.domain is null then identities.domain
        end as domain
    from identities
    left join account_keys on identities.alias_id = account_keys.known_as
    left join {{ ref('free_email_domains') }} as free_email_domains
        on identities.domain = free_email_domains.domain
    where
        account_keys.known_as is null
        and identities.source not in ('{{ (of_accounts or ['']) | join("', '") }}')
),

account_identities as (
    select
        identities.alias_id as account_id,
        identities.external_id,
        identities.domain
    from identities
    inner join account_keys on identities.alias_id = account_keys.account_id
    where identities.source in ('{{ (of_accounts or ['']) | join("', '") }}')
),

-- a company's id in another system decides first, then its domain
matches as (
    select
        to_match.source,
        to_match.alias_id,
        account_keys.account_id,
        1 as rule_number
    from to_match
    inner join account_keys on to_match.external_id = account_keys.known_as
    union
    select
        to_match.source,
        to_match.alias_id,
        account_identities.account_id,
        2 as rule_number
    from to_match
    inner join account_identities on to_match.alias_id = account_identities.external_id
    union
    select
        to_match.source,
        to_match.alias_id,
        account_identities.account_id,
        3 as rule_number
    from to_match
    inner join account_identities
        on to_match.external_id = account_identities.external_id
    union
    select
        to_match.source,
        to_match.alias_id,
        account_identities.account_id,
        4 as rule_number
    from to_match
    inner join account_identities on to_match.domain = account_identities.domain
    union
    -- of an account that was deleted, or of none at all, the id that sources share
    select
        to_match.source,
        to_match.alias_id,
        to_match.external_id as account_id,
        5 as rule_number
    from to_match
    inner join identities
        on
            to_match.external_id = identities.alias_id
            and to_match.source <> identities.source
    union
    select
        to_match.source,
        to_match.alias_id,
        to_match.external_id as account_id,
        6 as rule_number
    from to_match
    where to_match.external_id is not null and not exists (select 1 from account_keys)
),

-- a rule that finds several accounts finds none
by_rule as (
    select
        source,
        alias_id,
        rule_number,
        count(*) as accounts,
        min(account_id) as account_id
    from matches
    group by source, alias_id, rule_number
),

first_rules as (
    select
        source,
        alias_id,
        min(rule_number) as rule_number
    from by_rule
    where accounts = 1
    group by source, alias_id
),

derived as (
    select
        by_rule.source,
        by_rule.alias_id,
        by_rule.account_id
    from by_rule
    inner join first_rules
        on
            by_rule.source = first_rules.source
            and by_rule.alias_id = first_rules.alias_id
            and by_rule.rule_number = first_rules.rule_number
    left join delivered_keys as of_source
        on
            by_rule.alias_id = of_source.alias_id
            and by_rule.source = of_source.source
    left join delivered_keys as of_all
        on
            by_rule.alias_id = of_all.alias_id
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

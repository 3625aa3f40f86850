-- Grain: one row per company of a source that is an account of another (source,
-- alias_id), by the first rule that leads to one account.
{{ config(enabled=(var('sources') | length > 0)) }}
{% set of_accounts = sources_of('accounts') %}
with account_keys as (
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
own_matches as (
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
),

-- a rule that finds several accounts finds none
by_own_rule as (
    select
        source,
        alias_id,
        rule_number,
        min(account_id) as account_id
    from own_matches
    group by source, alias_id, rule_number
    having count(*) = 1
),

by_own_rules as (
    select
        source,
        alias_id,
        min_by(account_id, rule_number) as account_id
    from by_own_rule
    group by source, alias_id
),

-- an id that another source has leads to that company's account; to the id itself where
-- it has none, such as an account that was deleted
shared_matches as (
    select
        to_match.source,
        to_match.alias_id,
        coalesce(by_own_rules.account_id, to_match.external_id) as account_id,
        5 as rule_number
    from to_match
    inner join identities
        on
            to_match.external_id = identities.alias_id
            and to_match.source <> identities.source
    left join by_own_rules
        on
            identities.source = by_own_rules.source
            and identities.alias_id = by_own_rules.alias_id
    union
    -- without a table of accounts, the account's id that it carries
    select
        to_match.source,
        to_match.alias_id,
        to_match.external_id as account_id,
        6 as rule_number
    from to_match
    where to_match.external_id is not null and not exists (select 1 from account_keys)
),

by_every_rule as (
    select
        source,
        alias_id,
        0 as rule_number,
        account_id
    from by_own_rules
    union all
    select
        source,
        alias_id,
        rule_number,
        min(account_id) as account_id
    from shared_matches
    group by source, alias_id, rule_number
    having count(*) = 1
),

final as (
    select
        source,
        alias_id,
        min_by(account_id, rule_number) as account_id
    from by_every_rule
    group by source, alias_id
)

select * from final

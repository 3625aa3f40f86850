-- Grain: one row per account (account_id).
{{ config(enabled=source_gives('salesforce', 'accounts')) }}
{% set owner_column = source_setting('salesforce', 'owner_column') %}
{% set channel_column = source_setting('salesforce', 'channel_column') %}
{% set account_types = source_setting('salesforce', 'account_types', []) %}
{% set internal_domains = source_setting('salesforce', 'internal_domains', []) %}
with accounts as (
    select
        *,
        {{ 'csm_owner' if owner_column else 'owner_id' }} as owner_key,
        {{ 'channel' if channel_column else 'account_source' }} as acquisition_channel,
        {{ domain_of('website') }} as domain
    from {{ source_table('salesforce', 'account') }}
    where
        coalesce(_fivetran_active, true)
        {%- if account_types %}
        and type in ({{ text_list(account_types) }})
        {%- endif %}
),

users as (
    select
        id,
        coalesce(nullif(trim(name), ''), email) as user_name
    from {{ source_table('salesforce', 'user') }}
    where coalesce(_fivetran_active, true)
),

final as (
    select
        accounts.id as account_id,
        accounts.name as account_name,
        accounts.industry,
        accounts.billing_country as country,
        cast(accounts.number_of_employees as bigint) as employees,
        accounts.acquisition_channel,
        -- a user that is not in the table, or a name that a custom field holds
        coalesce(users.user_name, accounts.owner_key) as csm_owner,
        cast(coalesce(accounts.signed_up, accounts.created_date) as date)
            as signed_up_on,
        {% if internal_domains %}
        coalesce(
            accounts.domain in ({{ text_list(
                ([internal_domains] if internal_domains is string else internal_domains)
                | map('lower') | list
            ) }}),
            false
        )
        {% else %}
        false
        {% endif %} as is_internal,
        accounts.last_modified_date as updated_at,
        coalesce(accounts.is_deleted, false)
        or coalesce(accounts._fivetran_deleted, false) as _fivetran_deleted
    from accounts
    left join users on accounts.owner_key = users.id
)

select * from final

-- Grain: one row per won opportunity that counts and line item; without line items, one
-- row per opportunity (opportunity_id, line_item_id).
{{ config(enabled=source_gives('salesforce', 'subscriptions')) }}
{% set types = source_setting('salesforce', 'opportunity_types', 'all') %}
{% set renewal_types = source_setting('salesforce', 'renewal_types', []) %}
{% set families = source_setting('salesforce', 'product_families', []) %}
{% set use_line_items = source_setting('salesforce', 'use_line_items', true) %}
{% set currency = source_setting('salesforce', 'currency') %}
{% set plan_column = source_setting('salesforce', 'plan_column') %}
{% set days_after = 0
    if source_setting('salesforce', 'contract_end_is') == 'day_after' else 1 %}
with opportunities as (
    select
        *,
        id as opportunity_id,
        cast(contract_start as date) as first_day,
        cast(round(term_months) as integer) as months,
        coalesce(
            currency_iso_code,
            {{ text_list(currency) if currency else 'null' }}
        ) as currency,
        {% if renewal_types %}
        coalesce(type in ({{ text_list(renewal_types) }}), false)
        {% else %}
        false
        {% endif %} as is_renewal,
        coalesce(is_deleted, false) or coalesce(_fivetran_deleted, false) as is_gone
    from {{ source_table('salesforce', 'opportunity') }}
    where
        is_won
        and coalesce(_fivetran_active, true)
        {%- if types != 'all' %}
        and type in ({{ text_list(types) }})
        {%- endif %}
),

record_types as (
    select
        id,
        name
    from {{ source_table('salesforce', 'record_type') }}
),

products as (
    select
        id,
        name,
        family
    from {{ source_table('salesforce', 'product_2') }}
    where coalesce(_fivetran_active, true)
),

line_items as (
    select
        *,
        coalesce(is_deleted, false) or coalesce(_fivetran_deleted, false) as is_gone
    from {{ source_table('salesforce', 'opportunity_line_item') }}
    where coalesce(_fivetran_active, true) {{ '' if use_line_items else 'and false' }}
),

contracts as (
    select
        opportunities.*,
        record_types.name as record_type,
        coalesce(
            {{ add_days('cast(opportunities.contract_end as date)', days_after) }},
            {{ add_months('opportunities.first_day', 'opportunities.months') }}
        ) as day_after
    from opportunities
    left join record_types on opportunities.record_type_id = record_types.id
),

-- an opportunity whose line items were all deleted is one without any
with_items as (
    select distinct opportunity_id from line_items
    where not is_gone
),

of_items as (
    select
        contracts.opportunity_id,
        line_items.id as line_item_id,
        contracts.account_id,
        contracts.contract_key,
        contracts.is_renewal,
        {% if plan_column %}
        contracts.plan
        {%- elif source_setting('salesforce', 'plan') == 'record_type' %}
        contracts.record_type
        {%- else %}
        coalesce(products.name, line_items.product_code)
        {%- endif %} as plan,
        cast(round(line_items.quantity) as bigint) as seats,
        cast(line_items.total_price as decimal(18, 4)) as price,
        cast(
            cast(line_items.list_price as decimal(14, 4))
            * cast(line_items.quantity as decimal(14, 4)) as decimal(18, 4)
        ) as list_price,
        contracts.currency,
        contracts.first_day as contract_started_on,
        coalesce(cast(line_items.item_start as date), contracts.first_day)
            as started_on,
        coalesce(
            {{ add_days('cast(line_items.item_end as date)', days_after) }},
            contracts.day_after
        ) as ended_on,
        contracts.months,
        contracts.last_modified_date as updated_at,
        line_items.is_gone or contracts.is_gone as is_gone
    from contracts
    inner join line_items on contracts.opportunity_id = line_items.opportunity_id
    left join products on line_items.product_2_id = products.id
    {%- if families %}
    where products.family in ({{ text_list(families) }})
    {%- endif %}
),

of_opportunities as (
    select
        contracts.opportunity_id,
        cast(null as {{ dbt.type_string() }}) as line_item_id,
        contracts.account_id,
        contracts.contract_key,
        contracts.is_renewal,
        {{ 'contracts.plan' if plan_column else 'contracts.record_type' }} as plan,
        cast(round(contracts.seats) as bigint) as seats,
        cast(contracts.amount as decimal(18, 4)) as price,
        cast(null as decimal(18, 4)) as list_price,
        contracts.currency,
        contracts.first_day as contract_started_on,
        contracts.first_day as started_on,
        contracts.day_after as ended_on,
        contracts.months,
        contracts.last_modified_date as updated_at,
        contracts.is_gone
    from contracts
    left join with_items on contracts.opportunity_id = with_items.opportunity_id
    where with_items.opportunity_id is null
),

final as (
    select * from of_items
    union all
    select * from of_opportunities
)

select * from final

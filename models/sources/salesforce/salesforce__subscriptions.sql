-- Grain: one row per line item of a won opportunity, or opportunity without any, from
-- the start of its contract to its end or its renewal
-- (subscription_id, subscription_item_id, started_on).
{{ config(enabled=source_gives('salesforce', 'subscriptions')) }}
{% set amount_is = source_setting('salesforce', 'amount_is') %}
{% set missing = [] %}
{% for name in ['opportunity_types', 'contract_start_column', 'amount_is'] %}
{% if not source_setting('salesforce', name) %}{% do missing.append(name) %}{% endif %}
{% endfor %}
{% if not source_setting('salesforce', 'contract_end_column')
    and not source_setting('salesforce', 'term_months_column') %}
{% do missing.append('contract_end_column or term_months_column') %}
{% endif %}
{% if execute and missing %}
{{ exceptions.raise_compiler_error(
    "subscriptions come from salesforce, and an opportunity does not say by itself when"
    " its contract runs and what its amount pays for. Missing in source_settings:"
    " {salesforce: {…}}: " ~ missing | join(', ') ~ ". For example:"
    " {opportunity_types: [New Business, Renewal], contract_start_column:"
    " contract_start_c, contract_end_column: contract_end_c, amount_is: annual}."
    " See docs/sources/salesforce.md."
) }}
{% endif %}
{% if execute and amount_is not in ['annual', 'per_term'] %}
{{ exceptions.raise_compiler_error(
    "setting amount_is of salesforce is " ~ amount_is ~ ", and must be annual or"
    " per_term (var source_settings). See docs/sources/salesforce.md."
) }}
{% endif %}
{% set has_contracts = source_setting('salesforce', 'contract_column') %}
with items as (
    select
        *,
        coalesce(
            contract_key, {{ 'opportunity_id' if has_contracts else 'account_id' }}
        ) as renewed_by
    from {{ ref('salesforce_contract_items') }}
),

-- what a renewal replaces ends where the renewal starts, though it was sold for longer
renewals as (
    select distinct
        renewed_by,
        contract_started_on as renewed_on
    from items
    where is_renewal and not is_gone
),

renewed as (
    select
        items.opportunity_id,
        items.line_item_id,
        min(renewals.renewed_on) as renewed_on
    from items
    inner join renewals
        on
            items.renewed_by = renewals.renewed_by
            and items.contract_started_on < renewals.renewed_on
    group by items.opportunity_id, items.line_item_id
),

-- months of the term where the dates are whole months, else its days
counted as (
    select
        *,
        {{ month_number('ended_on') }} - {{ month_number('started_on') }}
            as calendar_months,
        {{ days_between('started_on', 'ended_on') }} as days
    from items
),

termed as (
    select
        *,
        case
            when
                calendar_months > 0
                and {{ add_months('started_on', 'calendar_months') }} = ended_on
                then cast(calendar_months as integer)
        end as whole_months
    from counted
),

{% set yearly = "case when whole_months is null then 365 else 12 end" %}
{% set term = "case when whole_months is null then days else whole_months end" %}
annual as (
    select
        *,
        {% for name in ['price', 'list_price'] %}
        {% if amount_is == 'per_term' -%}
        -- without a term the amount is unknown, and staging rejects the row
        case
            when ended_on <= started_on then null
            when {{ name }} < 0 then {{ name }}
            else {{ exact_ratio(name ~ ' * ' ~ yearly, term, 4) }}
        end as annual_{{ name }}
        {%- else -%}
        {{ name }} as annual_{{ name }}
        {%- endif %}{{ "," if not loop.last }}
        {%- endfor %}
    from termed
),

final as (
    select
        {% if has_contracts -%}
        coalesce(annual.contract_key, annual.opportunity_id) as subscription_id,
        coalesce(
            annual.line_item_id,
            case when annual.contract_key is not null then annual.opportunity_id end
        ) as subscription_item_id,
        {%- else -%}
        annual.opportunity_id as subscription_id,
        annual.line_item_id as subscription_item_id,
        {%- endif %}
        annual.account_id,
        annual.plan,
        'year' as billing_interval,
        annual.seats,
        annual.annual_price as amount,
        annual.annual_list_price as list_amount,
        annual.currency,
        annual.started_on,
        case
            when renewed.renewed_on < annual.ended_on or annual.ended_on is null
                then coalesce(renewed.renewed_on, annual.ended_on)
            else annual.ended_on
        end as ended_on,
        coalesce(annual.months, annual.whole_months) as term_months,
        annual.updated_at,
        annual.is_gone as _fivetran_deleted
    from annual
    left join renewed
        on
            annual.opportunity_id = renewed.opportunity_id
            and coalesce(annual.line_item_id, '') = coalesce(renewed.line_item_id, '')
)

select * from final

-- Grain: one row per account, month and currency (account_id, date_month, currency), by
-- what the invoices of a source billed and were paid for.
{{ config(materialized='table') }}
{% set text = dbt.type_string() %}
{% set models = [] %}
{% for source in sources_of('subscriptions') if source in ['stripe'] %}
{% do models.append(ref(source ~ '_invoiced_mrr')) %}
{% endfor %}
with invoiced as (
    {%- for model in models %}
    select
        account_id,
        date_month,
        mrr,
        mrr_credited,
        currency
    from {{ model }}
    union all
    {%- endfor %}
    select
        cast(null as {{ text }}) as account_id,
        cast(null as date) as date_month,
        cast(null as decimal(18, 4)) as mrr,
        cast(null as decimal(18, 4)) as mrr_credited,
        cast(null as {{ text }}) as currency
    where false
),

aliases as (
    {{ aliases_for('subscriptions') }}
),

final as (
    select
        coalesce(aliases.account_id, invoiced.account_id) as account_id,
        invoiced.date_month,
        invoiced.currency,
        cast(sum(invoiced.mrr) as decimal(18, 4)) as mrr,
        cast(sum(invoiced.mrr_credited) as decimal(18, 4)) as mrr_credited
    from invoiced
    left join aliases on invoiced.account_id = aliases.alias_id
    group by
        coalesce(aliases.account_id, invoiced.account_id),
        invoiced.date_month,
        invoiced.currency
)

select * from final

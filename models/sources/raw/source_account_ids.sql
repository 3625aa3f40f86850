-- Grain: one row per source and id of a company that it names (source, id), as the
-- source writes it; of tables of events none: they are counted by day later.
{% set tables = [] %}
{% for table in [
    'subscriptions', 'invoices', 'support_tickets', 'surveys', 'accounts', 'users',
] %}
{% for source in sources_of(table) %}
{% do tables.append((source, table)) %}
{% endfor %}
{% endfor %}
{% set moments = {
    'invoices': 'issued_on',
    'support_tickets': 'opened_at',
    'surveys': 'sent_at',
} %}
{% set text = dbt.type_string() %}
with named as (
    select
        source,
        alias_id as id,
        cast(null as date) as seen_on,
        0 as activity
    from {{ ref('source_identities') }}
    union all
    {%- for source, table in tables %}
    select
        '{{ source }}' as source,
        account_id as id,
        {% if moments.get(table) == 'issued_on' -%} issued_on
        {%- elif table in moments -%} {{ local_date(moments[table]) }}
        {%- else -%} cast(null as date)
        {%- endif %} as seen_on,
        {{ 1 if table in moments else 0 }} as activity
    from {{ ref(source ~ '__' ~ table) }}
    union all
    {%- endfor %}
    select
        cast(null as {{ text }}) as source,
        cast(null as {{ text }}) as id,
        cast(null as date) as seen_on,
        0 as activity
    where false
),

final as (
    select
        source,
        id,
        cast(sum(activity) as bigint) as activity,
        min(seen_on) as first_seen_on,
        max(seen_on) as last_seen_on
    from named
    where id is not null and (seen_on is null or seen_on <= {{ as_of_date() }})
    group by source, id
)

select * from final

-- Grain: one row per source, id of a company there, other id and domain (source,
-- alias_id, external_id, domain): what each source says of its companies.
{% set sources = identity_sources() %}
{% set text = dbt.type_string() %}
with final as (
    {%- for name in sources %}
    select distinct
        '{{ name }}' as source,
        alias_id,
        external_id,
        domain
    from {{ ref(name ~ '_identities') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        cast(null as {{ text }}) as source,
        cast(null as {{ text }}) as alias_id,
        cast(null as {{ text }}) as external_id,
        cast(null as {{ text }}) as domain
    where false
    {%- endfor %}
)

select * from final

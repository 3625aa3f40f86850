-- Grain: one row per raw row, with the first rule that it breaks.
{% set table = 'account_aliases' %}
{% set dependencies = [raw_table(table)] %}
{% if execute %}
{% set delivered = delivered_columns(table) %}
{% set sources = raw_tables() %}
{% for names in var('sources').values() %}
{% do sources.extend([names] if names is string else names) %}
{% endfor %}
with source as (
    select * from {{ delivered_rows(table) }}
),

cells as (
    {{ read_cells(table, delivered) }}
),

ranked as (
    {{ rank_by_key(table, delivered) }}
),

-- an alias is replaced in one step: it may not lead to another alias (rule 75)
checked as (
    select
        ranked.*,
        coalesce(
            {{ own_reason(table, delivered) }},
            case
                when ranked.source not in ('', '{{ sources | join("', '") }}')
                    then 'invalid_source'
                when leads_to.of_alias_id is not null then 'invalid_account_id'
            end
        ) as own_reason
    from ranked
    left join (
        select distinct
            source as of_source,
            alias_id as of_alias_id
        from ranked
        where set_aside_reason is null and key_rank = 1
    ) as leads_to
        on
            ranked.source = leads_to.of_source
            and ranked.account_id = leads_to.of_alias_id
),

final as (
    select {{ validated_columns(table, delivered, 'own_reason') }}
    from checked
)

select * from final
{% endif %}

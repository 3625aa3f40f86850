{#- A select of the account of each alias in a raw table (rule 75): an alias of the
    table itself takes precedence over one of its source (var sources), and that over one
    of all tables. -#}
{% macro aliases_for(table) -%}
    {%- set sources = var('sources').get(table, []) -%}
    {%- set sources = [sources] if sources is string else sources -%}
    select
        alias_id,
        min_by(
            account_id,
            case source when '{{ table }}' then 0 when '' then 2 else 1 end
        ) as account_id
    from {{ ref('stg_account_aliases') }}
    where source in ('', '{{ ([table] + sources) | join("', '") }}')
    group by alias_id
{%- endmacro %}

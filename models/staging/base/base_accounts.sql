-- Grain: one row per raw row, with the first rule that it breaks.
{% set table = 'accounts' %}
{% set dependencies = [raw_table(table), ref('stg_account_aliases')] %}
{% if execute %}
{% set delivered = delivered_columns(table) %}
with source as (
    select * from {{ delivered_rows(table) }}
),

read as (
    {{ read_cells(table, delivered) }}
),

-- a row of an account that was merged into another that has a row of its own (rule 75)
cells as (
    select
        {%- for column in raw_contract(table).columns %}
        read.raw_{{ column.name }},
        read.{{ column.name }},
        {%- endfor %}
        read.updated_at,
        coalesce(
            read.set_aside_reason,
            case
                when {{ as_text("read.raw_account_id", delivered.get("account_id", "text")) }} <> read.account_id and owners.account_id is not null
                    then 'merged_account'
            end
        ) as set_aside_reason
    from read
    left join (
        select distinct {{ as_text('raw_account_id', delivered.get('account_id', 'text')) }}
            as account_id
        from read
        where set_aside_reason is null
    ) as owners
        on read.account_id = owners.account_id
),

ranked as (
    {{ rank_by_key(table, delivered) }}
),

checked as (
    select
        *,
        {{ own_reason(table, delivered) }} as own_reason
    from ranked
),

final as (
    select {{ validated_columns(table, delivered, 'own_reason') }}
    from checked
)

select * from final
{% endif %}

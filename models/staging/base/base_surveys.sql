-- Grain: one row per raw row, with the first rule that it breaks.
{% set table = 'surveys' %}
{% set dependencies = [raw_table(table), ref('stg_account_aliases')] %}
{% set accounts = ref('base_accounts') %}
{% set users = ref('base_users') %}
{% if execute %}
{% set delivered = delivered_columns(table) %}
{% set has_responded_at = 'responded_at' in delivered %}
with source as (
    select
        *
        {%- if not has_responded_at %},
        -- an export without answer timestamps: a score counts as answered when the
        -- survey was sent (rule 4)
        case when {{ raw_cell('score', {'name': 'score'}, delivered) }} is not null
            then sent_at
        end as responded_at
        {%- do delivered.update({'responded_at': delivered.sent_at}) %}
        {%- endif %}
    from {{ delivered_rows(table) }}
),

cells as (
    {{ read_cells(table, delivered) }}
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

related as (
    {{ relation_reason(
        table,
        'checked',
        accounts=accounts,
        users=users
    ) }}
),

final as (
    select {{ validated_columns(table, delivered, 'coalesce(own_reason, relation_reason)') }}
    from related
)

select * from final
{% endif %}

{#-
    The rows of the open days with `key_rank`, as rank_by_key has it, but that a key of an
    older row is taken: of older rows the keys alone are read.

        rows              raw rows
        order_by          the first sort criterion
        open_conditions   when a row is returned: conditions that exclude each other
        final_keys_have_blanks  whether older keys must be trimmed. If not, those that may
                          match are looked up as delivered: a scan skips the parts of
                          files whose smallest and largest key rule them out
-#}
{% macro rank_open_rows(table, delivered, rows, order_by, open_conditions, final_keys_have_blanks) -%}
    {%- set key = key_texts(table, delivered, false) -%}
    with open_rows as (
        {%- for condition in open_conditions %}
        {{ "union all " if not loop.first }}select * from {{ rows }} as delivered where {{ condition }}
        {%- endfor %}
    ),

    -- whether an older row has the key. Grouped, so that a planner that knows no number
    -- of rows makes its hash table of the open rows
    taken_keys as (
        select
            {%- for part in key %}
            {{ part }} as key_{{ loop.index }},
            {%- endfor %}
            count(*) - {% for condition in open_conditions -%}
            count(*) filter (where {{ condition }}){{ " - " if not loop.last }}
            {%- endfor %} as older_rows
        from {{ rows }} as delivered
        where
            {%- if final_keys_have_blanks %}
            {{ row_hash(key) }} in (select {{ row_hash(key) }} from open_rows as delivered)
            {%- else %}
            {%- for column in raw_contract(table).columns if column.name in raw_contract(table).key %}
            {{ "and " if not loop.first }}delivered.{{ column.name }} in (
                select {{ raw_cell('delivered.' ~ column.name, column, delivered) | trim }}
                from open_rows as delivered
            )
            {%- endfor %}
            {%- endif %}
        group by {% for part in key %}{{ part }}{{ ", " if not loop.last }}{% endfor %}
    )

    select
        delivered.*,
        {{ number_within_key(table, delivered, key, false, order_by) }} + case when taken_keys.older_rows > 0 then 1 else 0 end as key_rank
    from open_rows as delivered
    left join taken_keys
        on
            {%- for part in key %}
            {{ "and " if not loop.first }}{{ part }}
                is not distinct from taken_keys.key_{{ loop.index }}
            {%- endfor %}
{%- endmacro %}

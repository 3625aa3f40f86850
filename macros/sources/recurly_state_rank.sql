{#- The place of a state among those of an item's day, 1 for the one that counts: that with
    the highest rank, then the latest. -#}
{% macro recurly_state_rank() -%}
    row_number() over (
        partition by subscription_id, item_id, started_on
        order by state_rank desc, known_at desc nulls last, quantity desc, unit_amount desc
    )
{%- endmacro %}

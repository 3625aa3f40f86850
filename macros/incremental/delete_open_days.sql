{#- Pre-hook: deletes the open days, which are then inserted again. Rows without a day
    are reprocessed each time. -#}
{% macro delete_open_days(table) %}
    {% if is_incremental() %}
        {{ delete_from_day(this, first_open_day(table)) }}
    {% endif %}
{% endmacro %}

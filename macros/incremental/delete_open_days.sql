{#- Pre-hook: deletes the open days, which are then inserted again. Rows without a day
    are reprocessed each time. -#}
{% macro delete_open_days(table) %}
    {% if is_incremental() %}
        {% set open_from = first_open_day(table) %}
        delete from {{ this }}
        {%- if open_from %} where date_day >= date '{{ open_from }}' or date_day is null {%- endif %}
    {% endif %}
{% endmacro %}

{#- First day to reprocess, as ISO text; none: all of them. -#}
{% macro first_open_day(table) %}
    {% set last = run_query(
        "select min(input_fingerprint), max(input_fingerprint), "
        ~ add_days('least(max(validated_as_of), ' ~ as_of_date() ~ ')', -var('late_arrival_days'))
        ~ " from " ~ this
    ).rows[0] %}
    {% if last[0] == input_fingerprint(table) and last[1] == last[0] %}
        {% do return(first_reprocessed_day(last[2] | string)) %}
    {% endif %}
    {% do return(none) %}
{% endmacro %}

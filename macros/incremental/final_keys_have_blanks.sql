{#- Whether a key of a final day was delivered with blanks around it. If none was, keys are
    compared as delivered, so that a scan can skip parts of files by their smallest and
    largest key. True for a table that an older version of the model wrote. -#}
{% macro final_keys_have_blanks(open_from) %}
    {% set columns = adapter.get_columns_in_relation(this) | map(attribute='name') %}
    {% if 'keys_with_blanks' not in columns %}
        {% do return(true) %}
    {% endif %}
    {% set found = run_query(
        'select coalesce(max(keys_with_blanks), 0) from ' ~ this
        ~ " where date_day < date '" ~ open_from ~ "'"
    ).rows[0][0] %}
    {% do return(found > 0) %}
{% endmacro %}

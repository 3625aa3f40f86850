{#-
    Incremental days. A day is final once it is more than late_arrival_days before
    as_of_date; until then each build computes it again, so that late events and
    corrections count as they would in a full refresh. What changes earlier days needs
    --full-refresh; test older_days_are_unchanged notices it.
-#}

{#- What the days were made from: another input, time zone or mapping starts anew. -#}
{% macro input_fingerprint() -%}
    {{ return(local_md5([
        raw_location(),
        raw_database_place(),
        var('raw_schema'),
        var('raw_columns') | string,
        var('absent_tables') | string,
        var('reporting_timezone'),
    ] | join('|'))) }}
{%- endmacro %}


{#- First day that is computed again, as a SQL literal. -#}
{% macro first_open_day() %}
    {% set last = run_query(
        "select min(made_from), max(made_from), "
        ~ add_days('least(max(made_as_of), ' ~ as_of_date() ~ ')', -var('late_arrival_days'))
        ~ " from " ~ this
    ).rows[0] %}
    {% if last[0] == input_fingerprint() and last[1] == last[0] %}
        {% do return("date '" ~ last[2] ~ "'") %}
    {% endif %}
    {% do return("date '0001-01-01'") %}
{% endmacro %}


{#- Pre-hook: the open days go, and come back as they are now. -#}
{% macro delete_open_days() %}
    {% if is_incremental() %}
        delete from {{ this }} where date_day >= {{ first_open_day() }}
    {% endif %}
{% endmacro %}

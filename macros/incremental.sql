{#-
    Incremental event days. A day is final once it is more than late_arrival_days before
    as_of_date; until then each build reprocesses it, so that late events and
    corrections count as in a full refresh. Changes to earlier days need --full-refresh;
    test event_days_are_complete detects them. A key that repeats one of a final day is
    a duplicate: the row that already counts keeps it (docs/decisions/).
-#}

{#- Fingerprint of the inputs of the days: another input, rule, time zone or mapping
    rebuilds from scratch. -#}
{% macro input_fingerprint(table) -%}
    {{ return(local_md5([
        raw_origin(),
        var('raw_schema'),
        var('raw_columns') | string,
        var('absent_tables') | string,
        var('reporting_timezone'),
        raw_contract(table) | string,
        var('raw_filters') | string,
        var('soft_delete_columns') | string,
        var('unknown_ids'),
        var('sources') | string,
        var('source_settings') | string,
        aliases_fingerprint(),
        var('address_ids'),
        salt_fingerprint() if var('address_ids') == 'hash' else '',
    ] | join('|'))) }}
{%- endmacro %}


{#- Tells one salt from another: with a new one, ids of closed days would join no more. A
    part of a hash, so that compiled SQL gives no salt away. -#}
{% macro salt_fingerprint() %}
    {% set hash = sha256_hex(email_hash_salt() ~ " || ' of ids'") %}
    {% do return(run_query('select substr(' ~ hash ~ ', 1, 8)').rows[0][0]) %}
{% endmacro %}


{#- First day to reprocess, as ISO text; none: all of them. -#}
{% macro first_open_day(table) %}
    {% set last = run_query(
        "select min(input_fingerprint), max(input_fingerprint), "
        ~ add_days('least(max(validated_as_of), ' ~ as_of_date() ~ ')', -var('late_arrival_days'))
        ~ " from " ~ this
    ).rows[0] %}
    {% if last[0] == input_fingerprint(table) and last[1] == last[0] %}
        {% do return(last[2] | string) %}
    {% endif %}
    {% do return(none) %}
{% endmacro %}


{#- Pre-hook: deletes the open days, which are then inserted again. Rows without a day
    are reprocessed each time. -#}
{% macro delete_open_days(table) %}
    {% if is_incremental() %}
        {% set open_from = first_open_day(table) %}
        delete from {{ this }}
        {%- if open_from %} where date_day >= date '{{ open_from }}' or date_day is null {%- endif %}
    {% endif %}
{% endmacro %}

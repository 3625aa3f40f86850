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

{#- Tells one state of account_aliases from another: final days hold the accounts that the
    aliases gave. Of the raw table, which is there before any model. -#}
{% macro aliases_fingerprint() %}
    {% set columns = delivered_columns('account_aliases').keys() | sort %}
    {% do return(run_query(
        'select cast(coalesce(sum(cast(' ~ row_hash(columns) | trim
        ~ ' as decimal(38, 0))), 0) as ' ~ dbt.type_string() ~ ')'
        ~ ' from ' ~ raw_table('account_aliases')
    ).rows[0][0]) %}
{% endmacro %}

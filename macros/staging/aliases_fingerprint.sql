{#- Tells one state of account_aliases from another: final days hold the accounts that the
    aliases gave. Empty before the first build. -#}
{% macro aliases_fingerprint() %}
    {% set aliases = ref('stg_account_aliases') %}
    {% if not load_relation(aliases) %}
        {% do return('') %}
    {% endif %}
    {% do return(run_query(
        'select cast(coalesce(sum(cast(' ~ row_hash(['source', 'alias_id', 'account_id']) | trim
        ~ ' as decimal(38, 0))), 0) as ' ~ dbt.type_string() ~ ')'
        ~ ' from ' ~ aliases
    ).rows[0][0]) %}
{% endmacro %}

{#- The salt of e-mail hashes. Provided by the engine, so that it is in no compiled SQL,
    log or artifact: on DuckDB by pipeline/raw/dbt_plugin.py. -#}
{% macro email_hash_salt() -%}
    {{ return(adapter.dispatch('email_hash_salt')()) }}
{%- endmacro %}

{% macro duckdb__email_hash_salt() -%}
    (select salt from email_hash.main.salts)
{%- endmacro %}

{#- Spark's parser puts the variable in: dbt's files have its name alone. Where it is not
    set, the parser leaves the text as it is. -#}
{% macro spark__email_hash_salt() -%}
    nullif(nullif('${env:EMAIL_HASH_SALT}', concat('$', '{env:EMAIL_HASH_SALT}')), '')
{%- endmacro %}

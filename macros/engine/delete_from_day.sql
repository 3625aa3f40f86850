{#- Statement of a hook: deletes a table's rows from a day on (ISO text; none: all rows),
    and those without a day. -#}
{% macro delete_from_day(relation, day) %}
    {{ return(adapter.dispatch('delete_from_day')(relation, day)) }}
{% endmacro %}

{% macro duckdb__delete_from_day(relation, day) -%}
    delete from {{ relation }}
    {%- if day %} where date_day >= date '{{ day }}' or date_day is null {%- endif %}
{%- endmacro %}

{#- Whole months: a table of files has no delete. They are partitions, and the day is the
    first of one (first_reprocessed_day). -#}
{% macro spark__delete_from_day(relation, day) -%}
    {%- if execute -%}
    {%- for row in run_query('show partitions ' ~ relation) -%}
        {%- set month = row[0].partition('=')[2] -%}
        {%- set has_day = month[:1] != '_' -%}
        {%- if not (day and has_day and month < day) -%}
            {%- call statement('drop_month') -%}
    alter table {{ relation }} drop if exists
    partition (date_month = {{ "date '" ~ month ~ "'" if has_day else 'null' }})
            {%- endcall -%}
        {%- endif -%}
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- The as-of date of all metrics, as a SQL literal: var as_of_date, else AS_OF_DATE,
    else the demo's last day, else the day the run started, in the reporting time zone.
    -#}
{% macro as_of_date() -%}
    {%- set given = var('as_of_date') or env_var('AS_OF_DATE', '') -%}
    {%- if given -%}
        {%- if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', given | string) -%}
            {{ exceptions.raise_compiler_error(
                "as_of_date is '" ~ given ~ "': expected a date like 2026-09-20"
            ) }}
        {%- endif -%}
        date '{{ given }}'
    {%- elif uses_demo_data() -%}
        date '{{ var("demo_as_of_date") }}'
    {%- else -%}
        {%- set zone = modules.pytz.timezone(var('reporting_timezone')) -%}
        date '{{ run_started_at.astimezone(zone).strftime("%Y-%m-%d") }}'
    {%- endif -%}
{%- endmacro %}

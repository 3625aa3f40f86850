{#- Dates: what differs between engines. Results are dates, never timestamps. -#}

{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days')(date, days)) }}
{%- endmacro %}

{% macro duckdb__add_days(date, days) -%}
    cast({{ date }} + cast({{ days }} as integer) as date)
{%- endmacro %}


{#- The same day of a later month, or that month's last day: 31 Jan + 1 is 28 or 29 Feb. -#}
{% macro add_months(date, months) -%}
    {{ return(adapter.dispatch('add_months')(date, months)) }}
{%- endmacro %}

{% macro duckdb__add_months(date, months) -%}
    cast({{ date }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}


{#- Days from one date to a later one. -#}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between')(earlier, later)) }}
{%- endmacro %}

{% macro duckdb__days_between(earlier, later) -%}
    date_diff('day', {{ earlier }}, {{ later }})
{%- endmacro %}


{#- Hours after a moment. -#}
{% macro add_hours(timestamp, hours) -%}
    {{ return(adapter.dispatch('add_hours')(timestamp, hours)) }}
{%- endmacro %}

{% macro duckdb__add_hours(timestamp, hours) -%}
    ({{ timestamp }} + to_hours(cast({{ hours }} as integer)))
{%- endmacro %}


{#- The day of a UTC moment in the reporting time zone. -#}
{% macro local_date(timestamp) -%}
    {{ return(adapter.dispatch('local_date')(timestamp)) }}
{%- endmacro %}

{% macro duckdb__local_date(timestamp) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
    cast({{ timestamp }} as date)
    {%- else -%}
    cast(timezone('{{ var("reporting_timezone") }}', timezone('UTC', {{ timestamp }})) as date)
    {%- endif -%}
{%- endmacro %}


{#- From-clause item: a row per day (or first of a month) from one date to another, both
    included, as `spine(date_day)`. No row where either is null. -#}
{% macro date_spine(first, last, unit='day') -%}
    {{ return(adapter.dispatch('date_spine')(first, last, unit)) }}
{%- endmacro %}

{% macro duckdb__date_spine(first, last, unit) -%}
    (
        select cast(unnest(generate_series(
            cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval 1 {{ unit }}
        )) as date) as date_{{ unit }}
    )
{%- endmacro %}


{% macro month_of(date) -%}
    cast(date_trunc('month', {{ date }}) as date)
{%- endmacro %}


{#- Months since year 0: differences of it are calendar months. -#}
{% macro month_number(date) -%}
    (extract(year from {{ date }}) * 12 + extract(month from {{ date }}))
{%- endmacro %}

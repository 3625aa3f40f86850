{#- One decimal divided by another, rounded half up once, to a number of places. It is
    exact because it divides whole numbers; DuckDB divides decimals as doubles. Neither
    may be negative; up to 12 places of each are used. Null where the denominator is
    zero. The result is a decimal(18, places). -#}
{% macro exact_ratio(numerator, denominator, places) -%}
    {{ return(adapter.dispatch('exact_ratio')(numerator, denominator, places)) }}
{%- endmacro %}

{% macro duckdb__exact_ratio(numerator, denominator, places) -%}
    {%- set n = duckdb__units(numerator) -%}
    {%- set d = duckdb__units(denominator) -%}
    cast(
        cast(
            (2 * {{ n }} * {{ 10 ** places }} + {{ d }}) // (2 * nullif({{ d }}, 0))
            as decimal(38, 0)
        ) * {{ '1' if places == 0 else '0.' ~ '0' * (places - 1) ~ '1' }}
        as decimal(18, {{ places }})
    )
{%- endmacro %}

{#- Whole numbers of 38 digits are decimals here, whose division rounds: what is divided is
    a multiple of the divisor. -#}
{% macro spark__exact_ratio(numerator, denominator, places) -%}
    {%- set n = spark__units(numerator) -%}
    {%- set d = spark__units(denominator) -%}
    {%- set doubled = '(2 * ' ~ n ~ ' * ' ~ 10 ** places ~ ' + ' ~ d ~ ')' -%}
    {%- set divisor = '(2 * nullif(' ~ d ~ ', 0))' -%}
    cast(
        cast(({{ doubled }} - {{ doubled }} % {{ divisor }}) / {{ divisor }} as decimal(38, 0))
        * {{ '1' if places == 0 else '0.' ~ '0' * (places - 1) ~ '1' }}
        as decimal(18, {{ places }})
    )
{%- endmacro %}

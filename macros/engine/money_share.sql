{#- Money times one whole number and over another, rounded half up to four decimals: what
    an amount for 3 seats is for 5. Exact, by whole numbers of the fourth decimal. No
    argument may be negative, and the divisor not zero. Null where the result has more than
    14 digits before the point. -#}
{% macro money_share(money, multiplier, divisor) -%}
    {{ return(adapter.dispatch('money_share')(money, multiplier, divisor)) }}
{%- endmacro %}

{% macro duckdb__money_share(money, multiplier, divisor) -%}
    try_cast(
        try_cast(
            (
                2 * cast(cast({{ money }} as decimal(38, 4)) * 10000 as hugeint) * {{ multiplier }}
                + {{ divisor }}
            ) // (2 * cast({{ divisor }} as hugeint))
            as decimal(38, 0)
        ) * 0.0001 as decimal(18, 4)
    )
{%- endmacro %}

{#- As in exact_ratio: the division has no remainder. -#}
{% macro spark__money_share(money, multiplier, divisor) -%}
    {%- set units = 'cast(' ~ money ~ ' * 10000 as decimal(38, 0))' -%}
    {%- set doubled = '(2 * ' ~ units ~ ' * ' ~ multiplier ~ ' + ' ~ divisor ~ ')' -%}
    {%- set twice = 'cast(2 * ' ~ divisor ~ ' as decimal(38, 0))' -%}
    try_cast(
        try_cast(({{ doubled }} - {{ doubled }} % {{ twice }}) / {{ twice }} as decimal(38, 0))
        * 0.0001 as decimal(18, 4)
    )
{%- endmacro %}

{#- A decimal as a whole number of units of 10^-12. Integer and fractional parts are
    scaled separately: a decimal of 12 places would overflow for large values. -#}
{% macro duckdb__units(decimal) -%}
    {%- set exact = 'cast(' ~ decimal ~ ' as decimal(38, 12))' -%}
    (
        cast(floor({{ exact }}) as hugeint) * {{ 10 ** 12 }}
        + cast(({{ exact }} - floor({{ exact }})) * {{ 10 ** 12 }} as hugeint)
    )
{%- endmacro %}

{#- No hugeint here: a decimal of 38 digits. -#}
{% macro spark__units(decimal) -%}
    cast(cast({{ decimal }} as decimal(38, 12)) * {{ 10 ** 12 }} as decimal(38, 0))
{%- endmacro %}

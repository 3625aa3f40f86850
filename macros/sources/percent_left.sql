{#- What percentages of several coupons leave of 100: they multiply. `taken_off` is a
    column that says what a discount is taken off; one of 100% has no logarithm. -#}
{% macro percent_left(of) -%}
    {%- set percent = "case when taken_off = '" ~ of ~ "' then percent_off end" -%}
    case
        when max({{ percent }}) >= 100 then 0
        else cast(
            round(
                100 * exp(sum(ln(nullif(
                    1 - cast(coalesce({{ percent }}, 0) as double) / 100, 0
                )))),
                6
            ) as decimal(9, 6)
        )
    end
{%- endmacro %}

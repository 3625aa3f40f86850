{#- A bound, 'lower' or 'upper', of a proportion's Wilson interval, at 95% unless another
    z is given: clipped to 0..1;
    null with a zero denominator. Wilson, JASA 22 (1927). -#}
{% macro wilson_bound(successes, trials, bound, z=none) -%}
    {%- set n = 'nullif(cast(' ~ trials ~ ' as double), 0)' -%}
    {%- set share = 'cast(' ~ successes ~ ' as double) / ' ~ n -%}
    {%- set z = z or z_95() | trim -%}
    case
        when {{ trials }} > 0 and {{ successes }} = {{ 0 if bound == 'lower' else trials }}
            then {{ '0e0' if bound == 'lower' else '1e0' }}
        when {{ trials }} > 0
            then {{ 'greatest(0e0' if bound == 'lower' else 'least(1e0' }}, (
                {{ share }} + {{ z }} * {{ z }} / (2 * {{ n }})
                {{ '-' if bound == 'lower' else '+' }} {{ z }} * sqrt(
                    {{ share }} * (1 - {{ share }}) / {{ n }}
                    + {{ z }} * {{ z }} / (4 * {{ n }} * {{ n }})
                )
            ) / (1 + {{ z }} * {{ z }} / {{ n }}))
    end
{%- endmacro %}

{#- The probability that a standard normal variable exceeds z >= 0, to about 1e-14 of its
    value. Hart et al., Computer Approximations (1968), algorithm 5666, as given by West,
    Wilmott Magazine (May 2005). -#}
{% macro normal_tail(z) -%}
    {%- set numerator = [
        '3.52624965998911e-2', '0.700383064443688e0', '6.37396220353165e0',
        '33.912866078383e0', '112.079291497871e0', '221.213596169931e0',
        '220.206867912376e0',
    ] -%}
    {%- set denominator = [
        '8.83883476483184e-2', '1.75566716318264e0', '16.064177579207e0',
        '86.7807322029461e0', '296.564248779674e0', '637.333633378831e0',
        '793.826512519948e0', '440.413735824752e0',
    ] -%}
    case
        when {{ z }} > 37 then 0e0
        when {{ z }} < 7.07106781186547e0
            then exp(-{{ z }} * {{ z }} / 2)
                * {{ horner(numerator, z) }} / {{ horner(denominator, z) }}
        else exp(-{{ z }} * {{ z }} / 2) / 2.506628274631e0 / (
            {{ z }} + 1 / ({{ z }} + 2 / ({{ z }} + 3 / ({{ z }} + 4 / ({{ z }} + 0.65e0))))
        )
    end
{%- endmacro %}

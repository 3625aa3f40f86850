{#- A bound of NPS's adjusted-Wald 95% interval (rule 14), in points, clipped to
    -100..100; null with a zero denominator. -#}
{% macro nps_bound(promoters, detractors, responses, bound) -%}
    {%- set n = '(nullif(cast(' ~ responses ~ ' as double), 0) + 3)' -%}
    {%- set p = '((' ~ promoters ~ ' + 0.75e0) / ' ~ n ~ ')' -%}
    {%- set d = '((' ~ detractors ~ ' + 0.75e0) / ' ~ n ~ ')' -%}
    {%- set spread = z_95() ~ ' * sqrt((' ~ p ~ ' + ' ~ d ~ ' - (' ~ p ~ ' - ' ~ d ~ ') * ('
        ~ p ~ ' - ' ~ d ~ ')) / ' ~ n ~ ')' -%}
    case
        when {{ responses }} > 0
            then {{ 'greatest(-100e0, ' if bound == 'lower' else 'least(100e0, ' }}100 * (({{ p }} - {{ d }}) {{ '-' if bound == 'lower' else '+' }} {{ spread }}))
    end
{%- endmacro %}

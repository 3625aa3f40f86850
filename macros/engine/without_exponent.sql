{#- 6.2e-05 as 0.000062, 1e+20 as 100000000000000000000: the same digits without an
    exponent. -#}
{% macro without_exponent(text) -%}
    {%- set form = '^(-?)([0-9])[.]?([0-9]*)e([+-][0-9]+)$' -%}
    {%- set sign = "regexp_extract(" ~ text ~ ", '" ~ form ~ "', 1)" -%}
    {%- set digits = "regexp_replace(" ~ text ~ ", '" ~ form ~ "', '\\2\\3')" -%}
    {%- set exponent = "try_cast(regexp_extract(" ~ text ~ ", '" ~ form ~ "', 4) as integer)" -%}
    case
        when not contains({{ text }}, 'e') then {{ text }}
        when not regexp_matches({{ text }}, '{{ form }}') then {{ text }}
        when {{ exponent }} < 0
            then {{ sign }} || '0.' || repeat('0', -{{ exponent }} - 1) || {{ digits }}
        else {{ sign }} || rpad({{ digits }}, {{ exponent }} + 1, '0')
    end
{%- endmacro %}

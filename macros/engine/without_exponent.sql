{#- 6.2e-05 as 0.000062, 1e+20 as 100000000000000000000: the same digits without an
    exponent. -#}
{% macro without_exponent(text) -%}
    {{ return(adapter.dispatch('without_exponent')(text)) }}
{%- endmacro %}

{% macro duckdb__without_exponent(text) -%}
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

{#- Java writes 1.0E7 and 6.2E-5, and the zeros of a decimal as 0E-8. DuckDB's text of a
    double has a point below 1e16, and none above. -#}
{% macro spark__without_exponent(text) -%}
    {%- set form = '^(-?)([0-9])(?:[.]([0-9]+))?E(-?[0-9]+)$' -%}
    {%- set sign = "regexp_extract(" ~ text ~ ", r'" ~ form ~ "', 1)" -%}
    {%- set exponent = "cast(regexp_extract(" ~ text ~ ", r'" ~ form ~ "', 4) as int)" -%}
    {%- set digits = "regexp_replace(regexp_replace(" ~ text ~ ", r'[.]0E', 'E'), r'" ~ form ~ "', '$2$3')" -%}
    case
        when not {{ text }} rlike r'{{ form }}' then {{ text }}
        when {{ exponent }} < 0
            then {{ sign }} || '0.' || repeat('0', -{{ exponent }} - 1) || {{ digits }}
        when length({{ digits }}) > {{ exponent }} + 1
            then {{ sign }} || substr({{ digits }}, 1, {{ exponent }} + 1)
                || '.' || substr({{ digits }}, {{ exponent }} + 2)
        else {{ sign }} || rpad({{ digits }}, {{ exponent }} + 1, '0')
            || case when {{ exponent }} < 16 then '.0' else '' end
    end
{%- endmacro %}

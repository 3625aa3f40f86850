{#- The decimal that a double is meant to be; `form` has its digits. -#}
{% macro read_double(raw, form) -%}
    {{ return(adapter.dispatch('read_double')(raw, form)) }}
{%- endmacro %}

{% macro duckdb__read_double(raw, form) -%}
    case
        when abs({{ raw }}) < 1000000 then try_cast({{ raw }} as decimal({{ form }}))
        when isfinite({{ raw }}) then {{ parse_decimal(as_text(raw, 'double'), form) }}
    end
{%- endmacro %}

{% macro spark__read_double(raw, form) -%}
    {{ parse_decimal(as_text(raw, 'double'), form) }}
{%- endmacro %}

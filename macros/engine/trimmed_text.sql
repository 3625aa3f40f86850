{#- A text, trimmed; null where nothing is left. Most cells need no trimming, which is cheap to
    detect. -#}
{% macro trimmed_text(expression) -%}
    {{ return(adapter.dispatch('trimmed_text')(expression)) }}
{%- endmacro %}

{% macro duckdb__trimmed_text(expression) -%}
    case
        when
            ascii({{ expression }}) between 33 and 126
            and ascii({{ expression }}[-1]) between 33 and 126
            then {{ expression }}
        else nullif(trim({{ expression }}, e' \t\n\r\f' || chr(11) || chr(160) || chr(65279)), '')
    end
{%- endmacro %}

{#- Not '\f': on Spark that is the letter f. -#}
{% macro spark__trimmed_text(expression) -%}
    nullif(trim(both ' \t\n\r\u000C\u000B\u00A0\uFEFF' from {{ expression }}), '')
{%- endmacro %}

{#- The texts of a setting as a list in SQL; a setting may be one text or several. -#}
{% macro text_list(texts) -%}
    {%- for text in ([texts] if texts is string else texts) -%}
    '{{ text | string | replace("'", "''") }}'{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

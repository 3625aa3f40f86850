{#- Var placeholder_ids, as SQL literals in lower case. -#}
{% macro placeholder_list() -%}
    '{{ var("placeholder_ids") | map("lower") | join("', '") }}'
{%- endmacro %}

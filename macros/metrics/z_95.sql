{#- z of a 95% interval (rule 13). -#}
{% macro z_95() -%} 1.959963984540054e0 {%- endmacro %}

{#- Whether a visitor of Pendo is a user of the product: Pendo gives browsers without
    one an id of its own with this beginning. -#}
{% macro is_pendo_user(visitor_id) -%}
    substr({{ visitor_id }}, 1, 9) <> '_PENDO_T_'
{%- endmacro %}

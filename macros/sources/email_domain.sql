{#- The domain of an e-mail address in lower case; empty where there is none. -#}
{% macro email_domain(email) -%}
    lower(split_part({{ email }}, '@', 2))
{%- endmacro %}

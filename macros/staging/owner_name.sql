{#- Who looks after an account, as published: of an e-mail address only the part before the @,
    unless var publish_owner_addresses says otherwise. -#}
{% macro owner_name(owner) -%}
    {%- if var('publish_owner_addresses') -%} {{ owner }}
    {%- else -%} {{ without_domains(owner) }}
    {%- endif -%}
{%- endmacro %}

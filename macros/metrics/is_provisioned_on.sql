{#- True where a user is provisioned on a day: created by then, and not yet deactivated
    (rule 42). -#}
{% macro is_provisioned_on(users, date) -%}
    {{ users }}.created_on <= {{ date }}
    and coalesce({{ users }}.deactivated_on, {{ no_end_date() }}) > {{ date }}
{%- endmacro %}

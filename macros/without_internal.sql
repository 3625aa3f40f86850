{#- Leaves out the rows of internal accounts, and of internal users wherever they act.
    For the from clause of a CTE. -#}
{% macro without_internal(rows, by_user=true) -%}
    left join {{ ref('int_internal_accounts') }} as internal_accounts
        on {{ rows }}.account_id = internal_accounts.account_id
    {%- if by_user %}
    left join {{ ref('int_users_unfiltered') }} as internal_users
        on {{ rows }}.user_id = internal_users.user_id and internal_users.is_internal
    {%- endif %}
    where
        internal_accounts.account_id is null
        {%- if by_user %}
        and internal_users.user_id is null
        {%- endif %}
{%- endmacro %}

{#- The domain of an e-mail address as the id of a company; null where the domain gives
    addresses to anybody. `free_domain` is the column of a left join of
    free_email_domains on the address's domain. -#}
{% macro company_domain(email, free_domain) -%}
    case
        when {{ free_domain }} is null then nullif({{ email_domain(email) }}, '')
    end
{%- endmacro %}

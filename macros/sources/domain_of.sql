{#- The domain of an address of a web site: lower case, without scheme, www., port and
    path; null where there is none. -#}
{% macro domain_of(address) -%}
    {%- set plain = "replace(replace(lower(trim(" ~ address ~ ")), 'https://', ''), 'http://', '')" -%}
    {%- set host = "split_part(split_part(" ~ plain ~ ", '/', 1), ':', 1)" -%}
    nullif(
        case
            when {{ host }} like 'www.%' then substr({{ host }}, 5)
            else {{ host }}
        end,
        ''
    )
{%- endmacro %}

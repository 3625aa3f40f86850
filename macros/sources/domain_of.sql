{#- The domain of a web address or domain, in lower case, without www.; null where there
    is none. -#}
{% macro domain_of(address) -%}
    {%- set ns = namespace(host='lower(trim(' ~ address ~ '))') -%}
    {%- for scheme in ['https://', 'http://'] -%}
        {%- set ns.host = 'replace(' ~ ns.host ~ ", '" ~ scheme ~ "', '')" -%}
    {%- endfor -%}
    {%- for end in ['/', '?', ':'] -%}
        {%- set ns.host = 'split_part(' ~ ns.host ~ ", '" ~ end ~ "', 1)" -%}
    {%- endfor -%}
    nullif(
        case
            when {{ ns.host }} like 'www.%' then substr({{ ns.host }}, 5)
            else {{ ns.host }}
        end,
        ''
    )
{%- endmacro %}

{#- The domain of a web address or domain, in lower case, without www.; null where there
    is none. -#}
{% macro domain_of(address) -%}
    {%- set host -%}
    split_part(split_part(split_part(replace(replace(lower(trim({{ address }})), 'https://', ''), 'http://', ''), '/', 1), '?', 1), ':', 1)
    {%- endset -%}
    nullif(case when {{ host }} like 'www.%' then substr({{ host }}, 5) else {{ host }} end, '')
{%- endmacro %}

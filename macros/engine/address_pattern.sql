{#- The regular expression of an e-mail address; pipeline/addresses.py has the same. -#}
{% macro address_pattern() -%}
    ([^\s@\x{FF20}])(@|\x{FF20}|%40)([\p{L}\p{N}_-]+[.])+\p{L}[\p{L}\p{N}-]+
{%- endmacro %}
